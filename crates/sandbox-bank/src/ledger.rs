//! The double-entry journal: entries of balanced postings, holds, balances.
//!
//! Invariants: the postings of an entry sum to zero in every currency; an
//! order books at most one entry; an account's balance is minus the sum of its
//! postings; available = ledger − held is never negative (the table refuses).

use crate::error::{Code, Fail, refuse, refuse_with};
use crate::money::{Currency, Money};
use crate::store::{Conn, Cx, next_id};
use serde_json::json;
use std::collections::BTreeMap;

/// General-ledger accounts.
pub mod codes {
    use crate::money::Currency;

    pub const CLEARING: &str = "assets:clearing:CNY";
    pub const CASH: &str = "assets:cash";
    pub const FEES: &str = "income:fees";
    pub const INTEREST_INCOME: &str = "income:interest";
    pub const INTEREST_EXPENSE: &str = "expenses:interest";
    pub const OPENING: &str = "equity:opening";

    /// Settlement with other banks in a currency.
    pub fn clearing_in(currency: Currency) -> String {
        format!("assets:clearing:{}", currency.code())
    }

    /// The bank's open position in a currency.
    pub fn fx_position(currency: Currency) -> String {
        format!("equity:fx-position:{}", currency.code())
    }

    pub fn deposit(account: &str) -> String {
        format!("liabilities:deposits:{account}")
    }

    pub fn term(deposit: &str) -> String {
        format!("liabilities:term:{deposit}")
    }

    pub fn card(card: &str) -> String {
        format!("assets:cards:{card}")
    }

    pub fn loan(loan: &str) -> String {
        format!("assets:loans:{loan}")
    }

    pub fn instalment(plan: &str) -> String {
        format!("assets:instalments:{plan}")
    }
}

/// Where a posting goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Side {
    Account(String),
    Card(String),
    Gl(String),
}

#[derive(Debug, Clone)]
pub struct Leg {
    pub side: Side,
    /// Positive debits, negative credits.
    pub debit_minor: i64,
    pub currency: Currency,
}

/// Who is at the other end.
#[derive(Debug, Clone, Default)]
pub struct Party {
    pub name: Option<String>,
    pub account: Option<String>,
    pub bank: Option<String>,
}

/// An entry about to be booked.
#[derive(Debug, Clone)]
pub struct Entry {
    pub order: Option<String>,
    pub kind: &'static str,
    pub summary: String,
    pub party: Party,
    pub channel: String,
    pub legs: Vec<Leg>,
}

impl Entry {
    pub fn new(kind: &'static str, summary: impl Into<String>) -> Self {
        Self {
            order: None,
            kind,
            summary: summary.into(),
            party: Party::default(),
            channel: "core".into(),
            legs: Vec::new(),
        }
    }

    pub fn order(mut self, order: &str) -> Self {
        self.order = Some(order.to_owned());
        self
    }

    pub fn channel(mut self, channel: &str) -> Self {
        self.channel = channel.to_owned();
        self
    }

    pub fn party(mut self, name: &str, account: Option<&str>, bank: Option<&str>) -> Self {
        self.party =
            Party { name: Some(name.to_owned()), account: account.map(str::to_owned), bank: bank.map(str::to_owned) };
        self
    }

    /// Takes from a customer's account.
    pub fn take(self, account: &str, amount: Money) -> Self {
        self.leg(Side::Account(account.to_owned()), amount.minor, amount.currency)
    }

    /// Gives to a customer's account.
    pub fn give(self, account: &str, amount: Money) -> Self {
        self.leg(Side::Account(account.to_owned()), -amount.minor, amount.currency)
    }

    pub fn card(self, card: &str, debit: Money) -> Self {
        self.leg(Side::Card(card.to_owned()), debit.minor, debit.currency)
    }

    pub fn gl(self, code: impl Into<String>, debit: Money) -> Self {
        self.leg(Side::Gl(code.into()), debit.minor, debit.currency)
    }

    /// Credits a general-ledger account.
    pub fn gl_credit(self, code: impl Into<String>, amount: Money) -> Self {
        self.leg(Side::Gl(code.into()), -amount.minor, amount.currency)
    }

    fn leg(mut self, side: Side, debit_minor: i64, currency: Currency) -> Self {
        if debit_minor != 0 {
            self.legs.push(Leg { side, debit_minor, currency });
        }
        self
    }
}

/// What was booked.
#[derive(Debug, Clone)]
pub struct Booked {
    /// Posting id of each account or card touched.
    pub transactions: BTreeMap<String, i64>,
    /// Balance of each account after it.
    pub balances: BTreeMap<String, Money>,
}

impl Booked {
    pub fn transaction(&self, of: &str) -> Option<String> {
        self.transactions.get(of).map(|id| format!("tx_{id}"))
    }
}

/// Books an entry.
pub async fn post(cx: &mut Cx<'_>, entry: Entry) -> Result<Booked, Fail> {
    let mut sums: BTreeMap<Currency, i64> = BTreeMap::new();
    for leg in &entry.legs {
        let sum = sums.entry(leg.currency).or_default();
        *sum = sum.checked_add(leg.debit_minor).ok_or(Fail::Data("amount overflow"))?;
    }
    if entry.legs.len() < 2 || sums.values().any(|sum| *sum != 0) {
        return Err(Fail::Data("unbalanced entry"));
    }
    let today = cx.today.to_string();
    let id: i64 = sqlx::query_scalar(
        "INSERT INTO entries (order_id, booked_on, booked_at_ms, kind, summary, counterparty_name,
           counterparty_account, counterparty_bank, channel) VALUES (?,?,?,?,?,?,?,?,?) RETURNING id",
    )
    .bind(&entry.order)
    .bind(&today)
    .bind(cx.now_ms)
    .bind(entry.kind)
    .bind(&entry.summary)
    .bind(&entry.party.name)
    .bind(&entry.party.account)
    .bind(&entry.party.bank)
    .bind(&entry.channel)
    .fetch_one(&mut *cx.conn)
    .await?;
    let mut booked = Booked { transactions: BTreeMap::new(), balances: BTreeMap::new() };
    for leg in &entry.legs {
        let (code, account, card, balance) = match &leg.side {
            Side::Gl(code) => (code.clone(), None, None, None),
            Side::Account(account) => {
                let balance = move_account(cx.conn, account, -leg.debit_minor).await?;
                booked.balances.insert(account.clone(), Money::new(balance, leg.currency));
                (codes::deposit(account), Some(account), None, Some(balance))
            }
            Side::Card(card) => {
                let owed: i64 = sqlx::query_scalar(
                    "UPDATE cards SET owed_minor = owed_minor + ? WHERE id = ? RETURNING owed_minor",
                )
                .bind(leg.debit_minor)
                .bind(card)
                .fetch_one(&mut *cx.conn)
                .await?;
                (codes::card(card), None, Some(card), Some(owed))
            }
        };
        let posting: i64 = sqlx::query_scalar(
            "INSERT INTO postings (entry, ledger, account, card, amount_minor, currency, balance_after_minor, booked_on)
             VALUES (?,?,?,?,?,?,?,?) RETURNING id",
        )
        .bind(id)
        .bind(code)
        .bind(account)
        .bind(card)
        .bind(leg.debit_minor)
        .bind(leg.currency.code())
        .bind(balance)
        .bind(&today)
        .fetch_one(&mut *cx.conn)
        .await?;
        if let Some(of) = account.or(card) {
            booked.transactions.insert(of.clone(), posting);
        }
    }
    Ok(booked)
}

/// Changes a balance; the table refuses to let available money go negative.
async fn move_account(conn: &mut Conn, account: &str, by_minor: i64) -> Result<i64, Fail> {
    let moved =
        sqlx::query_scalar("UPDATE accounts SET ledger_minor = ledger_minor + ? WHERE id = ? RETURNING ledger_minor")
            .bind(by_minor)
            .bind(account)
            .fetch_one(conn)
            .await;
    moved.map_err(insufficient_or_fault)
}

/// A refusing CHECK means too little money; anything else is a fault.
fn insufficient_or_fault(error: sqlx::Error) -> Fail {
    let check = error.as_database_error().is_some_and(|db| db.kind() == sqlx::error::ErrorKind::CheckViolation);
    if check { refuse(Code::InsufficientFunds) } else { Fail::Storage(error) }
}

/// Refuses unless `needed` is available on the account.
pub fn check_available(available: Money, needed_minor: i64) -> Result<(), Fail> {
    if available.minor >= needed_minor {
        return Ok(());
    }
    Err(refuse_with(
        Code::InsufficientFunds,
        json!({"available": available, "short_by": Money::new(needed_minor - available.minor, available.currency)}),
    ))
}

/// Holds an amount: available goes down, the ledger balance stays.
pub async fn place_hold(
    cx: &mut Cx<'_>,
    account: &str,
    amount_minor: i64,
    reason: &str,
    order: Option<&str>,
    expires_at_ms: Option<i64>,
) -> Result<String, Fail> {
    let id = next_id(cx.conn, "hd").await?;
    sqlx::query("UPDATE accounts SET held_minor = held_minor + ? WHERE id = ?")
        .bind(amount_minor)
        .bind(account)
        .execute(&mut *cx.conn)
        .await
        .map_err(insufficient_or_fault)?;
    sqlx::query(
        "INSERT INTO holds (id, account, amount_minor, reason, order_id, placed_at_ms, expires_at_ms, status)
         VALUES (?,?,?,?,?,?,?,'placed')",
    )
    .bind(&id)
    .bind(account)
    .bind(amount_minor)
    .bind(reason)
    .bind(order)
    .bind(cx.now_ms)
    .bind(expires_at_ms)
    .execute(&mut *cx.conn)
    .await?;
    Ok(id)
}

/// Ends a hold as `released`, `captured` or `expired`; a hold ends once.
pub async fn end_hold(cx: &mut Cx<'_>, hold: &str, how: &str) -> Result<Option<(String, i64)>, Fail> {
    let ended: Option<(String, i64)> = sqlx::query_as(
        "UPDATE holds SET status = ? WHERE id = ? AND status = 'placed' RETURNING account, amount_minor",
    )
    .bind(how)
    .bind(hold)
    .fetch_optional(&mut *cx.conn)
    .await?;
    if let Some((account, amount_minor)) = &ended {
        sqlx::query("UPDATE accounts SET held_minor = held_minor - ? WHERE id = ?")
            .bind(amount_minor)
            .bind(account)
            .execute(&mut *cx.conn)
            .await?;
    }
    Ok(ended)
}
