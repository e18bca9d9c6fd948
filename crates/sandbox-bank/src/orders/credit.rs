//! Credit cards: statements, repayment, automatic repayment, instalments.

use super::operation::{Done, Draft};
use super::row::OrderRow;
use super::transfer::check_unrestricted;
use crate::error::{Code, Fail, bad_param, not_allowed, not_found, refuse_with};
use crate::finance;
use crate::ledger::{Entry, check_available, codes, post};
use crate::model::{self, CardRow, tail};
use crate::money::{Currency, Money, round_minor};
use crate::store::{Cx, next_id, stored_rate};
use crate::time::{day_of_month, plus_days, plus_months};
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// One statement of a card and what became of it.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Bill {
    pub card: String,
    pub tail: String,
    pub label: String,
    /// Month of the statement: `2026-11`.
    pub period: String,
    pub statement_date: String,
    pub due_date: String,
    pub statement_balance: Money,
    pub min_payment: Money,
    pub paid: Money,
    pub remaining: Money,
    pub min_remaining: Money,
    pub overdue: bool,
    pub unbilled: Money,
    pub limit: Money,
    pub available: Money,
}

/// The last statement date before today.
pub fn last_statement(card: &CardRow, today: Date) -> Date {
    let day = i8::try_from(card.statement_day).unwrap_or(1);
    let this_month = day_of_month(today, day);
    if this_month < today { this_month } else { day_of_month(plus_months(day_of_month(today, 1), -1), day) }
}

/// The first statement date from today on.
pub fn next_statement(card: &CardRow, today: Date) -> Date {
    let day = i8::try_from(card.statement_day).unwrap_or(1);
    let this_month = day_of_month(today, day);
    if this_month >= today { this_month } else { day_of_month(plus_months(day_of_month(today, 1), 1), day) }
}

/// What plans of the card still have to be billed.
pub async fn unbilled_plans(cx: &mut Cx<'_>, card: &str) -> Result<i64, Fail> {
    let plans: Vec<(i64, i64, i64)> =
        sqlx::query_as("SELECT amount_minor, periods, billed FROM instalments WHERE card = ? AND status = 'active'")
            .bind(card)
            .fetch_all(&mut *cx.conn)
            .await?;
    Ok(plans.into_iter().map(|(amount, periods, billed)| principal_left(amount, periods, billed)).sum())
}

/// Principal of a plan not billed yet.
pub fn principal_left(amount_minor: i64, periods: i64, billed: i64) -> i64 {
    let shares = finance::instalment_shares(amount_minor, u32::try_from(periods).unwrap_or(1));
    shares.iter().skip(usize::try_from(billed).unwrap_or(0)).sum()
}

/// The statement of a month (the latest when none is named).
pub async fn bill(cx: &mut Cx<'_>, card: &CardRow, month: Option<Date>) -> Result<Bill, Fail> {
    let latest = last_statement(card, cx.today);
    let statement = month.map_or(latest, |month| day_of_month(month, i8::try_from(card.statement_day).unwrap_or(1)));
    if statement > latest {
        return Err(not_found("period"));
    }
    let (balance, credits, debits): (i64, i64, i64) = sqlx::query_as(
        "SELECT coalesce(sum(CASE WHEN booked_on <= ?2 THEN amount_minor END), 0),
                coalesce(sum(CASE WHEN booked_on > ?2 AND amount_minor < 0 THEN -amount_minor END), 0),
                coalesce(sum(CASE WHEN booked_on > ?3 AND amount_minor > 0 THEN amount_minor END), 0)
         FROM postings WHERE card = ?1",
    )
    .bind(&card.id)
    .bind(statement.to_string())
    .bind(latest.to_string())
    .fetch_one(&mut *cx.conn)
    .await?;
    let balance = balance.max(0);
    let minimum = round_minor(Decimal::from(balance) * cx.bank.credit.min_pay_percent / Decimal::ONE_HUNDRED);
    let paid = credits.min(balance);
    let remaining = balance - paid;
    let min_remaining = (minimum - paid).max(0);
    let due = plus_days(statement, cx.bank.credit.due_after_days);
    let used = card.owed_minor + unbilled_plans(cx, &card.id).await?;
    // The statement before may be past due while this one is not.
    let before = day_of_month(plus_months(day_of_month(statement, 1), -1), statement.day());
    let (before_balance, since): (i64, i64) = sqlx::query_as(
        "SELECT coalesce(sum(CASE WHEN booked_on <= ?2 THEN amount_minor END), 0),
                coalesce(sum(CASE WHEN booked_on > ?2 AND amount_minor < 0 THEN -amount_minor END), 0)
         FROM postings WHERE card = ?1",
    )
    .bind(&card.id)
    .bind(before.to_string())
    .fetch_one(&mut *cx.conn)
    .await?;
    let before_minimum =
        round_minor(Decimal::from(before_balance.max(0)) * cx.bank.credit.min_pay_percent / Decimal::ONE_HUNDRED);
    let past_due = plus_days(before, cx.bank.credit.due_after_days) < cx.today && since < before_minimum;
    Ok(Bill {
        card: card.id.clone(),
        tail: tail(&card.number),
        label: card.label(),
        period: statement.strftime("%Y-%m").to_string(),
        statement_date: statement.to_string(),
        due_date: due.to_string(),
        statement_balance: Money::cny(balance),
        min_payment: Money::cny(minimum),
        paid: Money::cny(paid),
        remaining: Money::cny(remaining),
        min_remaining: Money::cny(min_remaining),
        overdue: past_due || (due < cx.today && min_remaining > 0),
        unbilled: Money::cny(debits),
        limit: Money::cny(card.limit_minor),
        available: Money::cny((card.limit_minor - used).max(0)),
    })
}

#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CardRepayParams {
    pub card: String,
    pub from_account: String,
    pub amount: Money,
}

#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CardRepayValues {
    pub card: String,
    pub card_label: String,
    pub card_tail: String,
    pub from_account: String,
    pub from_label: String,
    pub from_tail: String,
    pub amount: Money,
    pub fee: Money,
    pub total: Money,
    pub remaining_before: Money,
    pub remaining_after: Money,
}

pub async fn prepare_repay(cx: &mut Cx<'_>, customer: &str, p: CardRepayParams) -> Result<Draft, Fail> {
    let card = model::credit_card(cx.conn, customer, Some(&p.card)).await?;
    let from = model::account(cx.conn, customer, &p.from_account, "from_account").await?;
    if p.amount.minor <= 0 || p.amount.currency != Currency::Cny {
        return Err(bad_param("amount"));
    }
    if from.currency() != Currency::Cny {
        return Err(bad_param("from_account"));
    }
    check_unrestricted(cx, &from).await?;
    if card.owed_minor <= 0 {
        return Err(not_allowed("nothing_owed"));
    }
    if p.amount.minor > card.owed_minor {
        return Err(refuse_with(Code::AmountTooLarge, json!({"limit": Money::cny(card.owed_minor)})));
    }
    check_available(from.available(), p.amount.minor)?;
    let before = bill(cx, &card, None).await?.remaining;
    Ok(Draft {
        from_account: Some(from.id.clone()),
        amount: Some(p.amount),
        ..Draft::new(CardRepayValues {
            card: card.id.clone(),
            card_label: card.label(),
            card_tail: tail(&card.number),
            from_account: from.id.clone(),
            from_label: from.label(),
            from_tail: tail(&from.number),
            amount: p.amount,
            fee: Money::cny(0),
            total: p.amount,
            remaining_before: before,
            remaining_after: Money::cny((before.minor - p.amount.minor).max(0)),
        })?
    })
}

pub async fn apply_repay(cx: &mut Cx<'_>, order: &OrderRow, v: CardRepayValues) -> Result<Done, Fail> {
    let entry =
        repayment(&v.card, &v.card_label, &v.from_account, v.amount, &cx.bank.own.code).order(&order.id).channel("app");
    let booked = post(cx, entry).await?;
    Ok(Done::Posted(json!({
        "transaction": booked.transaction(&v.from_account),
        "balance_after": booked.balances.get(&v.from_account),
    })))
}

/// The entry of a repayment from an account.
pub fn repayment(card: &str, label: &str, account: &str, amount: Money, bank: &str) -> Entry {
    Entry::new("card_repayment", "信用卡还款")
        .party(label, None, Some(bank))
        .take(account, amount)
        .card(card, Money::cny(-amount.minor))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Autopay {
    None,
    Min,
    Full,
}

#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AutopayParams {
    pub card: String,
    pub mode: Autopay,
    pub from_account: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AutopayValues {
    pub card: String,
    pub card_tail: String,
    pub mode_before: String,
    pub mode: Autopay,
    pub from_account: Option<String>,
    pub from_tail: Option<String>,
}

pub async fn prepare_autopay(cx: &mut Cx<'_>, customer: &str, p: AutopayParams) -> Result<Draft, Fail> {
    let card = model::credit_card(cx.conn, customer, Some(&p.card)).await?;
    let from = match (p.mode, p.from_account.as_deref()) {
        (Autopay::None, _) => None,
        (_, Some(text)) => Some(model::account(cx.conn, customer, text, "from_account").await?),
        (_, None) => Some(model::primary_account(cx.conn, customer).await?),
    };
    if from.as_ref().is_some_and(|from| from.currency() != Currency::Cny) {
        return Err(bad_param("from_account"));
    }
    Draft::new(AutopayValues {
        card: card.id.clone(),
        card_tail: tail(&card.number),
        mode_before: card.autopay,
        mode: p.mode,
        from_tail: from.as_ref().map(|from| tail(&from.number)),
        from_account: from.map(|from| from.id),
    })
}

pub async fn apply_autopay(cx: &mut Cx<'_>, _order: &OrderRow, v: AutopayValues) -> Result<Done, Fail> {
    sqlx::query("UPDATE cards SET autopay = ?, autopay_account = ? WHERE id = ?")
        .bind(serde_json::to_value(v.mode)?.as_str())
        .bind(&v.from_account)
        .bind(&v.card)
        .execute(&mut *cx.conn)
        .await?;
    Ok(Done::Posted(json!({})))
}

/// An offer to pay in instalments; also the values of the order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct InstalmentQuote {
    pub card: String,
    pub tail: String,
    pub amount: Money,
    pub periods: u32,
    /// Percent of the amount, each period.
    pub fee_rate: String,
    pub fee_per_period: Money,
    pub fee_total: Money,
    pub first_payment: Money,
    pub payment: Money,
    pub last_payment: Money,
    pub total: Money,
    pub apr_simple: String,
    pub apr_effective: String,
    pub first_due_on: String,
    pub label: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InstalmentParams {
    pub card: String,
    pub periods: u32,
    pub amount: Option<Money>,
}

/// Works an offer out; refuses amounts and periods that are not offered.
pub async fn instalment_quote(cx: &mut Cx<'_>, customer: &str, p: &InstalmentParams) -> Result<InstalmentQuote, Fail> {
    let card = model::credit_card(cx.conn, customer, Some(&p.card)).await?;
    let rate = *cx.bank.credit.instalment_fees.get(&p.periods).ok_or_else(|| bad_param("periods"))?;
    let remaining = bill(cx, &card, None).await?.remaining;
    let amount = p.amount.unwrap_or(remaining);
    if amount.currency != Currency::Cny || amount.minor < 0 {
        return Err(bad_param("amount"));
    }
    if amount.minor < cx.bank.credit.instalment_min.0 {
        return Err(refuse_with(Code::AmountTooSmall, json!({"limit": Money::cny(cx.bank.credit.instalment_min.0)})));
    }
    if amount.minor > remaining.minor {
        return Err(refuse_with(Code::AmountTooLarge, json!({"limit": remaining})));
    }
    let fee = round_minor(Decimal::from(amount.minor) * rate / Decimal::ONE_HUNDRED);
    let payments: Vec<i64> =
        finance::instalment_shares(amount.minor, p.periods).iter().map(|share| share + fee).collect();
    let (apr_simple, apr_effective) = finance::yearly_rates(amount.minor, &payments);
    let payment = payments.get(1).or(payments.first()).copied().unwrap_or(0);
    let first_due = plus_days(next_statement(&card, cx.today), cx.bank.credit.due_after_days);
    Ok(InstalmentQuote {
        card: card.id.clone(),
        tail: tail(&card.number),
        amount,
        periods: p.periods,
        fee_rate: rate.to_string(),
        fee_per_period: Money::cny(fee),
        fee_total: Money::cny(fee * i64::from(p.periods)),
        first_payment: Money::cny(payments.first().copied().unwrap_or(0)),
        payment: Money::cny(payment),
        last_payment: Money::cny(payments.last().copied().unwrap_or(0)),
        total: Money::cny(payments.iter().sum()),
        apr_simple,
        apr_effective,
        first_due_on: first_due.to_string(),
        label: format!("{}期 每期{}元", p.periods, Money::cny(payment).decimal()),
    })
}

pub async fn prepare_instalment(cx: &mut Cx<'_>, customer: &str, p: InstalmentParams) -> Result<Draft, Fail> {
    let quote = instalment_quote(cx, customer, &p).await?;
    Ok(Draft { amount: Some(quote.amount), ..Draft::new(quote)? })
}

pub async fn apply_instalment(cx: &mut Cx<'_>, order: &OrderRow, v: InstalmentQuote) -> Result<Done, Fail> {
    let card = model::card(cx.conn, &order.customer, &v.card).await?;
    let plan = next_id(cx.conn, "ip").await?;
    let entry = Entry::new("instalment", "账单分期")
        .order(&order.id)
        .channel("app")
        .card(&v.card, Money::cny(-v.amount.minor))
        .gl(codes::instalment(&plan), v.amount);
    post(cx, entry).await?;
    sqlx::query("INSERT INTO instalments VALUES (?,?,?,?,?,0,?,?,?,?,'active')")
        .bind(&plan)
        .bind(&order.customer)
        .bind(&v.card)
        .bind(v.amount.minor)
        .bind(v.periods)
        .bind(v.fee_per_period.minor)
        .bind(&v.fee_rate)
        .bind(cx.today.to_string())
        .bind(next_statement(&card, cx.today).to_string())
        .execute(&mut *cx.conn)
        .await?;
    Ok(Done::Posted(json!({"plan": plan})))
}

#[derive(Debug, Clone, sqlx::FromRow)]
pub struct PlanRow {
    pub id: String,
    pub card: String,
    pub amount_minor: i64,
    pub periods: i64,
    pub billed: i64,
    pub fee_minor: i64,
    pub fee_rate: String,
    pub started_on: String,
    pub next_bill_on: Option<String>,
    pub status: String,
}

impl PlanRow {
    pub fn principal_left(&self) -> i64 {
        principal_left(self.amount_minor, self.periods, self.billed)
    }

    /// Percent of the amount each period.
    pub fn rate(&self) -> Result<Decimal, Fail> {
        stored_rate(&self.fee_rate)
    }
}

#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanParams {
    pub plan: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PlanSettleValues {
    pub plan: String,
    pub card: String,
    pub card_tail: String,
    pub principal_left: Money,
    pub fees_not_charged: Money,
    pub total: Money,
}

pub async fn prepare_settle(cx: &mut Cx<'_>, customer: &str, p: PlanParams) -> Result<Draft, Fail> {
    let plan: Option<PlanRow> = sqlx::query_as("SELECT * FROM instalments WHERE id = ? AND customer = ?")
        .bind(&p.plan)
        .bind(customer)
        .fetch_optional(&mut *cx.conn)
        .await?;
    let plan = plan.ok_or_else(|| not_found("plan"))?;
    if plan.status != "active" {
        return Err(not_allowed("plan_ended"));
    }
    let card = model::card(cx.conn, customer, &plan.card).await?;
    let left = Money::cny(plan.principal_left());
    Draft::new(PlanSettleValues {
        card: card.id.clone(),
        card_tail: tail(&card.number),
        principal_left: left,
        fees_not_charged: Money::cny(plan.fee_minor * (plan.periods - plan.billed)),
        total: left,
        plan: plan.id,
    })
}

/// What is left of the plan goes onto the next statement, without its fees.
pub async fn apply_settle(cx: &mut Cx<'_>, order: &OrderRow, v: PlanSettleValues) -> Result<Done, Fail> {
    let entry = Entry::new("instalment", "分期提前结清")
        .order(&order.id)
        .channel("app")
        .card(&v.card, v.principal_left)
        .gl_credit(codes::instalment(&v.plan), v.principal_left);
    post(cx, entry).await?;
    sqlx::query("UPDATE instalments SET status = 'settled', billed = periods, next_bill_on = NULL WHERE id = ?")
        .bind(&v.plan)
        .execute(&mut *cx.conn)
        .await?;
    Ok(Done::Posted(json!({"plan": v.plan})))
}
