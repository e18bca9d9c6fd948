//! Digest of values, as the contract defines it: SHA-256 over canonical JSON
//! (object keys sorted at every depth, no white space), lower-case hex.

use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// The digest a proof must carry for these values.
pub fn digest(values: &Value) -> String {
    text_hash(&[&canonical(values)])
}

/// SHA-256 of texts one after the other, hex.
pub fn text_hash(texts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for text in texts {
        hasher.update(text.as_bytes());
    }
    hex::encode(hasher.finalize())
}

fn canonical(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let sorted: BTreeMap<_, _> = map.iter().collect();
            let fields: Vec<String> = sorted
                .into_iter()
                .map(|(key, inner)| format!("{}:{}", Value::String(key.clone()), canonical(inner)))
                .collect();
            format!("{{{}}}", fields.join(","))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(",")),
        scalar => scalar.to_string(),
    }
}
