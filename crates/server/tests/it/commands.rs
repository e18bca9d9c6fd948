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
fn models_say_what_is_wrong_with_them_by_a_name_that_stays() {
    let shell = Shell::new();
    shell.refused(&["models", "verify"], "model_not_installed");
    shell.refused(&["models", "verify", "fast-vectors"], "model_not_installed");
    shell.refused(&["models", "fetch", "no-such"], "model_unknown");
    shell.refused(&["models", "remove", "no-such"], "model_unknown");
    assert!(shell.ok(&["models", "remove", "fast-vectors"]).contains("was not there"));
    // A folder as no fetch leaves it.
    let folder = shell.folder.path().join("models/fast-vectors/0.2.1");
    std::fs::create_dir_all(&folder).unwrap();
    assert!(shell.ok(&["models", "list"]).contains("damaged: "));
    shell.refused(&["models", "verify"], "model_damaged");
    assert!(shell.ok(&["models", "remove", "fast-vectors"]).contains("removed"));
    assert!(shell.ok(&["models", "list"]).contains("approved by Teller maintainers"));
}

#[test]
fn a_model_that_a_bank_withdraws_does_not_serve() {
    let shell = Shell::new();
    let word = ["--by", "李雷", "--note", "drifts"];
    let models = |act: &'static str, name: &'static str| [&["models", act, name], &word[..]].concat();
    let serve = ["serve", "--listen", "127.0.0.1:0", "--log", "warn", "--core-url", "http://127.0.0.1:9"];
    shell.refused(&serve, "model_not_installed");

    // Without its vectors the program goes on by words, as far as the next thing missing.
    let said = shell.ok(&models("withdraw", "fast-vectors"));
    assert!(said.contains("without it: customers are understood by characters"), "{said}");
    let ran = shell.run(&serve);
    assert!(ran.out.contains("model_not_approved") || ran.err.contains("model_not_approved"), "{}{}", ran.out, ran.err);
    shell.refused(&serve, "teller pack activate");
    let doctor = shell.run(&["doctor", "--listen", "127.0.0.1:0"]).out;
    assert!(doctor.contains("warn  models       model_not_approved: fast-vectors is withdrawn by 李雷"), "{doctor}");

    // Weights of the program itself are under the same rule.
    shell.ok(&models("withdraw", "house-intents"));
    shell.refused(&serve, "model_not_approved");
    let doctor = shell.run(&["doctor", "--listen", "127.0.0.1:0"]).out;
    assert!(doctor.contains("BAD   models       model_not_approved: house-intents"), "{doctor}");
    shell.refused(&models("rollback", "house-intents"), "part of the program");
    shell.refused(&models("approve", "no-such"), "it has: fast-vectors");
    shell.refused(&["models", "approve", "house-intents", "--by", "", "--note", "x"], "who decides");
    let approve = [&models("approve", "house-intents")[..], &["--filing", "京-2026-7"]].concat();
    shell.ok(&approve);
    let rolled = shell.ok(&models("rollback", "fast-vectors"));
    assert!(rolled.contains("rolled back to 0.2.0") && rolled.contains("teller models fetch fast-vectors"), "{rolled}");
    shell.refused(&serve, "model_not_installed");

    let long = shell.ok(&["models", "list", "--long"]);
    for part in ["filing number: 京-2026-7", "decisions of this bank: 4", "rolled back to 0.2.0 by 李雷", "head "] {
        assert!(long.contains(part), "{part}: {long}");
    }
    // Whoever edits the log does not get a model approved.
    let log = shell.folder.path().join("data/models/decisions.jsonl");
    change(&log, "\"act\":\"withdraw\"", "\"act\":\"approve\"");
    shell.refused(&serve, "decisions.jsonl, line 1");
    shell.refused(&["models", "list"], "decisions.jsonl, line 1");
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
