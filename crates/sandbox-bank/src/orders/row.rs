//! An order as stored and as shown.

use crate::error::Fail;
use crate::money::{Currency, Money};
use crate::store::Conn;
use serde::{Deserialize, Serialize};
use serde_json::Value;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OrderStatus {
    Prepared,
    Posted,
    Accepted,
    Held,
    Rejected,
    Cancelled,
    Expired,
}

impl OrderStatus {
    pub fn text(self) -> &'static str {
        match self {
            Self::Prepared => "prepared",
            Self::Posted => "posted",
            Self::Accepted => "accepted",
            Self::Held => "held",
            Self::Rejected => "rejected",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
        }
    }

    fn parse(text: &str) -> Result<Self, Fail> {
        [Self::Prepared, Self::Posted, Self::Accepted, Self::Held, Self::Rejected, Self::Cancelled, Self::Expired]
            .into_iter()
            .find(|status| status.text() == text)
            .ok_or(Fail::Data("order status"))
    }
}

#[derive(Debug, Clone, sqlx::FromRow)]
pub struct OrderRow {
    pub id: String,
    pub customer: String,
    pub operation: String,
    pub body_hash: String,
    pub params: String,
    pub vals: String,
    pub status: String,
    pub code: Option<String>,
    pub result: String,
    pub prepared_at_ms: i64,
    pub expires_at_ms: i64,
    pub confirmed_at_ms: Option<i64>,
    pub due_on: Option<String>,
    pub due_at_ms: Option<i64>,
    pub hold: Option<String>,
    pub channel: Option<String>,
    pub amount_minor: Option<i64>,
    pub currency: Option<String>,
}

impl OrderRow {
    pub fn status(&self) -> Result<OrderStatus, Fail> {
        OrderStatus::parse(&self.status)
    }

    /// The stored values, typed.
    pub fn values<T: serde::de::DeserializeOwned>(&self) -> Result<T, Fail> {
        serde_json::from_str(&self.vals).map_err(|_| Fail::Data("order values"))
    }

    pub fn amount(&self) -> Option<Money> {
        let currency = Currency::parse(self.currency.as_deref()?)?;
        Some(Money::new(self.amount_minor?, currency))
    }

    pub async fn find(conn: &mut Conn, id: &str) -> Result<Option<Self>, Fail> {
        Ok(sqlx::query_as("SELECT * FROM orders WHERE id = ?").bind(id).fetch_optional(conn).await?)
    }
}

/// One line about an order, for a choice: what, how much, to whom.
pub fn label(order: &OrderRow, values: &Value) -> String {
    let what = match order.operation.as_str() {
        "transfer" => "转账",
        "scheduled_transfer" => "预约转账",
        "remit_out" => "境外汇款",
        "card_repay" => "信用卡还款",
        "fx_buy" => "购汇",
        "fx_sell" => "结汇",
        "deposit_open" => "存定期",
        "deposit_withdraw" => "定期支取",
        "loan_prepay" => "提前还款",
        other => other,
    };
    let amount =
        order.amount().map(|money| format!(" {} {}", money.currency.code(), money.decimal())).unwrap_or_default();
    let whom = values
        .get("to_name")
        .or_else(|| values.get("payee_name"))
        .and_then(Value::as_str)
        .map(|name| format!(" {name}"))
        .unwrap_or_default();
    format!("{what}{amount}{whom}")
}

/// The contract's order.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct OrderView {
    pub id: String,
    pub customer: String,
    pub operation: String,
    pub status: OrderStatus,
    /// Why it was rejected.
    pub code: Option<String>,
    #[schema(value_type = Object)]
    pub values: Value,
    /// What came of it; the refusal's detail when rejected.
    #[schema(value_type = Object)]
    pub result: Value,
    pub prepared_at_ms: i64,
    pub expires_at_ms: i64,
    pub confirmed_at_ms: Option<i64>,
    pub due_on: Option<String>,
    pub due_at_ms: Option<i64>,
    /// Can it still be taken back?
    pub cancellable: bool,
    pub label: String,
}

impl OrderView {
    pub fn of(order: OrderRow) -> Result<Self, Fail> {
        let values: Value = serde_json::from_str(&order.vals)?;
        let status = order.status()?;
        Ok(Self {
            status,
            result: serde_json::from_str(&order.result)?,
            cancellable: status == OrderStatus::Accepted && order.operation == "transfer",
            label: label(&order, &values),
            values,
            id: order.id,
            customer: order.customer,
            operation: order.operation,
            code: order.code,
            prepared_at_ms: order.prepared_at_ms,
            expires_at_ms: order.expires_at_ms,
            confirmed_at_ms: order.confirmed_at_ms,
            due_on: order.due_on,
            due_at_ms: order.due_at_ms,
        })
    }
}
