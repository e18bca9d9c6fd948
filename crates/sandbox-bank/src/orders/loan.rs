//! Loans: the plan as stored, and prepaying it.

use super::operation::{Done, Draft};
use super::row::OrderRow;
use super::transfer::check_unrestricted;
use crate::error::{Code, Fail, bad_param, not_allowed, not_found, refuse_with};
use crate::finance::{self, Method, Period};
use crate::ledger::{Entry, check_available, codes, post};
use crate::model::{self, tail};
use crate::money::{Currency, Money, round_minor};
use crate::store::{Conn, Cx, stored_date, stored_rate};
use crate::time::days_between;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::json;

#[derive(Debug, Clone, sqlx::FromRow)]
pub struct LoanRow {
    pub id: String,
    pub product: String,
    pub principal_minor: i64,
    pub balance_minor: i64,
    pub rate: String,
    pub rate_basis: String,
    pub reprice_on: String,
    pub method: String,
    pub term: i64,
    pub started_on: String,
    pub repay_account: String,
    pub status: String,
}

#[derive(Debug, Clone, sqlx::FromRow)]
pub struct PeriodRow {
    pub period: i64,
    pub due_on: String,
    pub payment_minor: i64,
    pub principal_minor: i64,
    pub interest_minor: i64,
    pub balance_minor: i64,
}

impl PeriodRow {
    fn period(&self) -> Period {
        Period {
            payment_minor: self.payment_minor,
            principal_minor: self.principal_minor,
            interest_minor: self.interest_minor,
            balance_minor: self.balance_minor,
        }
    }
}

impl LoanRow {
    pub async fn find(conn: &mut Conn, customer: &str, id: &str) -> Result<Self, Fail> {
        sqlx::query_as("SELECT * FROM loans WHERE id = ? AND customer = ?")
            .bind(id)
            .bind(customer)
            .fetch_optional(conn)
            .await?
            .ok_or_else(|| not_found("loan"))
    }

    /// Periods not paid yet, or those paid.
    pub async fn periods(&self, conn: &mut Conn, paid: bool) -> Result<Vec<PeriodRow>, Fail> {
        Ok(sqlx::query_as("SELECT * FROM loan_periods WHERE loan = ? AND (paid_on IS NOT NULL) = ? ORDER BY period")
            .bind(&self.id)
            .bind(paid)
            .fetch_all(conn)
            .await?)
    }

    pub fn method(&self) -> Method {
        Method::parse(&self.method)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PrepayMode {
    Shorten,
    Reduce,
    Settle,
}

#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LoanPrepayParams {
    pub loan: String,
    pub mode: PrepayMode,
    pub amount: Option<Money>,
    pub from_account: Option<String>,
}

/// What a prepayment today would cost and change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PrepayQuote {
    pub loan: String,
    pub label: String,
    pub mode: PrepayMode,
    pub amount: Money,
    /// On the prepaid principal since the last payment day.
    pub accrued_interest: Money,
    pub penalty: Money,
    pub penalty_rate: String,
    pub total: Money,
    pub balance_before: Money,
    pub balance_after: Money,
    pub payment_before: Money,
    pub payment_after: Money,
    pub periods_before: usize,
    pub periods_after: usize,
    /// Last payment day afterwards; none when settled.
    pub ends_on: Option<String>,
    pub interest_saved: Money,
}

struct Planned {
    quote: PrepayQuote,
    left: Vec<PeriodRow>,
    after: Vec<Period>,
}

async fn plan(cx: &mut Cx<'_>, loan: &LoanRow, mode: PrepayMode, amount: Option<Money>) -> Result<Planned, Fail> {
    let terms = cx.bank.loan.products.get(&loan.product).ok_or(Fail::Data("loan product"))?;
    let left = loan.periods(cx.conn, false).await?;
    let paid = loan.periods(cx.conn, true).await?;
    let Some(next) = left.first() else { return Err(not_allowed("loan_settled")) };
    if stored_date(&next.due_on)? < cx.today {
        return Err(not_allowed("loan_overdue"));
    }
    let amount = match (mode, amount) {
        (PrepayMode::Settle, _) => loan.balance_minor,
        (_, Some(amount)) if amount.currency == Currency::Cny && amount.minor > 0 => amount.minor,
        _ => return Err(bad_param("amount")),
    };
    if mode != PrepayMode::Settle && amount < terms.prepay_min.0 {
        return Err(refuse_with(Code::AmountTooSmall, json!({"limit": Money::cny(terms.prepay_min.0)})));
    }
    if mode != PrepayMode::Settle && amount >= loan.balance_minor {
        return Err(refuse_with(
            Code::AmountTooLarge,
            json!({"limit": Money::cny(loan.balance_minor), "reason": "settle"}),
        ));
    }
    let rate = stored_rate(&loan.rate)?;
    let since = paid.last().map_or(&loan.started_on, |period| &period.due_on);
    let accrued = finance::interest_days(amount, rate, days_between(stored_date(since)?, cx.today).max(0));
    let early = i64::try_from(paid.len()).unwrap_or(i64::MAX) < terms.penalty_within;
    let penalty_rate = if early { terms.penalty_early } else { terms.penalty };
    let penalty = round_minor(Decimal::from(amount) * penalty_rate / Decimal::ONE_HUNDRED);
    let balance = loan.balance_minor - amount;
    let periods = u32::try_from(left.len()).map_err(|_| Fail::Data("loan periods"))?;
    let after = match mode {
        _ if balance == 0 => Vec::new(),
        PrepayMode::Shorten => finance::shortened(balance, rate, next.period(), periods, loan.method()),
        _ => finance::schedule(balance, rate, periods, loan.method()),
    };
    let interest = |total: i64| Money::cny(total.max(0));
    let before_interest: i64 = left.iter().map(|period| period.interest_minor).sum();
    let after_interest: i64 = after.iter().map(|period| period.interest_minor).sum();
    let quote = PrepayQuote {
        loan: loan.id.clone(),
        label: label(loan, &terms.name),
        mode,
        amount: Money::cny(amount),
        accrued_interest: Money::cny(accrued),
        penalty: Money::cny(penalty),
        penalty_rate: penalty_rate.to_string(),
        total: Money::cny(amount + accrued + penalty),
        balance_before: Money::cny(loan.balance_minor),
        balance_after: Money::cny(balance),
        payment_before: Money::cny(next.payment_minor),
        payment_after: Money::cny(after.first().map_or(0, |period| period.payment_minor)),
        periods_before: left.len(),
        periods_after: after.len(),
        ends_on: after.len().checked_sub(1).and_then(|last| left.get(last)).map(|period| period.due_on.clone()),
        interest_saved: interest(before_interest - after_interest - accrued),
    };
    Ok(Planned { quote, left, after })
}

pub fn label(loan: &LoanRow, name: &str) -> String {
    format!("{name} 剩余本金{}元", Money::cny(loan.balance_minor).decimal())
}

pub async fn prepay_quote(
    cx: &mut Cx<'_>,
    loan: &LoanRow,
    mode: PrepayMode,
    amount: Option<Money>,
) -> Result<PrepayQuote, Fail> {
    Ok(plan(cx, loan, mode, amount).await?.quote)
}

#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LoanPrepayValues {
    #[serde(flatten)]
    pub quote: PrepayQuote,
    pub from_account: String,
    pub from_tail: String,
}

pub async fn prepare_prepay(cx: &mut Cx<'_>, customer: &str, p: LoanPrepayParams) -> Result<Draft, Fail> {
    let loan = LoanRow::find(cx.conn, customer, &p.loan).await?;
    let quote = prepay_quote(cx, &loan, p.mode, p.amount).await?;
    let from = p.from_account.as_deref().unwrap_or(&loan.repay_account);
    let from = model::account(cx.conn, customer, from, "from_account").await?;
    if from.currency() != Currency::Cny {
        return Err(bad_param("from_account"));
    }
    check_unrestricted(cx, &from).await?;
    check_available(from.available(), quote.total.minor)?;
    Ok(Draft {
        from_account: Some(from.id.clone()),
        amount: Some(quote.total),
        ..Draft::new(LoanPrepayValues { from_account: from.id.clone(), from_tail: tail(&from.number), quote })?
    })
}

pub async fn apply_prepay(cx: &mut Cx<'_>, order: &OrderRow, v: LoanPrepayValues) -> Result<Done, Fail> {
    let loan = LoanRow::find(cx.conn, &order.customer, &v.quote.loan).await?;
    let amount = (v.quote.mode != PrepayMode::Settle).then_some(v.quote.amount);
    let Planned { quote, left, after } = plan(cx, &loan, v.quote.mode, amount).await?;
    let entry = Entry::new("loan_repayment", "提前还款")
        .order(&order.id)
        .channel("app")
        .take(&v.from_account, quote.total)
        .gl_credit(codes::loan(&loan.id), quote.amount)
        .gl_credit(codes::INTEREST_INCOME, quote.accrued_interest)
        .gl_credit(codes::FEES, quote.penalty);
    let booked = post(cx, entry).await?;
    sqlx::query("DELETE FROM loan_periods WHERE loan = ? AND paid_on IS NULL")
        .bind(&loan.id)
        .execute(&mut *cx.conn)
        .await?;
    for (old, new) in left.iter().zip(&after) {
        sqlx::query("INSERT INTO loan_periods VALUES (?,?,?,?,?,?,?,NULL)")
            .bind(&loan.id)
            .bind(old.period)
            .bind(&old.due_on)
            .bind(new.payment_minor)
            .bind(new.principal_minor)
            .bind(new.interest_minor)
            .bind(new.balance_minor)
            .execute(&mut *cx.conn)
            .await?;
    }
    sqlx::query(
        "UPDATE loans SET balance_minor = ?, status = CASE WHEN ? = 0 THEN 'settled' ELSE status END WHERE id = ?",
    )
    .bind(quote.balance_after.minor)
    .bind(quote.balance_after.minor)
    .bind(&loan.id)
    .execute(&mut *cx.conn)
    .await?;
    Ok(Done::Posted(json!({
        "transaction": booked.transaction(&v.from_account),
        "balance_after": booked.balances.get(&v.from_account),
        "loan_balance": quote.balance_after,
    })))
}
