//! The whole journal in hledger's format, so that an independent program can
//! check the books.
//!
//! Every account and commodity is declared, and a last entry asserts the
//! balance of every customer account and card as this ledger knows it.

use crate::error::Fail;
use crate::ledger::codes;
use crate::money::{Currency, Money};
use crate::store::Conn;
use std::collections::BTreeSet;
use std::fmt::Write;

/// Entries read at a time.
const PAGE: i64 = 2_000;

#[derive(sqlx::FromRow)]
struct Row {
    entry: i64,
    booked_on: String,
    kind: String,
    order_id: Option<String>,
    ledger: String,
    amount_minor: i64,
    currency: String,
}

fn currency(code: &str) -> Result<Currency, Fail> {
    Currency::parse(code).ok_or(Fail::Data("currency"))
}

/// `CNY 12.00`.
fn amount(minor: i64, code: &str) -> Result<String, Fail> {
    let money = Money::new(minor, currency(code)?);
    Ok(format!("{code} {}", money.decimal()))
}

pub async fn journal(conn: &mut Conn) -> Result<String, Fail> {
    let mut out = String::from("; Journal of the sandbox bank. Debits are positive.\n");
    let ledgers: Vec<String> =
        sqlx::query_scalar("SELECT DISTINCT ledger FROM postings ORDER BY ledger").fetch_all(&mut *conn).await?;
    let used: Vec<String> =
        sqlx::query_scalar("SELECT DISTINCT currency FROM postings ORDER BY currency").fetch_all(&mut *conn).await?;
    for code in &used {
        let point = if currency(code)?.exponent() == 0 { "1000." } else { "1000.00" };
        line(&mut out, format_args!("commodity {code} {point}"));
    }
    for ledger in &ledgers {
        line(&mut out, format_args!("account {ledger}"));
    }
    let mut after = 0;
    let mut current = None;
    let mut last_on = String::from("1970-01-01");
    loop {
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT p.entry, e.booked_on, e.kind, e.order_id, p.ledger, p.amount_minor, p.currency
             FROM postings p JOIN entries e ON e.id = p.entry
             WHERE p.entry > ?1 AND p.entry <= ?1 + ?2 ORDER BY p.entry, p.id",
        )
        .bind(after)
        .bind(PAGE)
        .fetch_all(&mut *conn)
        .await?;
        for row in &rows {
            if current != Some(row.entry) {
                let order = row.order_id.as_deref().map(|id| format!(" ; order:{id}")).unwrap_or_default();
                line(&mut out, format_args!("\n{} ({}) {}{order}", row.booked_on, row.entry, row.kind));
                current = Some(row.entry);
                last_on.clone_from(&row.booked_on);
            }
            line(&mut out, format_args!("    {}  {}", row.ledger, amount(row.amount_minor, &row.currency)?));
        }
        after += PAGE;
        let more: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM entries WHERE id > ?)")
            .bind(after)
            .fetch_one(&mut *conn)
            .await?;
        if !more {
            break;
        }
    }
    assertions(conn, &mut out, &last_on, &ledgers.into_iter().collect()).await?;
    Ok(out)
}

/// An entry of zero postings that asserts the balances kept beside the journal.
async fn assertions(conn: &mut Conn, out: &mut String, on: &str, ledgers: &BTreeSet<String>) -> Result<(), Fail> {
    let accounts: Vec<(String, i64, String)> =
        sqlx::query_as("SELECT id, ledger_minor, currency FROM accounts ORDER BY id").fetch_all(&mut *conn).await?;
    let cards: Vec<(String, i64)> =
        sqlx::query_as("SELECT id, owed_minor FROM cards WHERE kind = 'credit' ORDER BY id")
            .fetch_all(&mut *conn)
            .await?;
    let loans: Vec<(String, i64)> =
        sqlx::query_as("SELECT id, balance_minor FROM loans ORDER BY id").fetch_all(&mut *conn).await?;
    let deposits: Vec<(String, i64, String)> =
        sqlx::query_as("SELECT id, principal_minor, currency FROM deposits ORDER BY id").fetch_all(&mut *conn).await?;
    let mut kept: Vec<(String, i64, String)> = Vec::new();
    kept.extend(accounts.into_iter().map(|(id, minor, code)| (codes::deposit(&id), -minor, code)));
    kept.extend(cards.into_iter().map(|(id, minor)| (codes::card(&id), minor, "CNY".into())));
    kept.extend(loans.into_iter().map(|(id, minor)| (codes::loan(&id), minor, "CNY".into())));
    kept.extend(deposits.into_iter().map(|(id, minor, code)| (codes::term(&id), -minor, code)));
    line(out, format_args!("\n{on} balances"));
    for (ledger, minor, code) in kept.into_iter().filter(|(ledger, _, _)| ledgers.contains(ledger)) {
        line(out, format_args!("    {ledger}  {} = {}", amount(0, &code)?, amount(minor, &code)?));
    }
    Ok(())
}

fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{text}");
}
