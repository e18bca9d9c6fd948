//! Statements, receipts and certificates, each with a check code.

use super::requests::{NewRequest, movement, open_request};
use crate::error::{Fail, bad_param, not_allowed};
use crate::ledger::{Entry, check_available, codes, post};
use crate::model::{self, AccountRow, kept_text, masked_name, tail};
use crate::money::Money;
use crate::orders::loan::LoanRow;
use crate::orders::operation::{Done, Draft};
use crate::orders::remit::store_document;
use crate::orders::row::OrderRow;
use crate::store::{Cx, stored_date};
use crate::time::plus_months;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Movements in one statement; a longer span must be asked in parts.
const ENTRIES_MAX: i64 = 5_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StatementKind {
    Statement,
    /// Of one transaction.
    Receipt,
    /// Of the balance, for third parties.
    Certificate,
    /// That a loan is repaid.
    Settlement,
}

#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StatementParams {
    pub account: String,
    #[schema(value_type = String)]
    pub from: Date,
    #[schema(value_type = String)]
    pub to: Date,
    pub kind: Option<StatementKind>,
    pub purpose: Option<String>,
    /// `zh` or `en`.
    pub language: Option<String>,
    pub transaction: Option<String>,
    pub loan: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct StatementValues {
    pub account: String,
    pub account_label: String,
    pub account_tail: String,
    pub kind: StatementKind,
    pub from: String,
    pub to: String,
    pub purpose: String,
    pub language: String,
    pub entries: i64,
    pub fee: Money,
    pub transaction: Option<String>,
    pub loan: Option<String>,
}

pub async fn prepare_statement(cx: &mut Cx<'_>, customer: &str, p: StatementParams) -> Result<Draft, Fail> {
    let account = model::account(cx.conn, customer, &p.account, "account").await?;
    let kind = p.kind.unwrap_or(StatementKind::Statement);
    if p.to < p.from || p.to > cx.today {
        return Err(bad_param("to"));
    }
    if p.from < plus_months(cx.today, -12 * cx.bank.service.range_years) {
        return Err(bad_param("from"));
    }
    let language = p.language.unwrap_or_else(|| "zh".into());
    if !matches!(language.as_str(), "zh" | "en") {
        return Err(bad_param("language"));
    }
    match kind {
        StatementKind::Receipt => {
            let transaction = p.transaction.as_deref().ok_or_else(|| bad_param("transaction"))?;
            movement(cx.conn, customer, transaction).await?;
        }
        StatementKind::Settlement => {
            let loan = LoanRow::find(cx.conn, customer, p.loan.as_deref().ok_or_else(|| bad_param("loan"))?).await?;
            if loan.balance_minor > 0 {
                return Err(not_allowed("loan_not_settled"));
            }
        }
        StatementKind::Statement | StatementKind::Certificate => {}
    }
    let entries: i64 =
        sqlx::query_scalar("SELECT count(*) FROM postings WHERE account = ? AND booked_on BETWEEN ? AND ?")
            .bind(&account.id)
            .bind(p.from.to_string())
            .bind(p.to.to_string())
            .fetch_one(&mut *cx.conn)
            .await?;
    if entries > ENTRIES_MAX {
        return Err(bad_param("from"));
    }
    let fee = if kind == StatementKind::Certificate { cx.bank.service.certificate_fee.0 } else { 0 };
    check_available(model::primary_account(cx.conn, customer).await?.available(), fee)?;
    Draft::new(StatementValues {
        account: account.id.clone(),
        account_label: account.label(),
        account_tail: tail(&account.number),
        kind,
        from: p.from.to_string(),
        to: p.to.to_string(),
        purpose: kept_text(p.purpose.as_deref().unwrap_or_default()),
        language,
        entries: if kind == StatementKind::Statement { entries } else { 1 },
        fee: Money::cny(fee),
        transaction: p.transaction,
        loan: p.loan,
    })
}

pub async fn apply_statement(cx: &mut Cx<'_>, order: &OrderRow, v: StatementValues) -> Result<Done, Fail> {
    if v.fee.minor > 0 {
        let payer = model::primary_account(cx.conn, &order.customer).await?;
        let entry =
            Entry::new("fee", "资信证明手续费").order(&order.id).take(&payer.id, v.fee).gl_credit(codes::FEES, v.fee);
        post(cx, entry).await?;
    }
    let account = model::account_by_id(cx.conn, &v.account).await?;
    let content = content(cx, &order.customer, &account, &v).await?;
    let kind = serde_json::to_value(v.kind)?.as_str().unwrap_or_default().to_owned();
    let (document, check_code) = store_document(cx, &order.customer, &kind, "text/csv", &content).await?;
    let request = NewRequest {
        kind: "statement",
        prefix: "LS",
        status: "done",
        due_on: None,
        summary: format!("{} {} - {}", v.account_label, v.from, v.to),
        detail: json!({"document": document, "kind": kind, "check_code": check_code}),
    };
    let number = open_request(cx, &order.customer, request).await?;
    Ok(Done::Posted(json!({"number": number, "document": document, "check_code": check_code})))
}

/// The document's text: a head line and one line for each movement.
async fn content(cx: &mut Cx<'_>, customer: &str, account: &AccountRow, v: &StatementValues) -> Result<String, Fail> {
    let holder = model::customer(cx.conn, customer).await?;
    let head = format!("{},{},{},{}\n", masked_name(&holder.name), account.number, v.from, v.to);
    match v.kind {
        StatementKind::Certificate => {
            Ok(format!("{head}balance,{},{}\n", account.ledger().decimal(), account.currency))
        }
        StatementKind::Settlement => Ok(format!("{head}loan,{},settled\n", v.loan.as_deref().unwrap_or_default())),
        StatementKind::Receipt => {
            let (on, amount, other) = movement(cx.conn, customer, v.transaction.as_deref().unwrap_or_default()).await?;
            let amount = Money::new(-amount.minor, amount.currency);
            Ok(format!("{head}{on},{},{},{other}\n", amount.decimal(), amount.currency.code()))
        }
        StatementKind::Statement => {
            let rows: Vec<(String, String, i64, i64, Option<String>)> = sqlx::query_as(
                "SELECT p.booked_on, e.summary, -p.amount_minor, p.balance_after_minor, e.counterparty_name
                 FROM postings p JOIN entries e ON e.id = p.entry
                 WHERE p.account = ? AND p.booked_on BETWEEN ? AND ? ORDER BY p.id LIMIT ?",
            )
            .bind(&account.id)
            .bind(stored_date(&v.from)?.to_string())
            .bind(stored_date(&v.to)?.to_string())
            .bind(ENTRIES_MAX)
            .fetch_all(&mut *cx.conn)
            .await?;
            let mut text = head;
            for (on, summary, minor, balance, other) in rows {
                let (amount, balance) = (account.money(minor), account.money(balance));
                let clean = |text: &str| text.replace([',', '\n', '"'], " ");
                text.push_str(&format!(
                    "{on},{},{},{},{}\n",
                    clean(&summary),
                    amount.decimal(),
                    balance.decimal(),
                    clean(other.as_deref().unwrap_or_default())
                ));
            }
            Ok(text)
        }
    }
}
