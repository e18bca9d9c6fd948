//! Random operations by random customers: whatever happens, the books balance,
//! available money is never negative, an order books once, and a repeat
//! answers the same.

use crate::client::{Client, HOUR_MS, digest, money, yuan};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};

/// Runs, and operations in each.
const RUNS: u32 = 5;
const OPERATIONS: usize = 50;

#[derive(Debug, Clone)]
enum Step {
    /// customer, operation, parameters; confirmed how often.
    Order {
        customer: u32,
        operation: &'static str,
        params: Value,
        confirms: u8,
    },
    Cancel {
        of: usize,
    },
    Release {
        of: usize,
        approve: bool,
    },
    Protect {
        customer: u32,
        operation: &'static str,
        params: Value,
    },
    Hours(i64),
    NextDay,
}

fn customer() -> impl Strategy<Value = u32> {
    prop_oneof![Just(1001u32), Just(1002), Just(1005), Just(1006), Just(1009), Just(1016), Just(1023)]
}

fn account(customer: u32, position: u8) -> String {
    format!("ac_{customer}_{position}")
}

fn step() -> impl Strategy<Value = Step> {
    let amount = prop_oneof![1i64..5_000, 1_000i64..500_000, 100_000i64..30_000_000];
    let arrival = prop_oneof![Just("now"), Just("next_day"), Just("delay24h")];
    let transfer = (customer(), 1u8..=2, amount.clone(), arrival, 0u8..4, 1u8..=2).prop_map(
        |(customer, from, amount, arrival, to, confirms)| {
            let mut params = json!({
                "from_account": account(customer, from), "amount": yuan(amount), "arrival": arrival,
            });
            if to == 0 {
                params["payee"] = json!(format!("py_{customer}_1"));
            } else {
                let (number, name) =
                    [("6299981002395670855", "林建国"), ("6217990012345670013", "张伟"), ("62170099999999999", "某人")]
                        [usize::from(to) - 1];
                params["to_account"] = json!(number);
                params["to_name"] = json!(name);
                params["to_bank"] = json!(if to == 1 { "本行" } else { "CCB" });
            }
            Step::Order { customer, operation: "transfer", params, confirms }
        },
    );
    let deposit = (customer(), amount.clone(), prop_oneof![Just(3u32), Just(12), Just(7)]).prop_map(
        |(customer, amount, term)| {
            let params = json!({"from_account": account(customer, 1), "amount": yuan(amount), "term": term});
            Step::Order { customer, operation: "deposit_open", params, confirms: 1 }
        },
    );
    let withdraw = (customer(), prop::option::of(amount.clone())).prop_map(|(customer, amount)| {
        let mut params = json!({"deposit": format!("td_{customer}_1")});
        if let Some(amount) = amount {
            params["amount"] = yuan(amount);
        }
        Step::Order { customer, operation: "deposit_withdraw", params, confirms: 2 }
    });
    let repay = (customer(), amount.clone()).prop_map(|(customer, amount)| {
        let params = json!({"card": format!("cd_{customer}_{}", if customer == 1006 { 4 } else if matches!(customer, 1001 | 1005) { 3 } else { 2 }),
            "from_account": account(customer, 1), "amount": yuan(amount)});
        Step::Order { customer, operation: "card_repay", params, confirms: 1 }
    });
    let instalment =
        (prop_oneof![Just(3u32), Just(12)], prop::option::of(50_000i64..400_000)).prop_map(|(periods, amount)| {
            let mut params = json!({"card": "cd_1009_2", "periods": periods});
            if let Some(amount) = amount {
                params["amount"] = yuan(amount);
            }
            Step::Order { customer: 1009, operation: "cc_installment", params, confirms: 2 }
        });
    let settle = Just(Step::Order {
        customer: 1023,
        operation: "cc_early_settle",
        params: json!({"plan": "ip_1023_1"}),
        confirms: 2,
    });
    let prepay =
        (prop_oneof![Just("shorten"), Just("reduce"), Just("settle")], amount.clone()).prop_map(|(mode, amount)| {
            let params = json!({"loan": "ln_1016_1", "mode": mode, "amount": yuan(amount)});
            Step::Order { customer: 1016, operation: "loan_prepay", params, confirms: 1 }
        });
    let fx = (prop_oneof![Just(1001u32), Just(1005), Just(1006)], 1i64..1_500_000, any::<bool>()).prop_map(
        |(customer, minor, buy)| {
            let (operation, from) =
                if buy { ("fx_buy", account(customer, 1)) } else { ("fx_sell", account(customer, 2)) };
            let params = json!({"amount": money(minor, "USD"), "from_account": from, "purpose": "travel"});
            Step::Order { customer, operation, params, confirms: 1 }
        },
    );
    let remit =
        (prop_oneof![Just(1005u32), Just(1006)], 1i64..900_000, prop_oneof![Just("OUR"), Just("SHA"), Just("BEN")])
            .prop_map(|(customer, minor, bearer)| {
                let params = json!({
                    "from_account": account(customer, 2), "amount": money(minor, "USD"), "payee_name": "Ann Lee",
                    "account": "000123456789", "bic": "CHASUS33", "country": "US", "bearer": bearer, "purpose": "study",
                });
                Step::Order { customer, operation: "remit_out", params, confirms: 1 }
            });
    let protect = (customer(), 0u8..4, amount).prop_map(|(customer, which, amount)| {
        let (operation, params) = match which {
            0 => ("card_lock", json!({"card": format!("cd_{customer}_1"), "scope": "overseas"})),
            1 => ("stop_payment", json!({})),
            _ => ("hold_place", json!({"account": account(customer, 1), "amount": yuan(amount), "hours": 5})),
        };
        Step::Protect { customer, operation, params }
    });
    prop_oneof![
        8 => transfer,
        2 => deposit,
        2 => withdraw,
        2 => repay,
        2 => instalment,
        1 => settle,
        2 => prepay,
        3 => fx,
        3 => remit,
        2 => protect,
        2 => any::<prop::sample::Index>().prop_map(|at| Step::Cancel { of: at.index(OPERATIONS) }),
        3 => (any::<prop::sample::Index>(), any::<bool>()).prop_map(|(at, approve)| Step::Release { of: at.index(OPERATIONS), approve }),
        2 => (1i64..30).prop_map(Step::Hours),
        1 => Just(Step::NextDay),
    ]
}

/// Everything that must hold after every step.
async fn check_invariants(client: &Client) {
    for customer in [1001, 1002, 1005, 1006, 1009, 1016, 1023] {
        for item in client.of(customer, "balances").await["items"].as_array().unwrap() {
            let minor = |name: &str| item[name]["minor"].as_i64().unwrap();
            assert_eq!(minor("available"), minor("ledger") - minor("held"), "{item}");
            assert!(minor("available") >= 0 && minor("held") >= 0, "{item}");
        }
    }
}

async fn run(steps: Vec<Step>) -> u32 {
    let client = Client::open().await;
    let mut orders: Vec<Value> = Vec::new();
    let mut posted = 0;
    for step in steps {
        match step {
            Step::Order { customer, operation, params, confirms } => {
                let key = client.fresh_key();
                let (status, order) = client.try_prepare(customer, operation, &key, &params).await;
                if !status.is_success() {
                    assert!(status.is_client_error(), "{operation} {params}: {order}");
                    continue;
                }
                let first = client.confirm(&order).await;
                for _ in 1..confirms {
                    assert_eq!(client.confirm(&order).await, first, "a repeat answers the same");
                }
                let again = client.try_prepare(customer, operation, &key, &params).await.1;
                assert_eq!(again["id"], order["id"], "the key still names the same order");
                posted += u32::from(first["status"] == "posted");
                orders.push(first);
            }
            Step::Cancel { of } if !orders.is_empty() => {
                let order = &orders[of % orders.len()];
                let path = format!("/v1/orders/{}/cancel", order["id"].as_str().unwrap());
                client.send("POST", &path, Some(json!({}))).await;
            }
            Step::Release { of, approve } if !orders.is_empty() => {
                let order = &orders[of % orders.len()];
                let path = format!(
                    "/v1/orders/{}/{}",
                    order["id"].as_str().unwrap(),
                    if approve { "release" } else { "decline" }
                );
                let body = if approve {
                    json!({"by": ["st_a", "st_b"], "digest": digest(&order["values"])})
                } else {
                    json!({"by": "st_a", "reason": "test"})
                };
                client.send("POST", &path, Some(body)).await;
            }
            Step::Protect { customer, operation, params } => {
                client.try_protect(customer, operation, &client.fresh_key(), params).await;
            }
            Step::Hours(hours) => client.pass_ms(hours * HOUR_MS),
            Step::NextDay => {
                client.bank.advance_days(1).await.unwrap();
                client.pass_ms(24 * HOUR_MS);
            }
            Step::Cancel { .. } | Step::Release { .. } => {}
        }
        check_invariants(&client).await;
    }
    check_one_entry_per_order(&client.bank.journal().await.unwrap());
    client.check_books().await;
    posted
}

/// The journal names its order on each entry; no order is named twice.
fn check_one_entry_per_order(journal: &str) {
    let mut seen = std::collections::BTreeSet::new();
    for order in journal.lines().filter_map(|line| line.split("; order:").nth(1)) {
        assert!(seen.insert(order.to_owned()), "{order} is booked twice");
    }
    assert!(!seen.is_empty(), "some order was booked");
}

#[test]
fn whatever_happens_the_books_balance() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let config = Config { cases: RUNS, failure_persistence: None, max_shrink_iters: 40, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]));
    let total = std::cell::Cell::new(0);
    runner
        .run(&prop::collection::vec(step(), OPERATIONS), |steps| {
            total.set(total.get() + runtime.block_on(run(steps)));
            Ok(())
        })
        .unwrap();
    assert!(total.get() > RUNS * 6, "the steps do carry things out: {}", total.get());
}
