//! `teller api-key`: keys of programs that talk to Teller as to a model.

use crate::chance::SystemRng;
use crate::cli::pack::{ACTOR, open_store, open_to_read};
use crate::cli::{block_on, out};
use crate::config::PlaceArgs;
use crate::http::openai::key::{KEY_HEAD, new_id};
use anyhow::{Result, bail};
use clap::Subcommand;
use serde_json::json;
use std::process::ExitCode;
use teller_identity::staff::bearer;
use teller_kernel::Actor;
use teller_store::{AuditEntry, WriteSet, token_hash};

/// Longest name of a key, in characters.
const NAME_MAX_CHARS: usize = 80;
/// Keys listed.
const LISTED_MAX: u32 = 500;

#[derive(Debug, Subcommand)]
pub enum ApiKeyCommand {
    /// Make a key
    ///
    /// Prints it once; only its hash is kept. Whoever has it may ask Teller over
    /// `/v1/chat/completions` as an anonymous visitor, and nothing else. The
    /// server must not be running on the same data folder.
    New {
        /// Whose it is
        name: String,
    },
    /// List the keys, without their secrets
    List,
    /// End a key for good
    Revoke {
        /// Its id, as `list` shows it
        id: String,
    },
}

pub fn run(places: &PlaceArgs, command: ApiKeyCommand) -> Result<ExitCode> {
    match command {
        ApiKeyCommand::New { name } => block_on(new(places, &name))?,
        ApiKeyCommand::List => block_on(list(places))?,
        ApiKeyCommand::Revoke { id } => block_on(revoke(places, &id))?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn new(places: &PlaceArgs, name: &str) -> Result<()> {
    let chars = name.chars().count();
    if chars == 0 || chars > NAME_MAX_CHARS || name.chars().any(char::is_control) {
        bail!("the name must have 1 to {NAME_MAX_CHARS} characters");
    }
    let store = open_store(places).await?;
    let (id, key) = (new_id(&SystemRng), format!("{KEY_HEAD}{}", bearer(&SystemRng)));
    let mut set = WriteSet::new();
    set.api_key(&id, name, token_hash(&key));
    set.audit(AuditEntry::new(&Actor::system(ACTOR), "api_key.made", &id).detail(json!({"name": name})));
    store.commit(set).await?;
    store.close().await;
    out::line(format_args!("{id}  {name}"));
    out::line(key);
    Ok(())
}

async fn list(places: &PlaceArgs) -> Result<()> {
    let store = open_to_read(places).await?;
    for key in store.api_keys(LISTED_MAX).await? {
        let made = jiff::Timestamp::from_millisecond(key.created_at_ms).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        let state = if key.revoked_at_ms.is_some() { "  revoked" } else { "" };
        out::line(format_args!("{}  {}  {}{state}", key.id, made.strftime("%Y-%m-%d"), key.name));
    }
    Ok(())
}

async fn revoke(places: &PlaceArgs, id: &str) -> Result<()> {
    let store = open_store(places).await?;
    if !store.api_keys(LISTED_MAX).await?.iter().any(|key| key.id == id) {
        bail!("there is no key {id}");
    }
    let mut set = WriteSet::new();
    set.revoke_api_key(id);
    set.audit(AuditEntry::new(&Actor::system(ACTOR), "api_key.revoked", id));
    store.commit(set).await?;
    store.close().await;
    out::line(format_args!("{id} opens nothing any more"));
    Ok(())
}
