//! The demo customers: whole, varied, repeatable, and true to the pack's products.

use crate::client::{Client, seed};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

#[tokio::test]
async fn thirty_customers_of_every_kind_with_balanced_books() {
    let client = Client::open().await;
    let customers = client.get("/v1/customers").await;
    assert_eq!(customers["count"], 30);
    let segments: BTreeSet<&str> =
        customers["items"].as_array().unwrap().iter().map(|c| c["segment"].as_str().unwrap()).collect();
    assert_eq!(segments, BTreeSet::from(["business", "elder", "foreigner", "mass", "merchant", "student", "vip"]));
    client.check_books().await;
}

#[tokio::test]
async fn histories_reach_back_and_never_overdraw() {
    let client = Client::open().await;
    for customer in 1001..=1030 {
        let accounts = client.of(customer, "accounts").await;
        let primary = accounts["items"][0]["id"].as_str().unwrap();
        let mut path = format!("transactions?account={primary}&limit=100");
        let (mut seen, mut oldest, mut cursor) = (0, String::new(), Value::Null);
        loop {
            let page = client.of(customer, &path).await;
            for item in page["items"].as_array().unwrap() {
                assert!(item["balance_after"]["minor"].as_i64().unwrap() >= 0, "{customer}: {item}");
                oldest = item["date"].as_str().unwrap().to_owned();
                seen += 1;
            }
            if page["next_cursor"].is_null() {
                assert_eq!(page["count"], seen, "{customer}");
                break;
            }
            assert_ne!(page["next_cursor"], cursor, "{customer}: the cursor moves");
            cursor = page["next_cursor"].clone();
            path = format!("transactions?account={primary}&limit=100&cursor={}", cursor.as_str().unwrap());
        }
        assert!(seen > 60, "{customer} has only {seen} movements");
        assert!(oldest.as_str() < "2025-07-01", "{customer} starts at {oldest}");
    }
}

#[tokio::test]
async fn the_same_seed_gives_the_same_ledger() {
    let one = Client::open().await.bank.journal().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let place = sandbox_bank::Place::File(folder.path().join("ledger.db"));
    let other = Client::open_at(place, 0, Default::default()).await.bank.journal().await.unwrap();
    assert!(one == other, "a ledger does not depend on the clock or on where it lies");
}

#[tokio::test]
async fn an_overdue_card_and_restricted_accounts_show() {
    let client = Client::open().await;
    assert_eq!(client.of(1018, "card-bill").await["overdue"], true);
    assert_eq!(client.of(1001, "card-bill").await["overdue"], false);
    let restriction = |customer| {
        let client = &client;
        async move { client.of(customer, "accounts").await["items"][0]["restriction"].clone() }
    };
    assert_eq!(restriction(1013).await, "judicial");
    assert_eq!(restriction(1030).await, "risk");
    assert_eq!(restriction(1014).await, "card_locked");
}

/// One fact of a product file: the value of `name` under the product `id`.
fn facts() -> BTreeMap<(String, String), String> {
    #[derive(serde::Deserialize)]
    struct Product {
        id: String,
        facts: Vec<Fact>,
    }
    #[derive(serde::Deserialize)]
    struct Fact {
        name: String,
        value: String,
    }
    let folder = seed().join("../products");
    let mut facts = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "yaml") {
            continue;
        }
        let products: Vec<Product> = serde_saphyr::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        for product in products {
            for fact in product.facts {
                facts.insert((product.id.clone(), fact.name), fact.value);
            }
        }
    }
    facts
}

#[tokio::test]
async fn rates_limits_and_branches_are_those_of_the_product_sheets() {
    let facts = facts();
    let fact = |product: &str, name: &str| facts[&(product.to_owned(), name.to_owned())].clone();
    let client = Client::open().await;
    let rates = client.get("/v1/deposit-rates?currency=CNY").await;
    let rate = |product: &str, term: u32| {
        let found = rates["items"].as_array().unwrap().iter().find(|r| r["product"] == product && r["term"] == term);
        found.unwrap()["rate"].as_str().unwrap().to_owned()
    };
    for (term, name) in [(3, "3m"), (6, "6m"), (12, "1y"), (24, "2y"), (36, "3y"), (60, "5y")] {
        assert_eq!(rate("fixed", term), fact("deposit.fixed", &format!("rate.{name}")));
    }
    for (term, name) in [(3, "3m"), (6, "6m"), (12, "1y"), (24, "2y"), (36, "3y")] {
        assert_eq!(rate("large_cd", term), fact("deposit.large_cd", &format!("rate.{name}")));
    }
    let yuan = |minor: &Value| format!("{}.{:02}", minor.as_i64().unwrap() / 100, minor.as_i64().unwrap() % 100);
    let limits = client.of(1002, "limits").await;
    assert_eq!(yuan(&limits["single"]["minor"]), fact("transfer.limit", "limit.app.single_default"));
    assert_eq!(yuan(&limits["daily"]["minor"]), fact("transfer.limit", "limit.app.daily_default"));
    assert_eq!(yuan(&limits["max_single"]["minor"]), fact("transfer.limit", "limit.app.single_face"));
    assert_eq!(yuan(&limits["max_daily"]["minor"]), fact("transfer.limit", "limit.app.daily_face"));
    let remit = client.of(1005, "remit-quote?amount_minor=10000&currency=USD&bearer=OUR").await;
    assert_eq!(yuan(&remit["commission"]["minor"]), fact("fx.remit_out", "fee.min"));
    assert_eq!(yuan(&remit["cable"]["minor"]), fact("fx.remit_out", "fee.cable"));
    assert_eq!(yuan(&remit["our_extra"]["minor"]), fact("fx.remit_out", "fee.our_extra"));
    let options = client.of(1001, "instalment-options?card=cd_1001_3").await;
    for option in options["items"].as_array().unwrap() {
        let periods = option["periods"].as_i64().unwrap();
        assert_eq!(option["fee_rate"], fact("cc.instalment", &format!("fee.p{periods}")).as_str());
    }
    let branches = client.get("/v1/branches").await;
    for branch in branches["items"].as_array().unwrap() {
        let id = branch["id"].as_str().unwrap();
        assert_eq!(branch["address"], fact(id, "address").as_str());
        assert_eq!(branch["clearing_no"], fact(id, "clearing_no").as_str());
        assert_eq!(branch["hours_weekend"], fact(id, "hours.weekend").as_str());
    }
}

#[tokio::test]
async fn instalment_rates_are_those_printed() {
    let facts = facts();
    let client = Client::open().await;
    let bill = client.of(1009, "card-bill?card=cd_1009_2").await;
    assert!(bill["remaining"]["minor"].as_i64().unwrap() > 50_000, "{bill}");
    // Printed for round amounts; a thousand yuan divides without a rest.
    let options = client.of(1009, "instalment-options?card=cd_1009_2&amount_minor=100000&currency=CNY").await;
    for option in options["items"].as_array().unwrap() {
        let periods = option["periods"].as_i64().unwrap();
        let printed = |name: &str| facts[&("cc.instalment".to_owned(), format!("{name}.p{periods}"))].clone();
        let near = |ours: &Value, printed: String| {
            let (ours, printed): (f64, f64) = (ours.as_str().unwrap().parse().unwrap(), printed.parse().unwrap());
            (ours - printed).abs() <= 0.02
        };
        assert!(near(&option["apr_simple"], printed("apr_simple")), "{option}");
        assert!(near(&option["apr_effective"], printed("apr_effective")), "{option}");
    }
}
