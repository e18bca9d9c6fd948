//! Messages the bank sends to a customer's phone. In the demo they are shown on
//! a page; a bank's gateway reads them from here. Sealed: one-time passwords and
//! amounts are in them.

use crate::db::Db;
use crate::error::StoreError;
use crate::limits::PAGE_MAX;
use crate::sql::vals;
use crate::tx::Tx;
use crate::vault::aad;
use crate::write::{Op, WriteSet};
use serde_json::Value;
use teller_kernel::CustomerId;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhoneMessage {
    pub id: i64,
    pub at_ms: i64,
    pub text: String,
}

impl WriteSet {
    pub fn phone_message(&mut self, customer: &CustomerId, text: &str) -> &mut Self {
        self.push(Op::PhoneMessage { customer: customer.clone(), text: text.to_owned() })
    }
}

fn place(customer: &str, at_ms: i64) -> Vec<u8> {
    aad(&["phone-message", customer, &at_ms.to_string()])
}

pub(crate) async fn put(tx: &mut Tx<'_>, customer: &CustomerId, text: &str) -> Result<(), StoreError> {
    let place = place(customer.as_str(), tx.now_ms);
    let (key_id, sealed) = tx.seal_json(customer.as_str(), &place, &Value::String(text.to_owned())).await?;
    tx.run(
        "INSERT INTO phone_messages (customer, at_ms, key_id, text) VALUES ($1, $2, $3, $4)",
        vals![customer.as_str(), tx.now_ms, key_id, sealed],
    )
    .await?;
    Ok(())
}

impl Db {
    /// The latest messages to a customer, newest first; erased ones are left out.
    pub async fn phone_messages(&self, customer: &CustomerId, limit: u32) -> Result<Vec<PhoneMessage>, StoreError> {
        let sql = "SELECT id, at_ms, key_id, text FROM phone_messages WHERE customer = $1 ORDER BY id DESC LIMIT $2";
        let rows = self.readers()?.all(sql, vals![customer.as_str(), limit.min(PAGE_MAX)]).await?;
        let mut out = Vec::with_capacity(rows.len());
        for row in &rows {
            let at_ms = row.int(1)?;
            let text = self.open_json(row.int(2)?, &place(customer.as_str(), at_ms), &row.blob(3)?).await?;
            if let Some(Value::String(text)) = text {
                out.push(PhoneMessage { id: row.int(0)?, at_ms, text });
            }
        }
        Ok(out)
    }
}
