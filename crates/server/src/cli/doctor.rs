//! `teller doctor`: looks at everything `teller serve` needs, changes nothing.

mod models;

use crate::chance::SystemClock;
use crate::cli::pack::bare_workshop;
use crate::cli::{block_on, out};
use crate::config::{PlaceArgs, ServeArgs, Settings};
use crate::sandbox::Sandbox;
use crate::secret_file;
use anyhow::Result;
use clap::Args;
use serde::Serialize;
use std::io::ErrorKind;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use teller_bank::http::TransportSettings;
use teller_bank::{CoreBank, HttpCoreBank, ReqwestTransport};
use teller_conversation::BankPack;
use teller_pack::PackSource;
use teller_store::{DATABASE_FILE, Db, KEY_FILE, StoreConfig};

/// Free space below which writes may soon fail.
const FREE_BAD_BYTES: u64 = 256 << 20;
/// Free space below which somebody should look.
const FREE_LOW_BYTES: u64 = 2 << 30;
/// Open files below which many customers at once are refused.
const FILES_LOW: u64 = 4_096;
/// How long a running server may take to say that it is one.
const LOOK_MAX: Duration = Duration::from_secs(2);

#[derive(Debug, Args)]
pub struct DoctorArgs {
    #[command(flatten)]
    serve: ServeArgs,
    /// Print the findings as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Grade {
    Ok,
    /// It serves, but somebody should look.
    Warn,
    /// It does not serve.
    Bad,
}

/// One thing looked at.
#[derive(Debug, Serialize)]
struct Finding {
    grade: Grade,
    about: &'static str,
    found: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    mend: Option<String>,
}

fn ok(about: &'static str, found: impl Into<String>) -> Finding {
    Finding { grade: Grade::Ok, about, found: found.into(), mend: None }
}

fn warn(about: &'static str, found: impl Into<String>, mend: impl Into<String>) -> Finding {
    Finding { grade: Grade::Warn, about, found: found.into(), mend: Some(mend.into()) }
}

fn bad(about: &'static str, found: impl Into<String>, mend: impl Into<String>) -> Finding {
    Finding { grade: Grade::Bad, about, found: found.into(), mend: Some(mend.into()) }
}

pub fn run(places: &PlaceArgs, args: &DoctorArgs) -> Result<ExitCode> {
    let settings = Settings::load(places, &args.serve)?;
    let findings = block_on(async { Ok(look(&settings).await) })?;
    if args.json {
        out::line(serde_json::to_string_pretty(&findings)?);
    } else {
        findings.iter().for_each(show);
    }
    let bad = findings.iter().any(|finding| finding.grade == Grade::Bad);
    Ok(if bad { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn show(finding: &Finding) {
    let grade = match finding.grade {
        Grade::Ok => "ok  ",
        Grade::Warn => "warn",
        Grade::Bad => "BAD ",
    };
    out::line(format_args!("{grade}  {:<12} {}", finding.about, finding.found));
    if let Some(mend) = &finding.mend {
        out::line(format_args!("      {:<12} mend: {mend}", ""));
    }
}

async fn look(settings: &Settings) -> Vec<Finding> {
    let mut findings = vec![folder(&settings.data), free_space(&settings.data), open_files()];
    findings.extend(keys(&settings.data));
    findings.push(database(&settings.data).await);
    findings.extend(models::look(settings));
    findings.push(pack(settings).await);
    findings.push(core(settings).await);
    findings.push(port(settings).await);
    findings
}

/// The nearest folder above that exists.
fn existing(folder: &Path) -> &Path {
    let mut at = folder;
    while !at.exists() {
        match at.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => at = parent,
            _ => return Path::new("."),
        }
    }
    at
}

fn folder(data: &Path) -> Finding {
    let at = existing(data);
    match tempfile_in(at) {
        Ok(()) if data.exists() => ok("data", format!("{} can be written", data.display())),
        Ok(()) => ok("data", format!("{} will be made on the first start", data.display())),
        Err(error) => bad(
            "data",
            format!("{} cannot be written: {error}", at.display()),
            format!("give this user the folder: sudo chown -R $(id -u) {}", at.display()),
        ),
    }
}

/// Makes and removes a file that nobody else can have made.
fn tempfile_in(folder: &Path) -> std::io::Result<()> {
    let path = folder.join(format!(".teller-doctor-{}", std::process::id()));
    std::fs::OpenOptions::new().write(true).create_new(true).open(&path)?;
    std::fs::remove_file(&path)
}

fn free_space(data: &Path) -> Finding {
    match rustix::fs::statvfs(existing(data)) {
        Ok(found) => {
            let free = found.f_bavail.saturating_mul(found.f_frsize);
            let said = format!("{} free", out::bytes(free));
            match free {
                free if free < FREE_BAD_BYTES => bad("disk", said, "make room, or put --data on another disk"),
                free if free < FREE_LOW_BYTES => warn("disk", said, "make room, or put --data on another disk"),
                _ => ok("disk", said),
            }
        }
        Err(error) => warn("disk", format!("free space is not known: {error}"), "look with `df`"),
    }
}

fn open_files() -> Finding {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    match limit {
        Some(limit) if limit < FILES_LOW => {
            warn("open files", format!("at most {limit}"), "raise it before many customers come: `ulimit -n 65536`")
        }
        Some(limit) => ok("open files", format!("at most {limit}")),
        None => ok("open files", "without limit"),
    }
}

fn keys(data: &Path) -> Vec<Finding> {
    let database = data.join(DATABASE_FILE).exists();
    [(KEY_FILE, "the database cannot be read without it"), (secret_file::FILE, "customers' tokens depend on it")]
        .into_iter()
        .map(|(name, why)| key(&data.join(name), name, why, database))
        .collect()
}

fn key(path: &Path, name: &'static str, why: &str, database: bool) -> Finding {
    match std::fs::metadata(path) {
        Ok(meta) if secret_file::lax(&meta) => {
            bad(name, format!("{} can be read by others", path.display()), format!("chmod 600 {}", path.display()))
        }
        Ok(_) => ok(name, "there, and only its owner may read it"),
        Err(error) if error.kind() == ErrorKind::NotFound && !database => ok(name, "will be made on the first start"),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            bad(name, format!("missing; {why}"), format!("put {} back from where it is kept", path.display()))
        }
        Err(error) => bad(name, error.to_string(), format!("look at {}", path.display())),
    }
}

async fn database(data: &Path) -> Finding {
    if !data.join(DATABASE_FILE).exists() {
        return ok("database", "will be made on the first start");
    }
    let config = match StoreConfig::in_folder(data) {
        Ok(config) => config.read_only(),
        Err(error) => return bad("database", error.to_string(), "see the key above"),
    };
    match Db::open(config, Arc::new(SystemClock)).await {
        Ok(store) => match store.check_pages().await {
            Ok(None) => ok("database", "opens with its key, and every page is sound"),
            Ok(Some(why)) => bad("database", why, "restore it from a backup"),
            Err(error) => bad("database", error.to_string(), "restore it from a backup"),
        },
        Err(error) => bad("database", error.to_string(), "what stands there says how"),
    }
}

async fn pack(settings: &Settings) -> Finding {
    if !settings.demo {
        return active_pack(&settings.data).await;
    }
    let folder = settings.pack.clone();
    let shown = folder.display().to_string();
    let source = match PackSource::from_dir(&folder) {
        Ok(source) => source,
        Err(error) => return bad("pack", error.to_string(), "run from the repository, or give --pack"),
    };
    let compiled = tokio::task::spawn_blocking(move || BankPack::compile(source, &bare_workshop())).await;
    match compiled {
        Ok((Some(bank), _)) => ok("pack", format!("{shown} is sound ({})", bank.version())),
        Ok((None, notes)) => {
            let errors = notes.iter().filter(|note| note.is_error()).count();
            bad("pack", format!("{shown} has {errors} errors"), format!("teller pack check {shown}"))
        }
        Err(_) => bad("pack", format!("{shown} could not be checked"), format!("teller pack check {shown}")),
    }
}

async fn active_pack(data: &Path) -> Finding {
    let mend = "teller pack activate DIR (or --demo)";
    if !data.join(DATABASE_FILE).exists() {
        return bad("pack", "none was ever activated", mend);
    }
    let Ok(config) = StoreConfig::in_folder(data) else { return bad("pack", "not known", "see the key above") };
    let Ok(store) = Db::open(config.read_only(), Arc::new(SystemClock)).await else {
        return bad("pack", "not known", "see the database above");
    };
    match store.activations(1).await.ok().and_then(|mut last| last.pop()) {
        Some(last) => ok("pack", format!("{} {} speaks", last.pack, last.version)),
        None => bad("pack", "none was ever activated", mend),
    }
}

async fn core(settings: &Settings) -> Finding {
    let url = match (&settings.core_url, settings.demo) {
        (Some(url), _) => url.clone(),
        (None, true) => {
            return match Sandbox::find(settings.sandbox_listen, &settings.data, &settings.pack) {
                Ok(sandbox) => ok("core", format!("the sandbox will be started at {}", sandbox.url())),
                Err(error) => bad("core", format!("{error:#}"), "make build"),
            };
        }
        (None, false) => return bad("core", "no address is given", "--core-url, or --demo"),
    };
    let transport = match ReqwestTransport::new(&TransportSettings::new(&url)) {
        Ok(transport) => transport,
        Err(error) => return bad("core", error.to_string(), "mend --core-url"),
    };
    let core = HttpCoreBank::new(Arc::new(transport), Arc::new(SystemClock));
    match core.read("business_date", None, &serde_json::json!({})).await {
        Ok(read) => ok("core", format!("{url} answers; its day is {}", read["business_date"].as_str().unwrap_or("?"))),
        Err(error) => bad("core", format!("{url}: {error}"), "start the core, or mend --core-url"),
    }
}

async fn port(settings: &Settings) -> Finding {
    let at = settings.listen;
    match tokio::net::TcpListener::bind(at).await {
        Ok(_) => ok("port", format!("{at} is free")),
        Err(error) if error.kind() == ErrorKind::AddrInUse => {
            let look = async {
                let client = reqwest::Client::builder().no_proxy().timeout(LOOK_MAX).build().ok()?;
                let reply = client.get(format!("http://{at}/readyz")).send().await.ok()?;
                reply.json::<serde_json::Value>().await.ok()?["pack"].as_str().map(str::to_owned)
            };
            match look.await {
                Some(pack) => ok("port", format!("{at}: a teller is serving there, pack {pack}")),
                None => bad("port", format!("{at} is in use by another program"), "stop it, or give another --listen"),
            }
        }
        Err(error) => bad("port", format!("{at}: {error}"), "give another --listen"),
    }
}
