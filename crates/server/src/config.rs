//! Settings: a file, the environment, flags; the later wins.
//!
//! Invariants: every setting but the section `llm` has one name in all three places
//! (`listen` in the file, `TELLER_LISTEN`, `--listen`); an unknown name in the file is an error;
//! a value is checked here, once, with a sentence that says what is allowed.

use clap::{Args, ValueEnum};
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// Read when no other file is named and it is there.
pub const DEFAULT_FILE: &str = "teller.toml";
/// Largest configuration file, in bytes.
const FILE_MAX_BYTES: u64 = 256 * 1024;
/// Proxies in front of the server that may be configured.
const PROXIES_MAX: u8 = 8;

#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{path}: {why}")]
    Io { path: String, why: String },
    #[error("{path}: {why}")]
    Syntax { path: String, why: String },
    #[error("{name}: {why}")]
    Value { name: &'static str, why: String },
}

/// Where things lie; understood by every command.
#[derive(Debug, Clone, Default, Args)]
pub struct PlaceArgs {
    /// Configuration file [default: ./teller.toml when it is there]
    ///
    /// TOML; each key is the name of a flag of `teller serve` with `_` for `-`,
    /// for example `listen = "0.0.0.0:7400"`. Environment variables win over the
    /// file, flags win over both.
    #[arg(long, env = "TELLER_CONFIG", value_name = "FILE", global = true, help_heading = "Places")]
    pub config: Option<PathBuf>,
    /// Folder of the database and the key files [default: ./data]
    ///
    /// Made on the first start. Keep `master.key` and `identity.key` apart from
    /// backups of the database: together they are everything.
    #[arg(long, env = "TELLER_DATA", value_name = "DIR", global = true, help_heading = "Places")]
    pub data: Option<PathBuf>,
    /// Folder of the models [default: ~/.cache/teller/models]
    #[arg(long, env = "TELLER_MODELS_DIR", value_name = "DIR", global = true, help_heading = "Places")]
    pub models_dir: Option<PathBuf>,
}

/// What `teller serve` can be told.
#[derive(Debug, Clone, Default, Args)]
pub struct ServeArgs {
    /// Address to serve at [default: 127.0.0.1:7400]
    ///
    /// Plain HTTP: put a reverse proxy with TLS in front when it is to be
    /// reached from other machines.
    #[arg(long, env = "TELLER_LISTEN", value_name = "IP:PORT")]
    pub listen: Option<SocketAddr>,
    /// Play the demo bank: sandbox core, invented customers, demo sign-ins
    ///
    /// Starts the sandbox core bank as a process of its own, loads the pack
    /// folder whenever it changed, creates demo staff with a published password
    /// and serves pages that sign in as any demo customer. Never on a server
    /// that others can reach.
    #[arg(long, env = "TELLER_DEMO", value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    pub demo: Option<bool>,
    /// Pack folder that demo mode loads [default: packs/demo]
    #[arg(long, env = "TELLER_PACK", value_name = "DIR")]
    pub pack: Option<PathBuf>,
    /// Address of the core bank, for example http://127.0.0.1:7100
    ///
    /// Needed outside of demo mode. In demo mode it replaces the sandbox that
    /// would be started.
    #[arg(long, env = "TELLER_CORE_URL", value_name = "URL")]
    pub core_url: Option<String>,
    /// Address of the sandbox core that demo mode starts [default: 127.0.0.1:7402]
    #[arg(long, env = "TELLER_SANDBOX_LISTEN", value_name = "IP:PORT")]
    pub sandbox_listen: Option<SocketAddr>,
    /// Use the models [default: true]
    ///
    /// Without them customers are understood by characters alone: smaller,
    /// faster to start, and wrong more often.
    #[arg(long, env = "TELLER_MODELS", value_name = "BOOL")]
    pub models: Option<bool>,
    /// Send staff cookies over HTTPS only [default: true; false in demo mode]
    #[arg(long, env = "TELLER_SECURE_COOKIES", value_name = "BOOL")]
    pub secure_cookies: Option<bool>,
    /// Reverse proxies in front that add to X-Forwarded-For [default: 0]
    ///
    /// The address of the customer is taken that many places from the right;
    /// with 0 the header is not believed at all.
    #[arg(long, env = "TELLER_PROXIES", value_name = "N")]
    pub proxies: Option<u8>,
    /// Limit requests by address and by conversation [default: true]
    ///
    /// Switch off only behind a gateway that does it, or for a load test.
    #[arg(long, env = "TELLER_RATE_LIMITS", value_name = "BOOL")]
    pub rate_limits: Option<bool>,
    /// Largest database file in MiB; beyond it writes are refused [default: none]
    #[arg(long, env = "TELLER_MAX_DATABASE_MIB", value_name = "MIB")]
    pub max_database_mib: Option<u64>,
    /// What to log: a level, or `tracing` directives [default: info]
    #[arg(long, env = "TELLER_LOG", value_name = "FILTER")]
    pub log: Option<String>,
    /// How to log [default: text]
    #[arg(long, env = "TELLER_LOG_FORMAT", value_name = "FORMAT")]
    pub log_format: Option<LogFormat>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    Text,
    Json,
}

/// The same names as the flags.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    data: Option<PathBuf>,
    models_dir: Option<PathBuf>,
    listen: Option<SocketAddr>,
    demo: Option<bool>,
    pack: Option<PathBuf>,
    core_url: Option<String>,
    sandbox_listen: Option<SocketAddr>,
    models: Option<bool>,
    secure_cookies: Option<bool>,
    proxies: Option<u8>,
    rate_limits: Option<bool>,
    max_database_mib: Option<u64>,
    log: Option<String>,
    log_format: Option<LogFormat>,
    /// Too much for flags: in the file only (docs/LLM.md).
    llm: Option<teller_llm::Settings>,
}

/// Settings with every default filled in.
#[derive(Debug, Clone)]
pub struct Settings {
    pub data: PathBuf,
    /// `None`: where the models room keeps them.
    pub models_dir: Option<PathBuf>,
    pub listen: SocketAddr,
    pub demo: bool,
    pub pack: PathBuf,
    pub core_url: Option<String>,
    pub sandbox_listen: SocketAddr,
    pub models: bool,
    pub secure_cookies: bool,
    pub proxies: u8,
    pub rate_limits: bool,
    pub max_database_bytes: Option<u64>,
    pub log: String,
    pub log_format: LogFormat,
    /// The language model; none is the usual case.
    pub llm: Option<teller_llm::Settings>,
}

impl Settings {
    /// Puts file and flags together (clap has put the environment into the flags).
    ///
    /// # Errors
    /// A file that cannot be read or holds an unknown name, or a value that
    /// cannot be.
    pub fn load(places: &PlaceArgs, serve: &ServeArgs) -> Result<Self, ConfigError> {
        let file = match &places.config {
            Some(path) => read(path)?,
            None if Path::new(DEFAULT_FILE).is_file() => read(Path::new(DEFAULT_FILE))?,
            None => File::default(),
        };
        Self::merge(places.clone(), serve.clone(), file)
    }

    fn merge(places: PlaceArgs, serve: ServeArgs, file: File) -> Result<Self, ConfigError> {
        let local = |port| SocketAddr::from(([127, 0, 0, 1], port));
        let demo = serve.demo.or(file.demo).unwrap_or(false);
        let settings = Self {
            data: places.data.or(file.data).unwrap_or_else(|| PathBuf::from("data")),
            models_dir: places.models_dir.or(file.models_dir),
            listen: serve.listen.or(file.listen).unwrap_or_else(|| local(7400)),
            demo,
            pack: serve.pack.or(file.pack).unwrap_or_else(|| PathBuf::from("packs/demo")),
            core_url: serve.core_url.or(file.core_url),
            sandbox_listen: serve.sandbox_listen.or(file.sandbox_listen).unwrap_or_else(|| local(7402)),
            models: serve.models.or(file.models).unwrap_or(true),
            secure_cookies: serve.secure_cookies.or(file.secure_cookies).unwrap_or(!demo),
            proxies: serve.proxies.or(file.proxies).unwrap_or(0),
            rate_limits: serve.rate_limits.or(file.rate_limits).unwrap_or(true),
            max_database_bytes: serve.max_database_mib.or(file.max_database_mib).map(|mib| mib.saturating_mul(1 << 20)),
            log: serve.log.or(file.log).unwrap_or_else(|| "info".to_owned()),
            log_format: serve.log_format.or(file.log_format).unwrap_or(LogFormat::Text),
            llm: file.llm,
        };
        settings.check()?;
        Ok(settings)
    }

    fn check(&self) -> Result<(), ConfigError> {
        if self.proxies > PROXIES_MAX {
            return Err(ConfigError::Value { name: "proxies", why: format!("at most {PROXIES_MAX}") });
        }
        if self.demo && !self.listen.ip().is_loopback() {
            let why = "demo mode signs anybody in, so it serves on a loopback address only".to_owned();
            return Err(ConfigError::Value { name: "listen", why });
        }
        if let Some(llm) = &self.llm {
            llm.check().map_err(|error| ConfigError::Value { name: "llm", why: error.to_string() })?;
        }
        Ok(())
    }
}

fn read(path: &Path) -> Result<File, ConfigError> {
    let shown = path.display().to_string();
    let io = |error: std::io::Error| ConfigError::Io { path: shown.clone(), why: error.to_string() };
    if std::fs::metadata(path).map_err(io)?.len() > FILE_MAX_BYTES {
        return Err(ConfigError::Io { path: shown, why: format!("larger than {FILE_MAX_BYTES} bytes") });
    }
    let text = std::fs::read_to_string(path).map_err(io)?;
    toml::from_str(&text).map_err(|error| ConfigError::Syntax { path: shown, why: error.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merged(file: &str, serve: ServeArgs) -> Result<Settings, ConfigError> {
        Settings::merge(PlaceArgs::default(), serve, toml::from_str(file).unwrap())
    }

    #[test]
    fn flags_win_over_the_file_and_the_file_over_defaults() {
        let file = "listen = \"127.0.0.1:1\"\nproxies = 2\nlog_format = \"json\"";
        let flags = ServeArgs { listen: Some("127.0.0.1:2".parse().unwrap()), ..ServeArgs::default() };
        let settings = merged(file, flags).unwrap();
        assert_eq!(settings.listen.port(), 2);
        assert_eq!((settings.proxies, settings.log_format), (2, LogFormat::Json));
        assert!(!settings.demo && settings.secure_cookies && settings.rate_limits);
    }

    #[test]
    fn the_demo_is_never_served_to_others() {
        assert!(merged("demo = true\nlisten = \"0.0.0.0:7400\"", ServeArgs::default()).is_err());
        assert!(!merged("demo = true", ServeArgs::default()).unwrap().secure_cookies);
    }

    #[test]
    fn an_unknown_name_is_an_error() {
        assert!(toml::from_str::<File>("lisen = 1").is_err());
    }
}
