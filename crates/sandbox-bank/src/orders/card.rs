//! Cards: replacement, activation, unlocking, a lost card found again.

use super::operation::{Done, Draft};
use super::row::OrderRow;
use crate::error::{Fail, bad_param, not_allowed};
use crate::ledger::{Entry, check_available, codes, post};
use crate::model::{self, CardRow, kept_text, tail};
use crate::money::Money;
use crate::store::{Conn, Cx, next_id, next_number};
use crate::time::plus_months;
use serde::{Deserialize, Serialize};
use serde_json::json;

#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CardParams {
    pub card: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CardValues {
    pub card: String,
    pub card_label: String,
    pub card_tail: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lock_scope: Option<String>,
}

impl CardValues {
    fn of(card: &CardRow) -> Self {
        Self {
            card: card.id.clone(),
            card_label: card.label(),
            card_tail: tail(&card.number),
            lock_scope: card.lock_scope.clone(),
        }
    }
}

async fn prepare_from(cx: &mut Cx<'_>, customer: &str, card: &str, status: &str) -> Result<Draft, Fail> {
    let card = model::card(cx.conn, customer, card).await?;
    if card.status != status {
        return Err(not_allowed(&format!("card_{}", card.status)));
    }
    Draft::new(CardValues::of(&card))
}

async fn make_active(conn: &mut Conn, card: &str) -> Result<Done, Fail> {
    sqlx::query("UPDATE cards SET status = 'active', lock_scope = NULL, lost_until = NULL WHERE id = ?")
        .bind(card)
        .execute(conn)
        .await?;
    Ok(Done::Posted(json!({"card": card, "status": "active"})))
}

pub async fn prepare_unlock(cx: &mut Cx<'_>, customer: &str, p: CardParams) -> Result<Draft, Fail> {
    prepare_from(cx, customer, &p.card, "locked").await
}

pub async fn apply_unlock(cx: &mut Cx<'_>, _order: &OrderRow, v: CardValues) -> Result<Done, Fail> {
    make_active(cx.conn, &v.card).await
}

pub async fn prepare_loss_cancel(cx: &mut Cx<'_>, customer: &str, p: CardParams) -> Result<Draft, Fail> {
    prepare_from(cx, customer, &p.card, "lost").await
}

pub async fn apply_loss_cancel(cx: &mut Cx<'_>, _order: &OrderRow, v: CardValues) -> Result<Done, Fail> {
    make_active(cx.conn, &v.card).await
}

pub async fn prepare_activate(cx: &mut Cx<'_>, customer: &str, p: CardParams) -> Result<Draft, Fail> {
    prepare_from(cx, customer, &p.card, "inactive").await
}

pub async fn apply_activate(cx: &mut Cx<'_>, _order: &OrderRow, v: CardValues) -> Result<Done, Fail> {
    make_active(cx.conn, &v.card).await
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReplaceReason {
    Lost,
    Damaged,
    Expired,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    Mail,
    Branch,
}

#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CardReplaceParams {
    pub card: String,
    pub reason: ReplaceReason,
    pub delivery: Option<Delivery>,
    pub address: Option<String>,
    pub branch: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CardReplaceValues {
    pub card: String,
    pub card_label: String,
    pub card_tail: String,
    pub reason: ReplaceReason,
    pub delivery: Delivery,
    pub address: Option<String>,
    pub branch: Option<String>,
    pub fee: Money,
    pub total: Money,
    pub fee_account: String,
    pub fee_tail: String,
    /// A lost card never keeps its number.
    pub keeps_number: bool,
    pub arrives_on: String,
}

pub async fn prepare_replace(cx: &mut Cx<'_>, customer: &str, p: CardReplaceParams) -> Result<Draft, Fail> {
    let card = model::card(cx.conn, customer, &p.card).await?;
    if card.status == "replaced" {
        return Err(not_allowed("card_replaced"));
    }
    let delivery = p.delivery.unwrap_or(Delivery::Mail);
    let branch = match (delivery, p.branch.as_deref()) {
        (Delivery::Branch, Some(id)) => Some(cx.bank.branch(id).ok_or_else(|| bad_param("branch"))?.id.clone()),
        (Delivery::Branch, None) => Some(model::customer(cx.conn, customer).await?.branch),
        (Delivery::Mail, _) => None,
    };
    let fee = match (p.reason, card.is_credit()) {
        (ReplaceReason::Expired, _) => cx.bank.card.replace_fee_expiry.0,
        (_, true) => cx.bank.card.replace_fee_credit.0,
        (_, false) => cx.bank.card.replace_fee.0,
    };
    let account = model::primary_account(cx.conn, customer).await?;
    check_available(account.available(), fee)?;
    Draft::new(CardReplaceValues {
        card: card.id.clone(),
        card_label: card.label(),
        card_tail: tail(&card.number),
        reason: p.reason,
        delivery,
        address: p.address.map(|address| kept_text(&address)).filter(|_| delivery == Delivery::Mail),
        branch,
        fee: Money::cny(fee),
        total: Money::cny(fee),
        fee_account: account.id.clone(),
        fee_tail: tail(&account.number),
        keeps_number: p.reason != ReplaceReason::Lost,
        arrives_on: cx.bank.plus_working_days(cx.today, cx.bank.card.mail_days).to_string(),
    })
}

pub async fn apply_replace(cx: &mut Cx<'_>, order: &OrderRow, v: CardReplaceValues) -> Result<Done, Fail> {
    let old = model::card(cx.conn, &order.customer, &v.card).await?;
    if v.fee.minor > 0 {
        let entry = Entry::new("fee", "补换卡工本费")
            .order(&order.id)
            .take(&v.fee_account, v.fee)
            .gl_credit(codes::FEES, v.fee);
        post(cx, entry).await?;
    }
    let number = if v.keeps_number { old.number.clone() } else { fresh_number(cx.conn, &old.number).await? };
    let id = next_id(cx.conn, "cd").await?;
    let years = if old.is_credit() { cx.bank.card.valid_years_credit } else { cx.bank.card.valid_years };
    let expires = plus_months(cx.today, years * 12).strftime("%Y-%m").to_string();
    // The old card lives on under a number nobody holds, so that its history keeps its id.
    let retired = format!("{}~{id}", old.number);
    sqlx::query("UPDATE cards SET status = 'replaced', replaced_by = ?, number = ? WHERE id = ?")
        .bind(&id)
        .bind(if v.keeps_number { &retired } else { &old.number })
        .bind(&old.id)
        .execute(&mut *cx.conn)
        .await?;
    sqlx::query(
        "INSERT INTO cards (id, customer, kind, number, product, name, name_en, account, status, expires, limit_minor,
           owed_minor, statement_day, autopay, autopay_account, points, points_expiring, points_expire_on)
         SELECT ?, customer, kind, ?, product, name, name_en, account, 'inactive', ?, limit_minor, 0, statement_day,
           autopay, autopay_account, points, points_expiring, points_expire_on FROM cards WHERE id = ?",
    )
    .bind(&id)
    .bind(&number)
    .bind(&expires)
    .bind(&old.id)
    .execute(&mut *cx.conn)
    .await?;
    move_debt(cx, &old, &id).await?;
    Ok(Done::Posted(json!({"new_card": id, "new_tail": tail(&number)})))
}

/// What is owed, its statements and its plans go over to the new card.
async fn move_debt(cx: &mut Cx<'_>, old: &CardRow, new: &str) -> Result<(), Fail> {
    if !old.is_credit() {
        return Ok(());
    }
    for sql in [
        "UPDATE postings SET card = ?1, ledger = 'assets:cards:' || ?1 WHERE card = ?2",
        "UPDATE instalments SET card = ?1 WHERE card = ?2",
        "UPDATE cards SET owed_minor = (SELECT owed_minor FROM cards WHERE id = ?2) WHERE id = ?1",
        "UPDATE cards SET owed_minor = 0 WHERE id = ?2 AND ?1 <> ''",
    ] {
        sqlx::query(sql).bind(new).bind(&old.id).execute(&mut *cx.conn).await?;
    }
    Ok(())
}

/// A new number of the same kind, with its Luhn digit.
async fn fresh_number(conn: &mut Conn, old: &str) -> Result<String, Fail> {
    let serial = next_number(conn, "card_number").await?;
    let prefix = old.get(..6).ok_or(Fail::Data("card number"))?;
    let body = format!("{prefix}{serial:0width$}", width = old.len() - 7);
    Ok(crate::checks::with_luhn(&body))
}
