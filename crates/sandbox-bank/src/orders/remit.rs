//! Remittances abroad: checked, held for four eyes, and on release booked and
//! written as a pain.001 message.

use super::fx::{Purpose, from_cny, rate_row, to_cny, usd_equivalent};
use super::operation::{Done, Draft};
use super::row::OrderRow;
use super::transfer::check_unrestricted;
use crate::checks::{compact, is_bic, is_iban};
use crate::digest::text_hash;
use crate::error::{Code, Fail, bad_param, refuse, refuse_with};
use crate::ledger::{Entry, check_available, codes, end_hold, place_hold, post};
use crate::model::{self, kept_text, tail};
use crate::money::{Currency, Money, round_minor};
use crate::pain001::{self, Payment};
use crate::store::{Cx, next_id, stored_rate};
use crate::time::local;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Longest account number abroad, in characters.
const ACCOUNT_MAX_CHARS: usize = 34;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub enum Bearer {
    #[serde(rename = "OUR")]
    Our,
    #[serde(rename = "SHA")]
    Sha,
    #[serde(rename = "BEN")]
    Ben,
}

impl Bearer {
    fn code(self) -> &'static str {
        match self {
            Self::Our => "OUR",
            Self::Sha => "SHA",
            Self::Ben => "BEN",
        }
    }
}

#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RemitParams {
    pub from_account: String,
    pub amount: Money,
    pub payee_name: String,
    /// IBAN, or an account number where the country has none.
    pub account: String,
    pub bic: String,
    pub country: String,
    pub bearer: Bearer,
    pub purpose: Purpose,
    pub payee_address: Option<String>,
    pub fee_account: Option<String>,
    pub remark: Option<String>,
}

/// Fees of a remittance.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RemitQuote {
    pub amount: Money,
    pub bearer: Bearer,
    pub commission: Money,
    pub cable: Money,
    pub our_extra: Money,
    /// All of it in yuan, whoever bears it.
    pub fee: Money,
    /// What leaves for the payee; less than the amount when BEN.
    pub amount_sent: Money,
    pub arrives: String,
}

pub async fn quote(cx: &mut Cx<'_>, amount: Money, bearer: Bearer) -> Result<RemitQuote, Fail> {
    if amount.currency == Currency::Cny || amount.minor <= 0 || amount.minor > crate::money::MINOR_MAX {
        return Err(bad_param("amount"));
    }
    let terms = &cx.bank.remit;
    let mid = stored_rate(&rate_row(cx.conn, amount.currency).await?.mid)?;
    let cny = to_cny(cx.bank, amount, mid);
    let percent = round_minor(Decimal::from(cny) * terms.fee_percent / Decimal::ONE_HUNDRED);
    let commission = percent.clamp(terms.fee_min.0, terms.fee_max.0);
    let our_extra = if bearer == Bearer::Our { terms.our_extra.0 } else { 0 };
    let fee = commission + terms.cable.0 + our_extra;
    let deducted = if bearer == Bearer::Ben { from_cny(cx.bank, fee, amount.currency, mid) } else { 0 };
    if deducted >= amount.minor {
        return Err(refuse_with(Code::AmountTooSmall, json!({"limit": Money::new(deducted, amount.currency)})));
    }
    Ok(RemitQuote {
        amount,
        bearer,
        commission: Money::cny(commission),
        cable: Money::cny(terms.cable.0),
        our_extra: Money::cny(our_extra),
        fee: Money::cny(fee),
        amount_sent: Money::new(amount.minor - deducted, amount.currency),
        arrives: terms.arrives.clone(),
    })
}

/// What the bank can tell about a destination.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct RemitCheck {
    pub bic_valid: Option<bool>,
    pub bic_country: Option<String>,
    pub iban_needed: bool,
    pub iban_valid: Option<bool>,
    pub served: bool,
    pub problems: Vec<Code>,
}

pub fn check(cx: &Cx<'_>, bic: Option<&str>, account: Option<&str>, country: Option<&str>) -> RemitCheck {
    let bic = bic.map(compact);
    let country = country.map(compact);
    let bic_valid = bic.as_deref().map(is_bic);
    let bic_country = bic.as_deref().filter(|bic| is_bic(bic)).and_then(|bic| bic.get(4..6)).map(str::to_owned);
    let place = country.clone().or_else(|| bic_country.clone());
    let iban_needed = place.as_ref().is_some_and(|place| cx.bank.remit.iban_countries.contains(place));
    let iban_valid =
        account.map(compact).filter(|_| iban_needed).map(|iban| is_iban(&iban) && place.as_deref() == iban.get(..2));
    let served = place.as_ref().is_none_or(|place| !cx.bank.remit.not_served.contains(place));
    let mut problems = Vec::new();
    let elsewhere = matches!((&bic_country, &country), (Some(bic), Some(country)) if bic != country);
    if bic_valid == Some(false) || elsewhere {
        problems.push(Code::BadBic);
    }
    if iban_valid == Some(false) {
        problems.push(Code::BadIban);
    }
    if !served {
        problems.push(Code::SanctionHit);
    }
    RemitCheck { bic_valid, bic_country, iban_needed, iban_valid, served, problems }
}

#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RemitValues {
    pub from_account: String,
    pub from_tail: String,
    pub amount: Money,
    pub amount_sent: Money,
    pub payee_name: String,
    pub payee_address: Option<String>,
    pub account: String,
    pub bic: String,
    pub country: String,
    pub bearer: Bearer,
    pub purpose: Purpose,
    pub commission: Money,
    pub cable: Money,
    pub our_extra: Money,
    pub fee: Money,
    pub fee_account: Option<String>,
    pub fee_tail: Option<String>,
    pub arrives: String,
    pub remark: String,
}

/// Letters that every clearing system abroad carries.
fn is_latin(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || " /-?:().,'+&".contains(c))
}

pub async fn prepare(cx: &mut Cx<'_>, customer: &str, p: RemitParams) -> Result<Draft, Fail> {
    let from = model::account(cx.conn, customer, &p.from_account, "from_account").await?;
    let quote = quote(cx, p.amount, p.bearer).await?;
    if from.currency() != p.amount.currency {
        return Err(bad_param("from_account"));
    }
    let (payee_name, remark) = (kept_text(&p.payee_name), kept_text(p.remark.as_deref().unwrap_or_default()));
    let address = p.payee_address.as_deref().map(kept_text).filter(|address| !address.is_empty());
    if !is_latin(&payee_name) {
        return Err(bad_param("payee_name"));
    }
    if address.as_deref().is_some_and(|address| !is_latin(address)) {
        return Err(bad_param("payee_address"));
    }
    if !remark.is_empty() && !is_latin(&remark) {
        return Err(bad_param("remark"));
    }
    let (bic, account, country) = (compact(&p.bic), compact(&p.account), compact(&p.country));
    let shaped = (4..=ACCOUNT_MAX_CHARS).contains(&account.len()) && account.bytes().all(|b| b.is_ascii_alphanumeric());
    if country.len() != 2 || !country.bytes().all(|b| b.is_ascii_uppercase()) {
        return Err(bad_param("country"));
    }
    if let Some(problem) = check(cx, Some(&bic), Some(&account), Some(&country)).problems.first() {
        return Err(refuse(*problem));
    }
    if !shaped {
        return Err(bad_param("account"));
    }
    check_unrestricted(cx, &from).await?;
    check_daily(cx, customer, p.amount).await?;
    check_available(from.available(), p.amount.minor)?;
    let fee_account = match p.bearer {
        Bearer::Ben => None,
        _ => {
            let account = match p.fee_account.as_deref() {
                Some(text) => model::account(cx.conn, customer, text, "fee_account").await?,
                None => model::primary_account(cx.conn, customer).await?,
            };
            if account.currency() != Currency::Cny {
                return Err(bad_param("fee_account"));
            }
            check_unrestricted(cx, &account).await?;
            check_available(account.available(), quote.fee.minor)?;
            Some(account)
        }
    };
    Ok(Draft {
        from_account: Some(from.id.clone()),
        to_account: Some(account.clone()),
        amount: Some(p.amount),
        ..Draft::new(RemitValues {
            from_account: from.id.clone(),
            from_tail: tail(&from.number),
            amount: p.amount,
            amount_sent: quote.amount_sent,
            payee_name,
            payee_address: address,
            account,
            bic,
            country,
            bearer: p.bearer,
            purpose: p.purpose,
            commission: quote.commission,
            cable: quote.cable,
            our_extra: quote.our_extra,
            fee: quote.fee,
            fee_tail: fee_account.as_ref().map(|account| tail(&account.number)),
            fee_account: fee_account.map(|account| account.id),
            arrives: quote.arrives,
            remark,
        })?
    })
}

async fn check_daily(cx: &mut Cx<'_>, customer: &str, amount: Money) -> Result<(), Fail> {
    let sent: Vec<(i64, String)> = sqlx::query_as(
        "SELECT amount_minor, currency FROM orders WHERE customer = ? AND operation = 'remit_out' AND confirmed_on = ?
           AND status IN ('held', 'posted')",
    )
    .bind(customer)
    .bind(cx.today.to_string())
    .fetch_all(&mut *cx.conn)
    .await?;
    let mut used = 0;
    for (minor, currency) in sent {
        let currency = Currency::parse(&currency).ok_or(Fail::Data("currency"))?;
        used += usd_equivalent(cx, Money::new(minor, currency)).await?.minor;
    }
    let limit = cx.bank.remit.daily_max_usd.0;
    if used + usd_equivalent(cx, amount).await?.minor > limit {
        let usd = |minor: i64| Money::new(minor, Currency::Usd);
        return Err(refuse_with(
            Code::LimitDaily,
            json!({
                "scope": "channel", "limit": usd(limit), "used": usd(used), "left": usd((limit - used).max(0)),
            }),
        ));
    }
    Ok(())
}

/// Holds amount and fee until staff decide.
pub async fn apply(cx: &mut Cx<'_>, order: &OrderRow, v: RemitValues) -> Result<Done, Fail> {
    let hold = place_hold(cx, &v.from_account, v.amount.minor, "remittance", Some(&order.id), None).await?;
    if let Some(account) = &v.fee_account {
        place_hold(cx, account, v.fee.minor, "remittance_fee", Some(&order.id), None).await?;
    }
    Ok(Done::Held { result: json!({}), hold: Some(hold) })
}

/// Ends every hold of the order.
pub async fn end_holds(cx: &mut Cx<'_>, order: &str, how: &str) -> Result<(), Fail> {
    let holds: Vec<String> =
        sqlx::query_scalar("SELECT id FROM holds WHERE order_id = ? AND status = 'placed' ORDER BY id")
            .bind(order)
            .fetch_all(&mut *cx.conn)
            .await?;
    for hold in holds {
        end_hold(cx, &hold, how).await?;
    }
    Ok(())
}

/// Books the remittance and writes its message.
pub async fn release(cx: &mut Cx<'_>, order: &OrderRow, v: RemitValues) -> Result<Value, Fail> {
    end_holds(cx, &order.id, "captured").await?;
    let deducted = Money::new(v.amount.minor - v.amount_sent.minor, v.amount.currency);
    let mut entry = Entry::new("remittance", "境外汇款")
        .order(&order.id)
        .channel("app")
        .party(&v.payee_name, Some(&v.account), Some(&v.bic))
        .gl_credit(codes::clearing_in(v.amount.currency), v.amount_sent)
        .gl_credit(codes::FEES, deducted);
    if let Some(account) = &v.fee_account {
        entry = entry.take(account, v.fee).gl_credit(codes::FEES, v.fee);
    }
    let booked = post(cx, entry.take(&v.from_account, v.amount)).await?;
    let uetr = uetr(&order.id, order.prepared_at_ms);
    let end_to_end_id = format!("YSB{}", order.id.trim_start_matches("or_"));
    let document = message(cx, order, &v, &uetr, &end_to_end_id).await?;
    Ok(json!({
        "transaction": booked.transaction(&v.from_account),
        "balance_after": booked.balances.get(&v.from_account),
        "document": document,
        "uetr": uetr,
        "end_to_end_id": end_to_end_id,
    }))
}

async fn message(
    cx: &mut Cx<'_>,
    order: &OrderRow,
    v: &RemitValues,
    uetr: &str,
    end_to_end_id: &str,
) -> Result<String, Fail> {
    let debtor = model::customer(cx.conn, &order.customer).await?;
    let from = model::account_by_id(cx.conn, &v.from_account).await?;
    let created_at = format!("{}+08:00", local(cx.now_ms).strftime("%Y-%m-%dT%H:%M:%S"));
    let purpose = match v.purpose {
        Purpose::Study | Purpose::Training => "EDUC",
        Purpose::Medical => "MDCS",
        _ => "OTHR",
    };
    let content = pain001::write(&Payment {
        message_id: &format!("YSB-{}", order.id),
        created_at: &created_at,
        execute_on: &cx.today.to_string(),
        end_to_end_id,
        uetr,
        debtor_name: &debtor.name_en,
        debtor_account: &from.number,
        debtor_bic: &cx.bank.own.bic,
        amount: v.amount_sent,
        bearer: v.bearer.code(),
        creditor_name: &v.payee_name,
        creditor_address: v.payee_address.as_deref(),
        creditor_country: &v.country,
        creditor_bic: &v.bic,
        creditor_account: &v.account,
        is_iban: is_iban(&v.account),
        purpose,
        remittance: &v.remark,
    })
    .map_err(|_| Fail::Data("pain.001"))?;
    store_document(cx, &order.customer, "pain.001.001.11", "application/xml", &content).await.map(|(id, _)| id)
}

/// Keeps a document for the customer: (id, check code).
pub async fn store_document(
    cx: &mut Cx<'_>,
    customer: &str,
    kind: &str,
    media_type: &str,
    content: &str,
) -> Result<(String, String), Fail> {
    let id = next_id(cx.conn, "dc").await?;
    let hash = text_hash(&[&id, content]).to_ascii_uppercase();
    let check_code = hash.get(..12).unwrap_or_default().to_owned();
    sqlx::query("INSERT INTO documents VALUES (?,?,?,?,?,?)")
        .bind(&id)
        .bind(customer)
        .bind(kind)
        .bind(media_type)
        .bind(content)
        .bind(&check_code)
        .execute(&mut *cx.conn)
        .await?;
    Ok((id, check_code))
}

/// The payment's unique reference, in the form of a version 4 UUID.
fn uetr(order: &str, prepared_at_ms: i64) -> String {
    let hash = text_hash(&[order, &prepared_at_ms.to_string()]);
    let part = |from: usize, to: usize| hash.get(from..to).unwrap_or_default().to_owned();
    format!("{}-{}-4{}-a{}-{}", part(0, 8), part(8, 12), part(12, 15), part(15, 18), part(18, 30))
}
