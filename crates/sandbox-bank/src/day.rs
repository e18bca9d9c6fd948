//! The business date and what happens when it turns.
//!
//! The old day ends with what fell due on it: loan instalments and automatic
//! card repayments. The new one begins with card plans billed, deposits that
//! mature, interest, loss reports that lapse, and orders due on it.

use crate::error::{Fail, refuse};
use crate::finance;
use crate::ledger::{Entry, codes, post};
use crate::model::{self, AccountRow, CardRow};
use crate::money::Money;
use crate::orders::credit::{PlanRow, bill, repayment};
use crate::orders::deposit::DepositRow;
use crate::orders::life::{Frame, run_due};
use crate::orders::loan::{LoanRow, PeriodRow};
use crate::store::{Cx, set_meta, stored_date, stored_rate};
use crate::time::{plus_days, plus_months};
use jiff::civil::Date;
use sqlx::{Sqlite, Transaction};

/// Days of demand interest in a quarter.
const QUARTER_DAYS: i64 = 90;

/// Turns the date by one day.
pub async fn turn(tx: &mut Transaction<'_, Sqlite>, frame: &Frame<'_>) -> Result<Date, Fail> {
    let ending = &mut frame.cx(tx);
    pay_loans(ending).await?;
    pay_cards(ending).await?;
    let today = plus_days(frame.today, 1);
    let frame = Frame { today, ..*frame };
    set_meta(tx, "business_date", &today.to_string()).await?;
    let cx = &mut frame.cx(tx);
    lapse_losses(cx).await?;
    bill_plans(cx).await?;
    mature_deposits(cx).await?;
    credit_interest(cx).await?;
    run_due(tx, &frame).await?;
    Ok(today)
}

/// A temporary loss report ends after its days unless the card was replaced.
async fn lapse_losses(cx: &mut Cx<'_>) -> Result<(), Fail> {
    sqlx::query("UPDATE cards SET status = 'active', lost_until = NULL WHERE status = 'lost' AND lost_until < ?")
        .bind(cx.today.to_string())
        .execute(&mut *cx.conn)
        .await?;
    Ok(())
}

async fn bill_plans(cx: &mut Cx<'_>) -> Result<(), Fail> {
    let plans: Vec<PlanRow> =
        sqlx::query_as("SELECT * FROM instalments WHERE status = 'active' AND next_bill_on <= ? ORDER BY id")
            .bind(cx.today.to_string())
            .fetch_all(&mut *cx.conn)
            .await?;
    for plan in plans {
        let periods = u32::try_from(plan.periods).map_err(|_| Fail::Data("periods"))?;
        let shares = finance::instalment_shares(plan.amount_minor, periods);
        let share = shares.get(usize::try_from(plan.billed).unwrap_or(usize::MAX)).copied().unwrap_or(0);
        let entry = Entry::new("instalment", format!("分期第{}期", plan.billed + 1))
            .card(&plan.card, Money::cny(share + plan.fee_minor))
            .gl_credit(codes::instalment(&plan.id), Money::cny(share))
            .gl_credit(codes::FEES, Money::cny(plan.fee_minor));
        post(cx, entry).await?;
        let next = plus_months(stored_date(plan.next_bill_on.as_deref().unwrap_or_default())?, 1);
        sqlx::query(
            "UPDATE instalments SET billed = billed + 1,
               next_bill_on = CASE WHEN billed + 1 < periods THEN ?1 END,
               status = CASE WHEN billed + 1 < periods THEN 'active' ELSE 'done' END WHERE id = ?2",
        )
        .bind(next.to_string())
        .bind(&plan.id)
        .execute(&mut *cx.conn)
        .await?;
    }
    Ok(())
}

async fn pay_loans(cx: &mut Cx<'_>) -> Result<(), Fail> {
    let loans: Vec<LoanRow> =
        sqlx::query_as("SELECT * FROM loans WHERE balance_minor > 0 ORDER BY id").fetch_all(&mut *cx.conn).await?;
    for loan in loans {
        let due = loan.periods(cx.conn, false).await?;
        let today = cx.today.to_string();
        pay_periods(cx, &loan, due.into_iter().filter(|period| period.due_on <= today).collect()).await?;
    }
    Ok(())
}

async fn pay_periods(cx: &mut Cx<'_>, loan: &LoanRow, due: Vec<PeriodRow>) -> Result<(), Fail> {
    for period in due {
        let account = model::account_by_id(cx.conn, &loan.repay_account).await?;
        // Too little money: the period stays open and is tried again tomorrow.
        if account.available().minor < period.payment_minor {
            break;
        }
        let entry = Entry::new("loan_repayment", "贷款还款")
            .take(&account.id, Money::cny(period.payment_minor))
            .gl_credit(codes::loan(&loan.id), Money::cny(period.principal_minor))
            .gl_credit(codes::INTEREST_INCOME, Money::cny(period.interest_minor));
        post(cx, entry).await?;
        sqlx::query("UPDATE loan_periods SET paid_on = ? WHERE loan = ? AND period = ?")
            .bind(cx.today.to_string())
            .bind(&loan.id)
            .bind(period.period)
            .execute(&mut *cx.conn)
            .await?;
        sqlx::query(
            "UPDATE loans SET balance_minor = balance_minor - ?1,
               status = CASE WHEN balance_minor = ?1 THEN 'settled' ELSE status END WHERE id = ?2",
        )
        .bind(period.principal_minor)
        .bind(&loan.id)
        .execute(&mut *cx.conn)
        .await?;
    }
    Ok(())
}

async fn pay_cards(cx: &mut Cx<'_>) -> Result<(), Fail> {
    let cards: Vec<CardRow> =
        sqlx::query_as("SELECT * FROM cards WHERE kind = 'credit' AND autopay <> 'none' AND status <> 'replaced'")
            .fetch_all(&mut *cx.conn)
            .await?;
    for card in cards {
        let bill = bill(cx, &card, None).await?;
        let Some(account) = card.autopay_account.as_deref() else { continue };
        if bill.due_date != cx.today.to_string() {
            continue;
        }
        let wanted = if card.autopay == "full" { bill.remaining } else { bill.min_remaining };
        let account = model::account_by_id(cx.conn, account).await?;
        let amount = wanted.minor.min(account.available().minor);
        if amount > 0 {
            let entry = repayment(&card.id, &card.label(), &account.id, Money::cny(amount), &cx.bank.own.code);
            post(cx, entry).await?;
        }
    }
    Ok(())
}

async fn mature_deposits(cx: &mut Cx<'_>) -> Result<(), Fail> {
    let due: Vec<DepositRow> =
        sqlx::query_as("SELECT * FROM deposits WHERE status = 'open' AND matures_on <= ? ORDER BY id")
            .bind(cx.today.to_string())
            .fetch_all(&mut *cx.conn)
            .await?;
    for deposit in due {
        let rate = stored_rate(&deposit.rate)?;
        let interest = deposit.money(finance::interest_months(deposit.principal_minor, rate, deposit.months()));
        let principal = deposit.money(deposit.principal_minor);
        if deposit.rollover {
            // Interest goes to the account, the principal into a new term at today's listed rate.
            let entry = Entry::new("interest", "定期利息")
                .gl(codes::INTEREST_EXPENSE, interest)
                .give(&deposit.account, interest);
            if interest.minor > 0 {
                post(cx, entry).await?;
            }
            let listed = cx.bank.deposit_product(&deposit.product, deposit.currency());
            let rate = listed.and_then(|product| product.rates.get(&deposit.months())).copied().unwrap_or(rate);
            sqlx::query("UPDATE deposits SET opened_on = ?, matures_on = ?, rate = ?, withdrawals = 0 WHERE id = ?")
                .bind(cx.today.to_string())
                .bind(plus_months(cx.today, deposit.term).to_string())
                .bind(rate.to_string())
                .bind(&deposit.id)
                .execute(&mut *cx.conn)
                .await?;
        } else {
            let entry = Entry::new("deposit", "定期到期")
                .gl(codes::term(&deposit.id), principal)
                .gl(codes::INTEREST_EXPENSE, interest)
                .give(&deposit.account, deposit.money(principal.minor + interest.minor));
            post(cx, entry).await?;
            sqlx::query("UPDATE deposits SET status = 'closed', principal_minor = 0 WHERE id = ?")
                .bind(&deposit.id)
                .execute(&mut *cx.conn)
                .await?;
        }
    }
    Ok(())
}

/// Demand interest, credited the day after the quarter's settlement day.
async fn credit_interest(cx: &mut Cx<'_>) -> Result<(), Fail> {
    if cx.today.day() != 21 || cx.today.month() % 3 != 0 {
        return Ok(());
    }
    let accounts: Vec<AccountRow> =
        sqlx::query_as("SELECT * FROM accounts WHERE ledger_minor > 0 ORDER BY id").fetch_all(&mut *cx.conn).await?;
    for account in accounts {
        let minor = finance::interest_days(account.ledger_minor, cx.bank.deposit.demand_rate, QUARTER_DAYS);
        let interest = account.money(minor);
        if minor > 0 {
            let entry =
                Entry::new("interest", "结息").gl(codes::INTEREST_EXPENSE, interest).give(&account.id, interest);
            post(cx, entry).await?;
        }
    }
    Ok(())
}

/// How many days may be turned at once.
pub const DAYS_PER_TURN_MAX: i64 = 400;

/// Turns the date day by day until it is `to`.
pub async fn turn_to(tx: &mut Transaction<'_, Sqlite>, frame: &Frame<'_>, to: Date) -> Result<Date, Fail> {
    let days = crate::time::days_between(frame.today, to);
    if !(1..=DAYS_PER_TURN_MAX).contains(&days) {
        return Err(refuse(crate::error::Code::BadParam));
    }
    let mut frame = *frame;
    for _ in 0..days {
        frame.today = turn(tx, &frame).await?;
    }
    Ok(frame.today)
}
