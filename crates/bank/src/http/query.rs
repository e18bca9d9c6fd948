//! Parameters of a read become a path and a query string.
//!
//! A scalar goes as it is, a Money under `<name>_minor` and `currency`. Values
//! are percent-encoded, so that no parameter can change the path.

use crate::catalog::Read;
use crate::port::CoreError;
use serde_json::{Map, Value};
use teller_kernel::CustomerId;

/// Longest value of one parameter, in bytes.
const PARAM_MAX_BYTES: usize = 512;

/// Path and query of a read.
pub fn path_and_query(read: &Read, customer: Option<&CustomerId>, params: &Value) -> Result<String, CoreError> {
    let empty = Map::new();
    let params = match params {
        Value::Null => &empty,
        Value::Object(map) => map,
        _ => return Err(CoreError::BadParam("params".into())),
    };
    if let Some(name) = read.required.iter().find(|name| params.get(**name).is_none_or(Value::is_null)) {
        return Err(CoreError::BadParam((*name).into()));
    }
    let mut path = read.path.to_owned();
    if read.needs_customer() {
        let customer = customer.ok_or_else(|| CoreError::BadParam("customer".into()))?;
        path = path.replace("{customer}", &encode(customer.as_str()));
    }
    let mut query: Vec<(String, String)> = Vec::new();
    for (name, value) in params {
        if !read.required.contains(&name.as_str()) && !read.optional.contains(&name.as_str()) {
            return Err(CoreError::BadParam(name.clone()));
        }
        let placeholder = format!("{{{name}}}");
        for (key, text) in flatten(name, value)? {
            if path.contains(&placeholder) {
                path = path.replace(&placeholder, &encode(&text));
            } else if !query.iter().any(|(seen, _)| *seen == key) {
                query.push((key, text));
            }
        }
    }
    let mut separator = if path.contains('?') { '&' } else { '?' };
    for (key, text) in query {
        path.push(separator);
        path.push_str(&format!("{}={}", encode(&key), encode(&text)));
        separator = '&';
    }
    Ok(path)
}

fn flatten(name: &str, value: &Value) -> Result<Vec<(String, String)>, CoreError> {
    let bad = || CoreError::BadParam(name.to_owned());
    let pairs = match value {
        Value::Null => Vec::new(),
        Value::String(text) => vec![(name.to_owned(), text.clone())],
        Value::Number(number) => vec![(name.to_owned(), number.to_string())],
        Value::Bool(flag) => vec![(name.to_owned(), flag.to_string())],
        Value::Object(map) => {
            let minor = map.get("minor").and_then(Value::as_i64).ok_or_else(bad)?;
            let currency = map.get("currency").and_then(Value::as_str).ok_or_else(bad)?;
            vec![(format!("{name}_minor"), minor.to_string()), ("currency".to_owned(), currency.to_owned())]
        }
        Value::Array(_) => return Err(bad()),
    };
    if pairs.iter().any(|(_, text)| text.len() > PARAM_MAX_BYTES) {
        return Err(bad());
    }
    Ok(pairs)
}

/// Percent-encodes everything but the unreserved characters of RFC 3986.
pub fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::read;
    use serde_json::json;

    fn customer() -> CustomerId {
        CustomerId::parse("cu_1001").unwrap()
    }

    #[test]
    fn money_and_text_are_flattened_and_encoded() {
        let path = path_and_query(
            read("transactions").unwrap(),
            Some(&customer()),
            &json!({"min": {"minor": 5000, "currency": "CNY"}, "text": "水 费&x", "limit": 5}),
        );
        assert_eq!(
            path.unwrap(),
            "/v1/customers/cu_1001/transactions?limit=5&min_minor=5000&currency=CNY&text=%E6%B0%B4%20%E8%B4%B9%26x"
        );
    }

    #[test]
    fn a_parameter_cannot_leave_its_place_in_the_path() {
        let path =
            path_and_query(read("order").unwrap(), Some(&customer()), &json!({"order": "../../faults?x=1"})).unwrap();
        assert_eq!(path, "/v1/customers/cu_1001/orders/..%2F..%2Ffaults%3Fx%3D1");
    }

    #[test]
    fn missing_unknown_and_shapeless_parameters_are_refused() {
        let order = read("order").unwrap();
        let bad = |name: &str| Err(CoreError::BadParam(name.into()));
        assert_eq!(path_and_query(order, Some(&customer()), &json!({})), bad("order"));
        assert_eq!(path_and_query(order, None, &json!({"order": "or_1"})), bad("customer"));
        assert_eq!(path_and_query(order, Some(&customer()), &json!({"order": "or_1", "x": 1})), bad("x"));
        assert_eq!(path_and_query(order, Some(&customer()), &json!({"order": ["or_1"]})), bad("order"));
    }

    #[test]
    fn a_fixed_query_is_extended() {
        let path = path_and_query(read("complaints").unwrap(), Some(&customer()), &json!({"number": "C1"})).unwrap();
        assert_eq!(path, "/v1/customers/cu_1001/service-requests?kind=complaint&number=C1");
    }
}
