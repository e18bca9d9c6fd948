//! The port over a real socket: what the wire does to an effect.

use crate::house::{House, key, lin, protection, transfer};
use sandbox_bank::faults::FaultSettings;
use serde_json::json;
use std::sync::Arc;
use teller_bank::http::TransportSettings;
use teller_bank::port::{CoreBank, CoreError, OrderStatus};
use teller_bank::{HttpCoreBank, ReqwestTransport};
use teller_kernel::event::CommitStatus;
use teller_kernel::ports::fixed::FixedClock;
use tokio::net::TcpListener;

/// A core that talks to `address` and loses patience early.
fn core_at(address: &str) -> HttpCoreBank {
    let settings = TransportSettings {
        base: format!("http://{address}"),
        connect_timeout_ms: 1_000,
        // Long enough for a busy machine, short beside the delay of the test.
        request_timeout_ms: 8_000,
    };
    let transport = ReqwestTransport::new(&settings).expect("a plain http address");
    HttpCoreBank::new(Arc::new(transport), Arc::new(FixedClock(crate::house::NOW_MS)))
}

async fn serve(house: &House) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(sandbox_bank::serve(listener, house.sandbox.clone()));
    address
}

#[tokio::test]
async fn an_effect_over_the_wire_is_unknown_when_its_reply_is_lost() {
    let mut house = House::open().await;
    house.core = core_at(&serve(&house).await);
    let before = house.available("ac_1001_1").await;
    assert_eq!(house.carry_out("transfer", "w1", transfer(10_000)).await.status, CommitStatus::Posted);
    let prepared = house.prepare("transfer", "w2", transfer(20_000)).await;
    let faults = house.sandbox.faults();
    faults.set(FaultSettings { drop_replies_pct: 100, ..Default::default() });
    let lost = house.core.commit(house.permit(&prepared, "w2")).await;
    assert_eq!(lost.status, CommitStatus::Unknown);
    faults.set(FaultSettings::default());
    let state = house.core.query(&lin(), "transfer", &key("w2")).await.unwrap().unwrap();
    assert_eq!(state.status, OrderStatus::Posted);
    assert_eq!(house.available("ac_1001_1").await, before - 30_000);
}

#[tokio::test]
async fn an_effect_that_takes_too_long_is_unknown() {
    let mut house = House::open().await;
    house.core = core_at(&serve(&house).await);
    let prepared = house.prepare("transfer", "slow", transfer(10_000)).await;
    house.sandbox.faults().set(FaultSettings { delay_ms: 20_000, ..Default::default() });
    let slow = house.core.commit(house.permit(&prepared, "slow")).await;
    assert_eq!(slow.status, CommitStatus::Unknown);
}

#[tokio::test]
async fn nobody_at_the_address_means_nothing_was_sent() {
    let mut house = House::open().await;
    let prepared = house.prepare("transfer", "gone", transfer(10_000)).await;
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().to_string();
    house.core = core_at(&free);
    let refused = house.core.commit(house.permit(&prepared, "gone")).await;
    assert_eq!((refused.status, refused.code.as_deref()), (CommitStatus::Rejected, Some("CORE_UNAVAILABLE")));
    let waiting = house.core.protect(protection("card_lock", "gone2", json!({"card": "cd_1001_1"}))).await;
    assert_eq!(waiting.status, CommitStatus::Queued);
    let read = house.core.read("business_date", None, &json!({})).await;
    assert_eq!(read, Err(CoreError::Unavailable { code: "CORE_UNAVAILABLE".into() }));
}

#[test]
fn only_plain_http_addresses_are_taken() {
    for base in ["https://core.example", "ftp://core", "core:7100", ""] {
        assert!(ReqwestTransport::new(&TransportSettings::new(base)).is_err(), "{base}");
    }
}
