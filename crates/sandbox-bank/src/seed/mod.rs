//! What stands in `customers.yaml`, and how it becomes a ledger.
//!
//! The seeder is deterministic: the same files and the same business date give
//! the same ledger, movement by movement.

mod history;
mod load;
mod settle;

pub use load::load;

use crate::config::{Config, Yuan};
use crate::money::Currency;
use jiff::civil::Date;
use parking_lot::Mutex;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Largest seed file, in bytes.
const SEED_MAX_BYTES: u64 = 4 * 1024 * 1024;

#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    #[error("cannot read {path}: {source}")]
    Read { path: PathBuf, source: std::io::Error },
    #[error("{path} is larger than {SEED_MAX_BYTES} bytes")]
    TooLarge { path: PathBuf },
    #[error("{path}: {message}")]
    Parse { path: PathBuf, message: String },
    #[error("customer {customer}: {message}")]
    Customer { customer: String, message: String },
}

/// Both files of a seed folder.
#[derive(Debug)]
pub struct Seed {
    pub config: Config,
    pub customers: Vec<Customer>,
    /// Content hash, to recognise a ledger seeded from the same files.
    pub hash: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CustomersFile {
    customers: Vec<Customer>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Customer {
    pub id: String,
    pub name: String,
    pub name_en: String,
    pub gender: String,
    pub born: Date,
    pub phone: String,
    pub segment: String,
    pub language: String,
    pub city: String,
    pub branch: String,
    pub since: Date,
    pub note: String,
    pub note_en: String,
    pub id_type: String,
    pub id_expires_on: Date,
    #[serde(default)]
    pub default_arrival: Option<String>,
    /// Foreign currency bought earlier this year, in US dollars.
    #[serde(default)]
    pub fx_bought_usd: Option<Yuan>,
    pub accounts: Vec<Account>,
    #[serde(default)]
    pub credit_cards: Vec<CreditCard>,
    #[serde(default)]
    pub payees: Vec<Payee>,
    #[serde(default)]
    pub loans: Vec<Loan>,
    #[serde(default)]
    pub deposits: Vec<Deposit>,
    #[serde(default)]
    pub income: Vec<Income>,
    #[serde(default)]
    pub regular: Vec<Regular>,
    #[serde(default)]
    pub spend: Option<Spend>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    pub number: String,
    pub class: String,
    #[serde(default)]
    pub currency: Currency,
    pub alias: String,
    pub alias_en: String,
    pub opened: Date,
    /// Decimal text in the account's currency.
    pub balance: String,
    #[serde(default)]
    pub card_expires: Option<String>,
    #[serde(default)]
    pub card_status: Option<String>,
    #[serde(default)]
    pub restriction: Option<String>,
    /// Position (from 1) of the class I account it is bound to.
    #[serde(default)]
    pub bound: Option<usize>,
    #[serde(default)]
    pub sms: bool,
    #[serde(default)]
    pub nature: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreditCard {
    pub number: String,
    pub product: String,
    pub name: String,
    pub name_en: String,
    pub limit: Yuan,
    pub statement_day: i8,
    pub expires: String,
    pub spend: Spend,
    #[serde(default)]
    pub autopay: Option<String>,
    pub points: i64,
    #[serde(default)]
    pub points_expiring: i64,
    /// The last statement that fell due was not paid.
    #[serde(default)]
    pub overdue: bool,
    #[serde(default)]
    pub plan: Option<Plan>,
}

/// An instalment plan already running.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    pub amount: Yuan,
    pub periods: u32,
    pub months_ago: u32,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Payee {
    pub name: String,
    pub account: String,
    pub bank: String,
    #[serde(default)]
    pub alias: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Loan {
    pub product: String,
    pub principal: Yuan,
    pub rate: String,
    pub basis: String,
    pub term: u32,
    pub method: String,
    pub started: Date,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deposit {
    pub product: String,
    pub amount: String,
    pub term: u32,
    pub rate: String,
    pub opened: Date,
    pub rollover: bool,
    #[serde(default)]
    pub currency: Currency,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Income {
    pub day: i8,
    pub amount: Yuan,
    pub from: String,
    pub text: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Regular {
    pub day: i8,
    pub amount: Yuan,
    pub to: String,
    pub text: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spend {
    pub kind: String,
    pub per_month: u32,
}

/// Seeds read before, by content: a test opens many banks from one.
static KNOWN: Mutex<BTreeMap<String, Arc<Seed>>> = Mutex::new(BTreeMap::new());

impl Seed {
    /// Reads `bank.yaml` and `customers.yaml` of a folder; a path to either
    /// file means its folder.
    pub fn read(path: &Path) -> Result<Arc<Self>, SeedError> {
        let folder = if path.is_dir() { path } else { path.parent().unwrap_or(path) };
        let (bank_path, customers_path) = (folder.join("bank.yaml"), folder.join("customers.yaml"));
        let (bank_text, customers_text) = (read_text(&bank_path)?, read_text(&customers_path)?);
        let hash = crate::digest::text_hash(&[&bank_text, &customers_text]);
        if let Some(seed) = KNOWN.lock().get(&hash) {
            return Ok(seed.clone());
        }
        let config: Config = parse(&bank_path, &bank_text)?;
        let file: CustomersFile = parse(&customers_path, &customers_text)?;
        let seed = Arc::new(Self { config, customers: file.customers, hash: hash.clone() });
        KNOWN.lock().insert(hash, seed.clone());
        Ok(seed)
    }
}

fn read_text(path: &Path) -> Result<String, SeedError> {
    let fail = |source| SeedError::Read { path: path.to_owned(), source };
    if std::fs::metadata(path).map_err(fail)?.len() > SEED_MAX_BYTES {
        return Err(SeedError::TooLarge { path: path.to_owned() });
    }
    std::fs::read_to_string(path).map_err(fail)
}

fn parse<T: serde::de::DeserializeOwned>(path: &Path, text: &str) -> Result<T, SeedError> {
    serde_saphyr::from_str(text).map_err(|error| SeedError::Parse { path: path.to_owned(), message: error.to_string() })
}
