//! Remittances abroad, and their message against the schema of the standard.

use crate::client::{Client, digest, money};
use serde_json::{Value, json};
use std::path::Path;

fn remit(bearer: &str) -> Value {
    json!({
        "from_account": "ac_1005_2", "amount": money(150_000, "USD"), "payee_name": "Susan & Tom Carter",
        "account": "GB82 WEST 1234 5698 7654 32", "bic": "WESTGB2L", "country": "GB", "bearer": bearer,
        "purpose": "study", "payee_address": "12 High Street, London", "remark": "Tuition fee 2026/27",
    })
}

async fn release(client: &Client, order: &Value) -> Value {
    let path = format!("/v1/orders/{}/release", order["id"].as_str().unwrap());
    client.send("POST", &path, Some(json!({"by": ["st_one", "st_two"], "digest": digest(&order["values"])}))).await.1
}

#[tokio::test]
async fn every_message_validates_against_the_standards_schema() {
    let client = Client::open().await;
    let folder = tempfile::tempdir().unwrap();
    let no_iban = json!({
        "from_account": "ac_1006_2", "amount": money(90_000, "USD"), "payee_name": "ACME Corp", "account": "000123456789",
        "bic": "CHASUS33XXX", "country": "US", "bearer": "BEN", "purpose": "other",
    });
    for (customer, params) in [(1005, remit("OUR")), (1005, remit("SHA")), (1006, no_iban)] {
        let held = client.carry_out(customer, "remit_out", params).await;
        assert_eq!(held["status"], "held");
        let posted = release(&client, &held).await;
        assert_eq!(posted["status"], "posted", "{posted}");
        let message = client.get(&format!("/v1/orders/{}/document", held["id"].as_str().unwrap())).await;
        let file = folder.path().join("message.xml");
        std::fs::write(&file, message.as_str().unwrap()).unwrap();
        validate(&file);
    }
    client.check_books().await;
}

fn validate(message: &Path) {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let cache = here.join("../../target/pain001-schema");
    let run = std::process::Command::new("python3")
        .arg(here.join("tests/validate.py"))
        .args([&cache, message])
        .output()
        .expect("python3 must be installed");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
}

#[tokio::test]
async fn amount_and_fee_are_held_until_two_people_decide() {
    let client = Client::open().await;
    let (usd, cny) = (client.available(1005, "ac_1005_2").await, client.available(1005, "ac_1005_1").await);
    let held = client.carry_out(1005, "remit_out", remit("OUR")).await;
    let fee = held["values"]["fee"]["minor"].as_i64().unwrap();
    assert_eq!(client.available(1005, "ac_1005_2").await, usd - 150_000);
    assert_eq!(client.available(1005, "ac_1005_1").await, cny - fee);
    assert_eq!(client.ledger(1005, "ac_1005_2").await, usd, "nothing is booked yet");
    let path = format!("/v1/orders/{}/release", held["id"].as_str().unwrap());
    for by in [json!(["st_one"]), json!(["st_one", "st_one"]), json!(["", "st_two"])] {
        let (status, body) = client.send("POST", &path, Some(json!({"by": by}))).await;
        assert!(status.is_client_error(), "{body}");
    }
    let wrong = json!({"by": ["st_one", "st_two"], "digest": "of other values"});
    assert_eq!(client.send("POST", &path, Some(wrong)).await.1["code"], "PROOF_MISMATCH");
    let decline = format!("/v1/orders/{}/decline", held["id"].as_str().unwrap());
    let declined = client.send("POST", &decline, Some(json!({"by": "st_two", "reason": "documents missing"}))).await.1;
    assert_eq!((&declined["status"], &declined["code"]), (&json!("rejected"), &json!("RELEASE_DECLINED")));
    assert_eq!(client.available(1005, "ac_1005_2").await, usd);
    assert_eq!(client.available(1005, "ac_1005_1").await, cny);
    assert_eq!(release(&client, &held).await["status"], "rejected", "decided is decided");
}

#[tokio::test]
async fn destinations_are_checked() {
    let client = Client::open().await;
    let with = |changes: Value| {
        let mut params = remit("SHA");
        for (name, value) in changes.as_object().unwrap() {
            params[name] = value.clone();
        }
        params
    };
    let cases = [
        (json!({"account": "GB82WEST12345698765433"}), "BAD_IBAN"),
        (json!({"account": "DE89370400440532013000"}), "BAD_IBAN"),
        (json!({"bic": "WESTGB"}), "BAD_BIC"),
        (json!({"bic": "DEUTDEFF"}), "BAD_BIC"),
        (json!({"country": "KP", "bic": "FTBDKPPY", "account": "12345678"}), "SANCTION_HIT"),
        (json!({"payee_name": "苏珊"}), "BAD_PARAM"),
        (json!({"amount": money(900_000_000, "USD")}), "LIMIT_DAILY"),
        (json!({"amount": money(900_000, "USD")}), "INSUFFICIENT_FUNDS"),
        (json!({"bearer": "BEN", "amount": money(100, "USD")}), "AMOUNT_TOO_SMALL"),
    ];
    for (changes, code) in cases {
        assert_eq!(client.refused(1005, "remit_out", with(changes.clone())).await.0, code, "{changes}");
    }
    let check = client.get("/v1/remit-check?bic=DEUTDEFF&account=DE89370400440532013000&country=DE").await;
    assert_eq!(check["problems"], json!([]));
    assert_eq!(
        (&check["iban_needed"], &check["iban_valid"], &check["bic_country"]),
        (&json!(true), &json!(true), &json!("DE"))
    );
}
