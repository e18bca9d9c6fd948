//! The digest of values: SHA-256 over their canonical JSON.
//!
//! Canonical form: object keys sorted by code point at every depth, no white
//! space, strings and numbers as `serde_json` writes them. Confirmation,
//! one-time password and permit are bound to one another by this digest, and
//! the core recomputes it from the order it holds.

use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Lower-case hex SHA-256 of the canonical form.
pub fn digest(values: &Value) -> String {
    hex::encode(Sha256::digest(canonical(values).as_bytes()))
}

/// The canonical text of a JSON value.
pub fn canonical(value: &Value) -> String {
    let mut text = String::new();
    write_canonical(value, &mut text);
    text
}

fn write_canonical(value: &Value, out: &mut String) {
    match value {
        Value::Object(map) => {
            let sorted: BTreeMap<&String, &Value> = map.iter().collect();
            out.push('{');
            for (at, (key, inner)) in sorted.into_iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                out.push_str(&Value::String(key.clone()).to_string());
                out.push(':');
                write_canonical(inner, out);
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for (at, inner) in items.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write_canonical(inner, out);
            }
            out.push(']');
        }
        scalar => out.push_str(&scalar.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn key_order_does_not_matter_and_values_do() {
        let one: Value = serde_json::from_str(r#"{"b":[1,{"d":2,"c":null}],"a":"张"}"#).unwrap();
        let two: Value = serde_json::from_str(r#"{ "a":"张", "b":[1,{"c":null,"d":2}] }"#).unwrap();
        assert_eq!(canonical(&one), r#"{"a":"张","b":[1,{"c":null,"d":2}]}"#);
        assert_eq!(digest(&one), digest(&two));
        assert_ne!(digest(&one), digest(&json!({"a": "章", "b": [1, {"c": null, "d": 2}]})));
        assert_ne!(digest(&json!({"a": 1})), digest(&json!({"a": "1"})));
    }

    #[test]
    fn the_known_digest_of_the_empty_object() {
        assert_eq!(digest(&json!({})), "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
    }
}
