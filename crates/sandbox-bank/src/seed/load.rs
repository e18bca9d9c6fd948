//! Writes a seed into an empty ledger, in one transaction.

use super::history::{self, Draft, History, Target, credit_card_id, id_of};
use super::{Account, Customer, Seed, SeedError};
use crate::finance;
use crate::ledger::codes;
use crate::money::{Currency, Money};
use crate::store::{Conn, set_meta};
use crate::time::{day_of_month, days_between, instant, plus_days, plus_months};
use jiff::civil::{Date, Time};
use sqlx::{QueryBuilder, Sqlite};
use std::collections::BTreeMap;

/// Rows of one insert statement; SQLite takes 32,766 values in all.
const ROWS_PER_INSERT: usize = 800;

#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error(transparent)]
    Seed(#[from] SeedError),
    #[error("storage: {0}")]
    Storage(#[from] sqlx::Error),
    #[error("{0}")]
    Fail(#[from] crate::error::Fail),
}

struct PostingRow {
    entry: i64,
    ledger: String,
    account: Option<String>,
    card: Option<String>,
    debit_minor: i64,
    currency: Currency,
    balance_after: Option<i64>,
    on: Date,
}

/// Fills the tables; the caller holds the transaction.
pub async fn load(conn: &mut Conn, seed: &Seed, today: Date) -> Result<(), LoadError> {
    let history = history::draw(seed, today)?;
    let postings = journal(conn, seed, &history).await?;
    let mut balances: BTreeMap<&str, i64> = BTreeMap::new();
    for row in &postings {
        if let Some(of) = row.account.as_deref() {
            *balances.entry(of).or_default() -= row.debit_minor;
        }
        if let Some(of) = row.card.as_deref() {
            *balances.entry(of).or_default() += row.debit_minor;
        }
    }
    for customer in &seed.customers {
        write_customer(conn, customer).await?;
        write_accounts(conn, seed, customer, &balances).await?;
        write_credit_cards(conn, seed, customer, &balances, today).await?;
        write_payees(conn, customer, today).await?;
        write_loans(conn, customer, today).await?;
        write_deposits(conn, customer, today).await?;
        if let Some(bought) = customer.fx_bought_usd {
            sqlx::query("INSERT INTO fx_usage (customer, year, bought_minor, sold_minor) VALUES (?,?,?,0)")
                .bind(&customer.id)
                .bind(i64::from(today.year()))
                .bind(bought.0)
                .execute(&mut *conn)
                .await?;
        }
    }
    for rate in &seed.config.fx.board {
        sqlx::query("INSERT INTO fx_rates VALUES (?,?,?,?,?,?,?,?,?)")
            .bind(rate.currency.code())
            .bind(&rate.name)
            .bind(&rate.name_en)
            .bind(rate.buy_spot.to_string())
            .bind(rate.sell_spot.to_string())
            .bind(rate.buy_cash.to_string())
            .bind(rate.sell_cash.to_string())
            .bind(rate.mid.to_string())
            .bind(instant(today, Time::constant(9, 30, 0, 0)))
            .execute(&mut *conn)
            .await?;
    }
    set_meta(conn, "business_date", &today.to_string()).await?;
    set_meta(conn, "phase", "open").await?;
    set_meta(conn, "seed", &seed.hash).await?;
    Ok(())
}

/// Entries and postings of the past, opening balances first.
async fn journal(conn: &mut Conn, seed: &Seed, history: &History) -> Result<Vec<PostingRow>, LoadError> {
    let mut drafts = openings(seed, history)?;
    drafts.extend(history.drafts.iter().cloned());
    let mut postings = Vec::new();
    let mut running: BTreeMap<String, i64> = BTreeMap::new();
    for (at, draft) in drafts.iter().enumerate() {
        let entry = i64::try_from(at + 1).unwrap_or(i64::MAX);
        for (target, debit_minor, currency) in draft.legs.iter().filter(|(_, debit, _)| *debit != 0) {
            let (ledger, account, card, sign) = match target {
                Target::Account(id) => (codes::deposit(id), Some(id.clone()), None, -1),
                Target::Card(id) => (codes::card(id), None, Some(id.clone()), 1),
                Target::Gl(code) => (code.clone(), None, None, 0),
            };
            let balance_after = account.as_ref().or(card.as_ref()).map(|of| {
                let balance = running.entry(of.clone()).or_default();
                *balance += sign * debit_minor;
                *balance
            });
            postings.push(PostingRow {
                entry,
                ledger,
                account,
                card,
                debit_minor: *debit_minor,
                currency: *currency,
                balance_after,
                on: draft.on,
            });
        }
    }
    insert_entries(conn, &drafts).await?;
    insert_postings(conn, &postings).await?;
    Ok(postings)
}

fn openings(seed: &Seed, history: &History) -> Result<Vec<Draft>, SeedError> {
    let eve = plus_days(history.start, -1);
    let mut drafts = Vec::new();
    let mut open = |target: Target, debit: i64, currency: Currency| {
        if debit != 0 {
            drafts.push(Draft {
                on: eve,
                at_ms: instant(eve, Time::midnight()),
                kind: "opening",
                summary: "期初余额".into(),
                party: None,
                channel: "core",
                place: None,
                legs: vec![(target, debit, currency), (Target::Gl(codes::OPENING.into()), -debit, currency)],
            });
        }
    };
    for (account, (balance, currency)) in &history.opening {
        open(Target::Account(account.clone()), -balance, *currency);
    }
    for customer in &seed.customers {
        let bad = |message: &str| SeedError::Customer { customer: customer.id.clone(), message: message.into() };
        for (at, loan) in customer.loans.iter().enumerate().filter(|(_, loan)| loan.started < history.start) {
            let rate = loan.rate.parse().map_err(|_| bad("loan rate"))?;
            let plan = finance::schedule(loan.principal.0, rate, loan.term, finance::Method::parse(&loan.method));
            let left: i64 = (1i64..)
                .zip(&plan)
                .filter(|(period, _)| plus_months(loan.started, *period) >= history.start)
                .map(|(_, period)| period.principal_minor)
                .sum();
            open(Target::Gl(codes::loan(&id_of("ln", &customer.id, at + 1))), left, Currency::Cny);
        }
        for (at, deposit) in customer.deposits.iter().enumerate().filter(|(_, d)| d.opened < history.start) {
            let amount = Money::parse(&deposit.amount, deposit.currency).ok_or_else(|| bad("deposit amount"))?;
            open(Target::Gl(codes::term(&id_of("td", &customer.id, at + 1))), -amount.minor, amount.currency);
        }
    }
    Ok(drafts)
}

async fn insert_entries(conn: &mut Conn, drafts: &[Draft]) -> Result<(), sqlx::Error> {
    for (chunk_at, chunk) in drafts.chunks(ROWS_PER_INSERT).enumerate() {
        let mut query: QueryBuilder<Sqlite> = QueryBuilder::new(
            "INSERT INTO entries (id, booked_on, booked_at_ms, kind, summary, counterparty_name, counterparty_account,
             counterparty_bank, channel, place) ",
        );
        query.push_values(chunk.iter().enumerate(), |mut row, (at, draft)| {
            let id = i64::try_from(chunk_at * ROWS_PER_INSERT + at + 1).unwrap_or(i64::MAX);
            let (name, account, bank) = draft.party.clone().map_or((None, None, None), |(n, a, b)| (Some(n), a, b));
            row.push_bind(id)
                .push_bind(draft.on.to_string())
                .push_bind(draft.at_ms)
                .push_bind(draft.kind)
                .push_bind(draft.summary.clone())
                .push_bind(name)
                .push_bind(account)
                .push_bind(bank)
                .push_bind(draft.channel)
                .push_bind(draft.place.clone());
        });
        query.build().execute(&mut *conn).await?;
    }
    Ok(())
}

async fn insert_postings(conn: &mut Conn, postings: &[PostingRow]) -> Result<(), sqlx::Error> {
    for chunk in postings.chunks(ROWS_PER_INSERT) {
        let mut query: QueryBuilder<Sqlite> = QueryBuilder::new(
            "INSERT INTO postings (entry, ledger, account, card, amount_minor, currency, balance_after_minor, booked_on) ",
        );
        query.push_values(chunk, |mut row, posting| {
            row.push_bind(posting.entry)
                .push_bind(posting.ledger.clone())
                .push_bind(posting.account.clone())
                .push_bind(posting.card.clone())
                .push_bind(posting.debit_minor)
                .push_bind(posting.currency.code())
                .push_bind(posting.balance_after)
                .push_bind(posting.on.to_string());
        });
        query.build().execute(&mut *conn).await?;
    }
    Ok(())
}

async fn write_customer(conn: &mut Conn, customer: &Customer) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO customers VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)")
        .bind(&customer.id)
        .bind(&customer.name)
        .bind(&customer.name_en)
        .bind(if customer.gender == "f" { "female" } else { "male" })
        .bind(customer.born.to_string())
        .bind(&customer.phone)
        .bind(&customer.segment)
        .bind(&customer.language)
        .bind(&customer.city)
        .bind(&customer.branch)
        .bind(customer.since.to_string())
        .bind(&customer.note)
        .bind(&customer.note_en)
        .bind(&customer.id_type)
        .bind(customer.id_expires_on.to_string())
        .bind(customer.default_arrival.as_deref().unwrap_or("now"))
        .execute(conn)
        .await?;
    Ok(())
}

async fn write_accounts(
    conn: &mut Conn,
    seed: &Seed,
    customer: &Customer,
    balances: &BTreeMap<&str, i64>,
) -> Result<(), LoadError> {
    let bad = |message: &str| SeedError::Customer { customer: customer.id.clone(), message: message.into() };
    for (at, account) in customer.accounts.iter().enumerate() {
        let id = id_of("ac", &customer.id, at + 1);
        let balance = balances.get(id.as_str()).copied().unwrap_or(0);
        let stated = Money::parse(&account.balance, account.currency).ok_or_else(|| bad("balance"))?;
        if balance != stated.minor {
            return Err(bad(&format!("{id} ends at {balance}, the seed states {}", stated.minor)).into());
        }
        if seed.config.branch(&customer.branch).is_none() {
            return Err(bad("unknown branch").into());
        }
        sqlx::query("INSERT INTO accounts VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,0)")
            .bind(&id)
            .bind(&customer.id)
            .bind(&account.number)
            .bind(&account.class)
            .bind(account.currency.code())
            .bind(&account.alias)
            .bind(&account.alias_en)
            .bind(account.nature.as_deref().unwrap_or("personal"))
            .bind(&customer.branch)
            .bind(account.opened.to_string())
            .bind(at == 0)
            .bind(&account.restriction)
            .bind(account.bound.map(|bound| id_of("ac", &customer.id, bound)))
            .bind(account.sms)
            .bind(0i64)
            .bind(balance)
            .execute(&mut *conn)
            .await?;
        if let Some(expires) = &account.card_expires {
            write_debit_card(conn, customer, at, account, expires).await?;
        }
    }
    Ok(())
}

async fn write_debit_card(
    conn: &mut Conn,
    customer: &Customer,
    at: usize,
    account: &Account,
    expires: &str,
) -> Result<(), sqlx::Error> {
    let status = account.card_status.as_deref().unwrap_or("active");
    sqlx::query(
        "INSERT INTO cards VALUES (?,?,'debit',?,'debit','云杉借记卡','Yunshan debit card',?,?,?,NULL,?,0,0,0,'none',NULL,0,0,NULL,NULL)",
    )
    .bind(id_of("cd", &customer.id, at + 1))
    .bind(&customer.id)
    .bind(&account.number)
    .bind(id_of("ac", &customer.id, at + 1))
    .bind(status)
    .bind((status == "locked").then_some("all"))
    .bind(expires)
    .execute(conn)
    .await?;
    Ok(())
}

async fn write_credit_cards(
    conn: &mut Conn,
    seed: &Seed,
    customer: &Customer,
    balances: &BTreeMap<&str, i64>,
    today: Date,
) -> Result<(), sqlx::Error> {
    for (at, card) in customer.credit_cards.iter().enumerate() {
        let id = credit_card_id(customer, at + 1);
        let autopay = card.autopay.as_deref().unwrap_or("none");
        let year_end = Date::constant(today.year(), 12, 31);
        sqlx::query("INSERT INTO cards VALUES (?,?,'credit',?,?,?,?,NULL,'active',NULL,NULL,?,?,?,?,?,?,?,?,?,NULL)")
            .bind(&id)
            .bind(&customer.id)
            .bind(&card.number)
            .bind(&card.product)
            .bind(&card.name)
            .bind(&card.name_en)
            .bind(&card.expires)
            .bind(card.limit.0)
            .bind(balances.get(id.as_str()).copied().unwrap_or(0))
            .bind(i64::from(card.statement_day))
            .bind(autopay)
            .bind((autopay != "none").then(|| id_of("ac", &customer.id, 1)))
            .bind(card.points)
            .bind(card.points_expiring)
            .bind((card.points_expiring > 0).then(|| year_end.to_string()))
            .execute(&mut *conn)
            .await?;
        if let Some(plan) = &card.plan {
            let first = day_of_month(plus_months(today, -i64::from(plan.months_ago)), card.statement_day);
            let billed = (0..i64::from(plan.periods)).filter(|k| plus_months(first, *k) < today).count();
            let fee_rate = seed.config.credit.instalment_fees.get(&plan.periods).copied().unwrap_or_default();
            let fee = rust_decimal::Decimal::from(plan.amount.0) * fee_rate / rust_decimal::Decimal::ONE_HUNDRED;
            let next = plus_months(first, i64::try_from(billed).unwrap_or(0));
            sqlx::query("INSERT INTO instalments VALUES (?,?,?,?,?,?,?,?,?,?,'active')")
                .bind(id_of("ip", &customer.id, 1))
                .bind(&customer.id)
                .bind(&id)
                .bind(plan.amount.0)
                .bind(plan.periods)
                .bind(i64::try_from(billed).unwrap_or(0))
                .bind(crate::money::round_minor(fee))
                .bind(fee_rate.to_string())
                .bind(plus_days(first, -5).to_string())
                .bind(next.to_string())
                .execute(&mut *conn)
                .await?;
        }
    }
    Ok(())
}

async fn write_payees(conn: &mut Conn, customer: &Customer, today: Date) -> Result<(), sqlx::Error> {
    for (at, payee) in customer.payees.iter().enumerate() {
        let known_for = i64::try_from(at).unwrap_or(0) * 41 + 60;
        let used = customer.regular.iter().any(|regular| regular.to == payee.name);
        sqlx::query("INSERT INTO payees VALUES (?,?,?,?,?,?,?,?)")
            .bind(id_of("py", &customer.id, at + 1))
            .bind(&customer.id)
            .bind(&payee.name)
            .bind(&payee.account)
            .bind(&payee.bank)
            .bind(&payee.alias)
            .bind(plus_days(today, -known_for).to_string())
            .bind(used.then(|| plus_days(today, -12).to_string()))
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}

async fn write_loans(conn: &mut Conn, customer: &Customer, today: Date) -> Result<(), LoadError> {
    for (at, loan) in customer.loans.iter().enumerate() {
        let id = id_of("ln", &customer.id, at + 1);
        let bad = || SeedError::Customer { customer: customer.id.clone(), message: "loan rate".into() };
        let rate = loan.rate.parse().map_err(|_| bad())?;
        let plan = finance::schedule(loan.principal.0, rate, loan.term, finance::Method::parse(&loan.method));
        let due = |period: i64| plus_months(loan.started, period);
        let balance: i64 =
            (1i64..).zip(&plan).filter(|(period, _)| due(*period) >= today).map(|(_, p)| p.principal_minor).sum();
        // Repriced every January; the fixed consumer loans simply never change.
        let reprice = Date::constant(today.year() + 1, 1, 1);
        sqlx::query("INSERT INTO loans VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)")
            .bind(&id)
            .bind(&customer.id)
            .bind(&loan.product)
            .bind(loan.principal.0)
            .bind(balance)
            .bind(&loan.rate)
            .bind(&loan.basis)
            .bind(reprice.to_string())
            .bind(&loan.method)
            .bind(loan.term)
            .bind(loan.started.to_string())
            .bind(id_of("ac", &customer.id, 1))
            .bind(if balance > 0 { "active" } else { "settled" })
            .execute(&mut *conn)
            .await?;
        for (chunk_at, chunk) in plan.chunks(ROWS_PER_INSERT).enumerate() {
            let mut query: QueryBuilder<Sqlite> = QueryBuilder::new("INSERT INTO loan_periods ");
            query.push_values(chunk.iter().enumerate(), |mut row, (at, period)| {
                let number = i64::try_from(chunk_at * ROWS_PER_INSERT + at + 1).unwrap_or(i64::MAX);
                let on = due(number);
                row.push_bind(id.clone())
                    .push_bind(number)
                    .push_bind(on.to_string())
                    .push_bind(period.payment_minor)
                    .push_bind(period.principal_minor)
                    .push_bind(period.interest_minor)
                    .push_bind(period.balance_minor)
                    .push_bind((on < today).then(|| on.to_string()));
            });
            query.build().execute(&mut *conn).await?;
        }
    }
    Ok(())
}

async fn write_deposits(conn: &mut Conn, customer: &Customer, today: Date) -> Result<(), LoadError> {
    for (at, deposit) in customer.deposits.iter().enumerate() {
        let bad = |message: &str| SeedError::Customer { customer: customer.id.clone(), message: message.into() };
        let amount = Money::parse(&deposit.amount, deposit.currency).ok_or_else(|| bad("deposit amount"))?;
        let source = customer.accounts.iter().position(|a| a.currency == deposit.currency).unwrap_or(0);
        let term = i64::from(deposit.term.max(1));
        let mut opened = deposit.opened;
        // A deposit that renews itself is shown in its current term.
        while deposit.rollover && days_between(plus_months(opened, term), today) >= 0 {
            opened = plus_months(opened, term);
        }
        let matures = plus_months(opened, term);
        sqlx::query("INSERT INTO deposits VALUES (?,?,?,?,?,?,?,?,?,?,?,?,0)")
            .bind(id_of("td", &customer.id, at + 1))
            .bind(&customer.id)
            .bind(&deposit.product)
            .bind(amount.minor)
            .bind(amount.currency.code())
            .bind(&deposit.rate)
            .bind(deposit.term)
            .bind(opened.to_string())
            .bind(matures.to_string())
            .bind(deposit.rollover)
            .bind(id_of("ac", &customer.id, source + 1))
            .bind(if matures <= today { "matured" } else { "open" })
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}
