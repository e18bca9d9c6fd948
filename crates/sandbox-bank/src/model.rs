//! Rows of the ledger as the use cases see them, and how to find them.
//!
//! Every finder takes the customer: nothing of another customer is ever found.

use crate::error::{Fail, not_found};
use crate::money::{Currency, Money};
use crate::store::{Conn, stored_date};
use jiff::civil::Date;

/// Longest text kept of what a customer typed, in characters.
pub const TEXT_MAX_CHARS: usize = 1_000;

#[derive(Debug, Clone, sqlx::FromRow)]
pub struct CustomerRow {
    pub id: String,
    pub name: String,
    pub name_en: String,
    pub gender: String,
    pub born: String,
    pub phone: String,
    pub segment: String,
    pub language: String,
    pub city: String,
    pub branch: String,
    pub since: String,
    pub note: String,
    pub note_en: String,
    pub id_type: String,
    pub id_expires_on: String,
    pub default_arrival: String,
}

impl CustomerRow {
    pub fn born_on(&self) -> Result<Date, Fail> {
        stored_date(&self.born)
    }

    /// Is this how the customer is called, in either script?
    pub fn is_called(&self, name: &str) -> bool {
        same_name(&self.name, name) || same_name(&self.name_en, name)
    }
}

/// Names are equal regardless of case, blanks and middle dots.
pub fn same_name(one: &str, other: &str) -> bool {
    let plain = |name: &str| -> String {
        name.chars()
            .filter(|c| !c.is_whitespace() && !matches!(c, '·' | '•' | '.'))
            .flat_map(char::to_lowercase)
            .collect()
    };
    plain(one) == plain(other)
}

/// `张*`, `欧阳**`; every name but the first character hidden.
pub fn masked_name(name: &str) -> String {
    let mut chars = name.chars();
    match chars.next() {
        Some(first) => std::iter::once(first).chain(chars.map(|_| '*')).take(4).collect(),
        None => String::new(),
    }
}

/// `138****1234`.
pub fn masked_phone(phone: &str) -> String {
    match (phone.get(..3), phone.len().checked_sub(4).and_then(|from| phone.get(from..))) {
        (Some(head), Some(tail)) if phone.len() > 7 => format!("{head}****{tail}"),
        _ => "****".to_owned(),
    }
}

/// `622588****0001`: the first six and the last four.
pub fn masked_number(number: &str) -> String {
    match (number.get(..6), number.len().checked_sub(4).and_then(|from| number.get(from..))) {
        (Some(head), Some(tail)) if number.len() > 10 => format!("{head}****{tail}"),
        _ => format!("****{}", tail(number)),
    }
}

/// The last four characters.
pub fn tail(number: &str) -> String {
    let skip = number.chars().count().saturating_sub(4);
    number.chars().skip(skip).collect()
}

#[derive(Debug, Clone, sqlx::FromRow)]
pub struct AccountRow {
    pub id: String,
    pub customer: String,
    pub number: String,
    pub class: String,
    pub currency: String,
    pub alias: String,
    pub alias_en: String,
    pub nature: String,
    pub branch: String,
    pub opened_on: String,
    pub is_primary: bool,
    pub restriction: Option<String>,
    pub bound_account: Option<String>,
    pub sms_notify: bool,
    pub ledger_minor: i64,
    pub held_minor: i64,
}

impl AccountRow {
    pub fn currency(&self) -> Currency {
        Currency::parse(&self.currency).unwrap_or_default()
    }

    pub fn money(&self, minor: i64) -> Money {
        Money::new(minor, self.currency())
    }

    pub fn ledger(&self) -> Money {
        self.money(self.ledger_minor)
    }

    pub fn held(&self) -> Money {
        self.money(self.held_minor)
    }

    /// Ledger less held.
    pub fn available(&self) -> Money {
        self.money(self.ledger_minor - self.held_minor)
    }

    pub fn label(&self) -> String {
        format!("{} 尾号{}", self.alias, tail(&self.number))
    }

    pub fn label_en(&self) -> String {
        format!("{} ending {}", self.alias_en, tail(&self.number))
    }
}

#[derive(Debug, Clone, sqlx::FromRow)]
pub struct CardRow {
    pub id: String,
    pub kind: String,
    pub number: String,
    pub product: String,
    pub name: String,
    pub name_en: String,
    pub account: Option<String>,
    pub status: String,
    pub lock_scope: Option<String>,
    pub lost_until: Option<String>,
    pub expires: String,
    pub limit_minor: i64,
    pub owed_minor: i64,
    pub statement_day: i64,
    pub autopay: String,
    pub autopay_account: Option<String>,
    pub points: i64,
    pub points_expiring: i64,
    pub points_expire_on: Option<String>,
}

impl CardRow {
    pub fn is_credit(&self) -> bool {
        self.kind == "credit"
    }

    pub fn label(&self) -> String {
        format!("{} 尾号{}", self.name, tail(&self.number))
    }

    pub fn label_en(&self) -> String {
        format!("{} ending {}", self.name_en, tail(&self.number))
    }
}

#[derive(Debug, Clone, sqlx::FromRow)]
pub struct PayeeRow {
    pub id: String,
    pub name: String,
    pub account: String,
    pub bank: String,
    pub alias: Option<String>,
    pub added_on: String,
    pub last_used_on: Option<String>,
}

pub async fn customer(conn: &mut Conn, id: &str) -> Result<CustomerRow, Fail> {
    sqlx::query_as("SELECT * FROM customers WHERE id = ?")
        .bind(id)
        .fetch_optional(conn)
        .await?
        .ok_or_else(|| not_found("customer"))
}

/// An account of the customer, by id or full number.
pub async fn account(conn: &mut Conn, customer: &str, text: &str, field: &str) -> Result<AccountRow, Fail> {
    sqlx::query_as("SELECT * FROM accounts WHERE customer = ? AND (id = ? OR number = ?)")
        .bind(customer)
        .bind(text)
        .bind(text)
        .fetch_optional(conn)
        .await?
        .ok_or_else(|| not_found(field))
}

/// Any account of the bank, by number.
pub async fn account_by_number(conn: &mut Conn, number: &str) -> Result<Option<AccountRow>, Fail> {
    Ok(sqlx::query_as("SELECT * FROM accounts WHERE number = ?").bind(number).fetch_optional(conn).await?)
}

pub async fn account_by_id(conn: &mut Conn, id: &str) -> Result<AccountRow, Fail> {
    sqlx::query_as("SELECT * FROM accounts WHERE id = ?")
        .bind(id)
        .fetch_optional(conn)
        .await?
        .ok_or_else(|| not_found("account"))
}

pub async fn accounts(conn: &mut Conn, customer: &str) -> Result<Vec<AccountRow>, Fail> {
    Ok(sqlx::query_as("SELECT * FROM accounts WHERE customer = ? ORDER BY id").bind(customer).fetch_all(conn).await?)
}

/// The customer's first yuan account, from which fees are taken.
pub async fn primary_account(conn: &mut Conn, customer: &str) -> Result<AccountRow, Fail> {
    sqlx::query_as(
        "SELECT * FROM accounts WHERE customer = ? AND currency = 'CNY' ORDER BY is_primary DESC, id LIMIT 1",
    )
    .bind(customer)
    .fetch_optional(conn)
    .await?
    .ok_or_else(|| not_found("account"))
}

/// A card of the customer, by id or full number.
pub async fn card(conn: &mut Conn, customer: &str, text: &str) -> Result<CardRow, Fail> {
    sqlx::query_as("SELECT * FROM cards WHERE customer = ? AND (id = ? OR number = ?)")
        .bind(customer)
        .bind(text)
        .bind(text)
        .fetch_optional(conn)
        .await?
        .ok_or_else(|| not_found("card"))
}

pub async fn cards(conn: &mut Conn, customer: &str) -> Result<Vec<CardRow>, Fail> {
    Ok(sqlx::query_as("SELECT * FROM cards WHERE customer = ? ORDER BY id").bind(customer).fetch_all(conn).await?)
}

/// The named credit card, or the customer's first one in use.
pub async fn credit_card(conn: &mut Conn, customer: &str, text: Option<&str>) -> Result<CardRow, Fail> {
    match text {
        Some(text) => {
            let found = card(conn, customer, text).await?;
            if found.is_credit() { Ok(found) } else { Err(not_found("card")) }
        }
        None => sqlx::query_as(
            "SELECT * FROM cards WHERE customer = ? AND kind = 'credit' AND status <> 'replaced' ORDER BY id LIMIT 1",
        )
        .bind(customer)
        .fetch_optional(conn)
        .await?
        .ok_or_else(|| not_found("card")),
    }
}

pub async fn payee(conn: &mut Conn, customer: &str, id: &str) -> Result<PayeeRow, Fail> {
    sqlx::query_as("SELECT * FROM payees WHERE customer = ? AND id = ?")
        .bind(customer)
        .bind(id)
        .fetch_optional(conn)
        .await?
        .ok_or_else(|| not_found("payee"))
}

pub async fn payees(conn: &mut Conn, customer: &str) -> Result<Vec<PayeeRow>, Fail> {
    Ok(sqlx::query_as("SELECT * FROM payees WHERE customer = ? ORDER BY id").bind(customer).fetch_all(conn).await?)
}

/// Why no money may leave the account; `None` when it may.
pub async fn restriction(conn: &mut Conn, account: &AccountRow) -> Result<Option<String>, Fail> {
    if account.restriction.is_some() {
        return Ok(account.restriction.clone());
    }
    let card: Option<String> = sqlx::query_scalar(
        "SELECT CASE status WHEN 'lost' THEN 'card_lost' ELSE 'card_locked' END FROM cards
         WHERE account = ? AND (status = 'lost' OR (status = 'locked' AND coalesce(lock_scope, 'all') = 'all'))
         ORDER BY status DESC LIMIT 1",
    )
    .bind(&account.id)
    .fetch_optional(conn)
    .await?;
    Ok(card)
}

/// Trims, and cuts what is longer than a text may be.
pub fn kept_text(text: &str) -> String {
    text.trim().chars().take(TEXT_MAX_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks() {
        assert_eq!(masked_name("张伟"), "张*");
        assert_eq!(masked_name("欧阳娜娜"), "欧***");
        assert_eq!(masked_phone("19900001001"), "199****1001");
        assert_eq!(masked_number("6299981001316480485"), "629998****0485");
        assert_eq!(masked_number("123"), "****123");
    }

    #[test]
    fn names_are_compared_as_people_write_them() {
        assert!(same_name("Emily Carter", "emily carter"));
        assert!(same_name("艾米莉·卡特", "艾米莉卡特"));
        assert!(!same_name("张伟", "章伟"));
    }
}
