//! `teller staff`: sign-ins of a bank that is not the demo.

use crate::chance::{SystemClock, SystemRng};
use crate::cli::pack::{ACTOR, open_store, open_to_read};
use crate::cli::{block_on, out};
use crate::config::PlaceArgs;
use anyhow::{Context, Result, bail};
use clap::{Subcommand, ValueEnum};
use std::io::{BufRead, Read};
use std::process::ExitCode;
use std::sync::Arc;
use teller_desk::{Access, StaffMember};
use teller_identity::staff::Role;
use teller_kernel::{Actor, StaffId};
use teller_store::Db;

/// Shortest password taken.
const PASSWORD_MIN_CHARS: usize = 10;
/// Longest line read for a password, in bytes.
const LINE_MAX_BYTES: u64 = 512;
/// Members of staff listed.
const LISTED_MAX: u32 = 500;

#[derive(Debug, Subcommand)]
pub enum StaffCommand {
    /// Make a sign-in, or change the one of that user
    ///
    /// The password is one line of standard input. Whoever was signed in with
    /// it is signed out. The server must not be running on the same data folder.
    Add {
        /// What they type to sign in
        user: String,
        /// What customers and colleagues see
        #[arg(long)]
        name: String,
        /// What they may do; may be given more than once
        #[arg(long = "role", required = true)]
        roles: Vec<RoleName>,
    },
    /// List the sign-ins
    List,
    /// End a sign-in for good: whoever left keeps a name in the records only
    Dismiss {
        /// What they type to sign in
        user: String,
    },
}

/// agent: converses; supervisor: also reads every conversation; release: four
/// eyes; admin: reads every conversation and manages packs.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum RoleName {
    Agent,
    Supervisor,
    Release,
    Admin,
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Agent => Self::Agent,
            RoleName::Supervisor => Self::Supervisor,
            RoleName::Release => Self::Release,
            RoleName::Admin => Self::Admin,
        }
    }
}

pub fn run(places: &PlaceArgs, command: StaffCommand) -> Result<ExitCode> {
    match command {
        StaffCommand::Add { user, name, roles } => {
            let password = read_password()?;
            let roles = roles.into_iter().map(Role::from).collect();
            block_on(add(places, &user, name, roles, &password))?;
        }
        StaffCommand::List => block_on(list(places))?,
        StaffCommand::Dismiss { user } => block_on(dismiss(places, &user))?,
    }
    Ok(ExitCode::SUCCESS)
}

fn read_password() -> Result<String> {
    let mut line = String::new();
    std::io::stdin().lock().take(LINE_MAX_BYTES).read_line(&mut line).context("reading the password")?;
    let password = line.trim_end_matches(['\r', '\n']).to_owned();
    if password.chars().count() < PASSWORD_MIN_CHARS {
        bail!("the password must have at least {PASSWORD_MIN_CHARS} characters");
    }
    Ok(password)
}

async fn add(places: &PlaceArgs, user: &str, name: String, roles: Vec<Role>, password: &str) -> Result<()> {
    let store = open_store(places).await?;
    let id = match store.staff_by_user(user).await? {
        Some(known) => known.profile.id,
        None => StaffId::fresh(&SystemClock, &SystemRng),
    };
    let access = access(&store);
    let member = StaffMember { id: id.clone(), name, roles };
    access.enrol(user, &member, password, &Actor::system(ACTOR)).await?;
    out::line(format_args!("{user}: {id}"));
    store.close().await;
    Ok(())
}

async fn dismiss(places: &PlaceArgs, user: &str) -> Result<()> {
    let store = open_store(places).await?;
    let Some(staff) = store.staff_by_user(user).await? else { bail!("there is no sign-in {user}") };
    access(&store).dismiss(&staff.profile.id, &Actor::system(ACTOR)).await?;
    out::line(format_args!("{user} signs in no more"));
    store.close().await;
    Ok(())
}

fn access(store: &Db) -> Access {
    Access::new(store.clone(), Arc::new(SystemClock), Arc::new(SystemRng))
}

async fn list(places: &PlaceArgs) -> Result<()> {
    let store = open_to_read(places).await?;
    for staff in store.staff_list(LISTED_MAX).await? {
        let profile = staff.profile;
        let state = if profile.active { "" } else { ", left" };
        out::line(format_args!(
            "{:<12} {} {} ({}){state}",
            profile.user,
            profile.id,
            profile.name,
            profile.roles.join(", ")
        ));
    }
    Ok(())
}
