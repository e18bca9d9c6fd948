//! Time deposits: opening one, and withdrawing at or before maturity.

use super::operation::{Done, Draft};
use super::row::OrderRow;
use super::transfer::check_unrestricted;
use crate::error::{Code, Fail, bad_param, not_allowed, not_found, refuse_with};
use crate::finance;
use crate::ledger::{Entry, check_available, codes, post};
use crate::model::{self, tail};
use crate::money::{Currency, Money};
use crate::store::{Conn, Cx, next_id, stored_date, stored_rate};
use crate::time::{days_between, plus_months};
use serde::{Deserialize, Serialize};
use serde_json::json;

#[derive(Debug, Clone, sqlx::FromRow)]
pub struct DepositRow {
    pub id: String,
    pub product: String,
    pub principal_minor: i64,
    pub currency: String,
    pub rate: String,
    pub term: i64,
    pub opened_on: String,
    pub matures_on: String,
    pub rollover: bool,
    pub account: String,
    pub status: String,
    pub withdrawals: i64,
}

impl DepositRow {
    pub async fn find(conn: &mut Conn, customer: &str, id: &str) -> Result<Self, Fail> {
        sqlx::query_as("SELECT * FROM deposits WHERE id = ? AND customer = ?")
            .bind(id)
            .bind(customer)
            .fetch_optional(conn)
            .await?
            .ok_or_else(|| not_found("deposit"))
    }

    pub fn currency(&self) -> Currency {
        Currency::parse(&self.currency).unwrap_or_default()
    }

    pub fn money(&self, minor: i64) -> Money {
        Money::new(minor, self.currency())
    }

    pub fn months(&self) -> u32 {
        u32::try_from(self.term).unwrap_or(0)
    }

    pub fn label(&self, name: &str) -> String {
        format!("{name} {}个月 {}元 {}到期", self.term, self.money(self.principal_minor).decimal(), self.matures_on)
    }

    pub fn label_en(&self, name: &str) -> String {
        let amount = self.money(self.principal_minor);
        format!(
            "{name}, {} months, {} {}, due {}",
            self.term,
            amount.currency.code(),
            amount.decimal(),
            self.matures_on
        )
    }
}

#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DepositOpenParams {
    pub from_account: String,
    pub term: u32,
    pub amount: Money,
    pub product: Option<String>,
    pub rollover: Option<bool>,
}

/// What a deposit would earn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DepositQuote {
    pub product: String,
    pub amount: Money,
    pub term: u32,
    pub rate: String,
    pub opens_on: String,
    pub matures_on: String,
    pub interest: Money,
    pub total: Money,
}

/// Quotes a deposit of a listed product.
pub fn quote(cx: &Cx<'_>, product: &str, term: u32, amount: Money) -> Result<DepositQuote, Fail> {
    let terms = cx.bank.deposit_product(product, amount.currency).ok_or_else(|| bad_param("product"))?;
    let rate = *terms.rates.get(&term).ok_or_else(|| bad_param("term"))?;
    if amount.minor < terms.min.0 {
        return Err(refuse_with(Code::AmountTooSmall, json!({"limit": Money::new(terms.min.0, amount.currency)})));
    }
    if amount.minor > crate::money::MINOR_MAX || amount.minor % terms.step.0 != 0 {
        return Err(bad_param("amount"));
    }
    let interest = finance::interest_months(amount.minor, rate, term);
    Ok(DepositQuote {
        product: product.to_owned(),
        amount,
        term,
        rate: rate.to_string(),
        opens_on: cx.today.to_string(),
        matures_on: plus_months(cx.today, i64::from(term)).to_string(),
        interest: Money::new(interest, amount.currency),
        total: Money::new(amount.minor + interest, amount.currency),
    })
}

#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DepositOpenValues {
    pub from_account: String,
    pub from_label: String,
    pub from_tail: String,
    pub product: String,
    pub product_name: String,
    pub amount: Money,
    pub term: u32,
    pub rate: String,
    pub opens_on: String,
    pub matures_on: String,
    pub interest: Money,
    pub total: Money,
    pub rollover: bool,
}

pub async fn prepare_open(cx: &mut Cx<'_>, customer: &str, p: DepositOpenParams) -> Result<Draft, Fail> {
    let from = model::account(cx.conn, customer, &p.from_account, "from_account").await?;
    if from.currency() != p.amount.currency {
        return Err(bad_param("from_account"));
    }
    let product = p.product.as_deref().unwrap_or("fixed");
    let quote = quote(cx, product, p.term, p.amount)?;
    check_unrestricted(cx, &from).await?;
    check_available(from.available(), p.amount.minor)?;
    let name = cx.bank.deposit_product(product, p.amount.currency).map(|terms| terms.name.clone()).unwrap_or_default();
    Ok(Draft {
        from_account: Some(from.id.clone()),
        amount: Some(p.amount),
        ..Draft::new(DepositOpenValues {
            from_account: from.id.clone(),
            from_label: from.label(),
            from_tail: tail(&from.number),
            product: quote.product,
            product_name: name,
            amount: quote.amount,
            term: quote.term,
            rate: quote.rate,
            opens_on: quote.opens_on,
            matures_on: quote.matures_on,
            interest: quote.interest,
            total: quote.total,
            rollover: p.rollover.unwrap_or(false),
        })?
    })
}

pub async fn apply_open(cx: &mut Cx<'_>, order: &OrderRow, v: DepositOpenValues) -> Result<Done, Fail> {
    let id = next_id(cx.conn, "td").await?;
    let entry = Entry::new("deposit", "存入定期")
        .order(&order.id)
        .channel("app")
        .take(&v.from_account, v.amount)
        .gl_credit(codes::term(&id), v.amount);
    let booked = post(cx, entry).await?;
    sqlx::query("INSERT INTO deposits VALUES (?,?,?,?,?,?,?,?,?,?,?,'open',0)")
        .bind(&id)
        .bind(&order.customer)
        .bind(&v.product)
        .bind(v.amount.minor)
        .bind(v.amount.currency.code())
        .bind(&v.rate)
        .bind(v.term)
        .bind(&v.opens_on)
        .bind(&v.matures_on)
        .bind(v.rollover)
        .bind(&v.from_account)
        .execute(&mut *cx.conn)
        .await?;
    Ok(Done::Posted(json!({"deposit": id, "balance_after": booked.balances.get(&v.from_account)})))
}

#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DepositWithdrawParams {
    pub deposit: String,
    pub amount: Option<Money>,
    pub to_account: Option<String>,
}

/// What withdrawing today gives.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct WithdrawQuote {
    pub deposit: String,
    pub label: String,
    pub amount: Money,
    pub full: bool,
    pub matured: bool,
    pub rate: String,
    pub rate_applied: String,
    pub days_held: i64,
    pub interest: Money,
    pub total: Money,
    pub interest_if_kept: Money,
    pub interest_lost: Money,
    pub principal_left: Money,
}

/// Works a withdrawal out, refusing what the product does not allow.
pub async fn withdraw_quote(
    cx: &mut Cx<'_>,
    deposit: &DepositRow,
    amount: Option<Money>,
) -> Result<WithdrawQuote, Fail> {
    if deposit.status == "closed" {
        return Err(not_allowed("deposit_closed"));
    }
    let principal = deposit.money(deposit.principal_minor);
    let amount = amount.unwrap_or(principal);
    if amount.currency != principal.currency || amount.minor <= 0 {
        return Err(bad_param("amount"));
    }
    if amount.minor > principal.minor {
        return Err(refuse_with(Code::AmountTooLarge, json!({"limit": principal})));
    }
    let full = amount.minor == principal.minor;
    let left = principal.minor - amount.minor;
    if !full && deposit.withdrawals >= cx.bank.deposit.partial_max {
        return Err(not_allowed("partial_withdrawals_used"));
    }
    if !full && left < cx.bank.deposit.min_remain.0 {
        return Err(refuse_with(
            Code::AmountTooLarge,
            json!({
                "limit": deposit.money(principal.minor - cx.bank.deposit.min_remain.0),
            }),
        ));
    }
    let rate = stored_rate(&deposit.rate)?;
    let demand = cx.bank.deposit.demand_rate;
    let (opened, matures) = (stored_date(&deposit.opened_on)?, stored_date(&deposit.matures_on)?);
    let matured = matures <= cx.today;
    let if_kept = finance::interest_months(amount.minor, rate, deposit.months());
    let interest = if matured {
        if_kept + finance::interest_days(amount.minor, demand, days_between(matures, cx.today))
    } else {
        finance::interest_days(amount.minor, demand, days_between(opened, cx.today))
    };
    let product = cx.bank.deposit_product(&deposit.product, principal.currency);
    Ok(WithdrawQuote {
        deposit: deposit.id.clone(),
        label: deposit.label(product.map_or("定期存款", |product| &product.name)),
        amount,
        full,
        matured,
        rate: deposit.rate.clone(),
        rate_applied: if matured { deposit.rate.clone() } else { demand.to_string() },
        days_held: days_between(opened, cx.today),
        interest: deposit.money(interest),
        total: deposit.money(amount.minor + interest),
        interest_if_kept: deposit.money(if_kept),
        interest_lost: deposit.money((if_kept - interest).max(0)),
        principal_left: deposit.money(left),
    })
}

#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DepositWithdrawValues {
    #[serde(flatten)]
    pub quote: WithdrawQuote,
    pub to_account: String,
    pub to_tail: String,
}

pub async fn prepare_withdraw(cx: &mut Cx<'_>, customer: &str, p: DepositWithdrawParams) -> Result<Draft, Fail> {
    let deposit = DepositRow::find(cx.conn, customer, &p.deposit).await?;
    let quote = withdraw_quote(cx, &deposit, p.amount).await?;
    let to =
        model::account(cx.conn, customer, p.to_account.as_deref().unwrap_or(&deposit.account), "to_account").await?;
    if to.currency() != deposit.currency() {
        return Err(bad_param("to_account"));
    }
    Ok(Draft {
        amount: Some(quote.amount),
        ..Draft::new(DepositWithdrawValues { to_account: to.id.clone(), to_tail: tail(&to.number), quote })?
    })
}

pub async fn apply_withdraw(cx: &mut Cx<'_>, order: &OrderRow, v: DepositWithdrawValues) -> Result<Done, Fail> {
    let q = v.quote;
    let entry = Entry::new("deposit", if q.matured { "定期支取" } else { "定期提前支取" })
        .order(&order.id)
        .channel("app")
        .gl(codes::term(&q.deposit), q.amount)
        .gl(codes::INTEREST_EXPENSE, q.interest)
        .give(&v.to_account, q.total);
    let booked = post(cx, entry).await?;
    sqlx::query(
        "UPDATE deposits SET principal_minor = ?, withdrawals = withdrawals + 1,
           status = CASE WHEN ? THEN 'closed' ELSE status END WHERE id = ?",
    )
    .bind(q.principal_left.minor)
    .bind(q.full)
    .bind(&q.deposit)
    .execute(&mut *cx.conn)
    .await?;
    Ok(Done::Posted(json!({
        "transaction": booked.transaction(&v.to_account),
        "balance_after": booked.balances.get(&v.to_account),
    })))
}
