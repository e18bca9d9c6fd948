//! The program's commands, as a bank's engineer runs them.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

struct Shell {
    folder: tempfile::TempDir,
}

struct Ran {
    code: i32,
    out: String,
    err: String,
}

impl Shell {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    fn run(&self, args: &[&str]) -> Ran {
        self.run_with(args, "")
    }

    fn run_with(&self, args: &[&str], input: &str) -> Ran {
        let mut child = Command::new(env!("CARGO_BIN_EXE_teller"))
            .args(args)
            .current_dir(self.folder.path())
            .env("TELLER_DATA", self.path("data"))
            .env("TELLER_MODELS_DIR", self.path("models"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
        Ran {
            code: status.code().unwrap(),
            out: String::from_utf8(stdout).unwrap(),
            err: String::from_utf8(stderr).unwrap(),
        }
    }

    #[track_caller]
    fn ok(&self, args: &[&str]) -> String {
        let ran = self.run(args);
        assert_eq!(ran.code, 0, "{args:?}: {}{}", ran.out, ran.err);
        ran.out
    }

    /// Refused with a reason, and no panic.
    #[track_caller]
    fn refused(&self, args: &[&str], why: &str) {
        let ran = self.run(args);
        assert_eq!(ran.code, 1, "{args:?}: {}{}", ran.out, ran.err);
        let said = format!("{}{}", ran.out, ran.err);
        assert!(said.contains(why), "{args:?}: {said}");
    }
}

fn change(path: &Path, from: &str, to: &str) {
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.contains(from), "{}", path.display());
    std::fs::write(path, text.replace(from, to)).unwrap();
}

#[test]
fn a_pack_from_its_first_day_to_a_rollback() {
    let shell = Shell::new();
    let manifest = shell.folder.path().join("mine/pack.yaml");
    shell.ok(&["pack", "new", "mine"]);
    shell.refused(&["pack", "new", "mine"], "not empty");
    assert!(shell.ok(&["pack", "check", "mine"]).contains("sound"));
    shell.ok(&["pack", "activate", "mine"]);
    let first = shell.ok(&["pack", "list"]);
    assert!(first.contains("speaks") && first.contains("system:command-line"), "{first}");

    change(&manifest, "95000", "96000");
    shell.ok(&["pack", "activate", "mine", "--reason", "new hotline"]);
    let second = shell.ok(&["pack", "list"]);
    assert_eq!(second.lines().count(), 2);
    shell.ok(&["pack", "rollback"]);
    let now = |list: &str| list.lines().find(|line| line.contains(" speaks")).unwrap()[..35].to_owned();
    assert_eq!(now(&shell.ok(&["pack", "list"])), now(&first));
    shell.ok(&["pack", "activate", &now(&second)]);

    // An error has its place, and nothing that was kept changes.
    let kept = shell.ok(&["pack", "list"]);
    change(&manifest, "hotline:", "hotlin:");
    shell.refused(&["pack", "check", "mine"], "pack.yaml:");
    shell.refused(&["pack", "activate", "mine"], "nothing was activated");
    shell.refused(&["pack", "activate", "nowhere"], "nowhere");
    shell.refused(&["pack", "activate", "pk_0123"], "not in the store");
    assert_eq!(shell.ok(&["pack", "list"]), kept);
    assert!(shell.ok(&["audit", "verify"]).starts_with("sound: "));
}

#[test]
fn api_keys_are_made_listed_and_revoked() {
    let shell = Shell::new();
    let made = shell.ok(&["api-key", "new", "线上渠道"]);
    let (id, key) = made.trim_end().split_once('\n').unwrap();
    let id = id.split_whitespace().next().unwrap();
    assert!(key.starts_with("sk-teller-") && key.len() > 60, "{key}");
    let list = shell.ok(&["api-key", "list"]);
    assert!(list.contains(id) && list.contains("线上渠道") && !list.contains(key), "{list}");
    // Only its hash is kept, anywhere.
    for file in std::fs::read_dir(shell.path("data")).unwrap().filter_map(Result::ok).filter(|it| it.path().is_file()) {
        let bytes = std::fs::read(file.path()).unwrap();
        let found = bytes.windows(key.len()).any(|window| window == key.as_bytes());
        assert!(!found, "{:?} holds the key", file.path());
    }
    shell.ok(&["api-key", "revoke", id]);
    assert!(shell.ok(&["api-key", "list"]).contains("revoked"));
    shell.refused(&["api-key", "revoke", "ak_none"], "ak_none");
    shell.refused(&["api-key", "new", ""], "name");
}

#[test]
fn staff_are_made_and_dismissed() {
    let shell = Shell::new();
    let add = ["staff", "add", "li", "--name", "李雷", "--role", "agent", "--role", "release"];
    assert_eq!(shell.run_with(&add, "short\n").code, 1);
    assert_eq!(shell.run_with(&add, "correct horse battery\n").code, 0);
    assert_eq!(
        shell.run_with(&["staff", "add", "x y", "--name", "z", "--role", "agent"], "correct horse battery\n").code,
        1
    );
    let list = shell.ok(&["staff", "list"]);
    assert!(list.contains("李雷 (agent, release)") && !list.contains("correct"), "{list}");
    shell.ok(&["staff", "dismiss", "li"]);
    assert!(shell.ok(&["staff", "list"]).contains("left"));
    shell.refused(&["staff", "dismiss", "nobody"], "nobody");
}

#[test]
fn the_doctor_names_what_is_missing_and_how_to_mend_it() {
    let shell = Shell::new();
    let ran = shell.run(&["doctor", "--json", "--listen", "127.0.0.1:0"]);
    assert_eq!(ran.code, 1);
    let findings: Vec<serde_json::Value> = serde_json::from_str(&ran.out).unwrap();
    let bad: Vec<&str> =
        findings.iter().filter(|it| it["grade"] == "bad").map(|it| it["about"].as_str().unwrap()).collect();
    assert_eq!(bad, ["models", "pack", "core"], "{}", ran.out);
    assert!(findings.iter().all(|it| it["grade"] == "ok" || it["mend"].is_string()), "{}", ran.out);
    // It changed nothing.
    assert!(!Path::new(&shell.path("data")).exists());
    let demo = shell.run(&["doctor", "--demo", "--models", "false", "--pack", "none", "--listen", "127.0.0.1:0"]);
    assert!(demo.out.contains("BAD   pack"), "{}", demo.out);
}

#[test]
fn what_cannot_be_served_is_refused_with_a_reason() {
    let shell = Shell::new();
    let at = ["--listen", "127.0.0.1:0", "--log", "off"];
    let serve = |more: &[&'static str]| [&["serve"], &at[..], more].concat();
    shell.refused(&serve(&[]), "--core-url");
    shell.refused(&serve(&["--core-url", "http://127.0.0.1:9"]), "teller models fetch");
    shell.refused(&serve(&["--core-url", "http://127.0.0.1:9", "--models", "false"]), "teller pack activate");
    shell.refused(&serve(&["--core-url", "ftp://x", "--models", "false"]), "teller pack activate");
    shell.refused(&["serve", "--demo", "--listen", "0.0.0.0:0"], "loopback");
    std::fs::write(shell.folder.path().join("teller.toml"), "lisen = 1").unwrap();
    shell.refused(&["pack", "list"], "lisen");
    assert_eq!(shell.run(&["serve", "--nonsense"]).code, 2);
}

#[test]
fn reading_commands_make_nothing() {
    let shell = Shell::new();
    for args in [&["audit", "verify"][..], &["pack", "list"], &["staff", "list"]] {
        shell.refused(args, "no database");
    }
    assert!(!Path::new(&shell.path("data")).exists());
    assert!(shell.ok(&["models", "list"]).contains("not installed"));
    shell.refused(&["models", "verify"], "not installed");
}
