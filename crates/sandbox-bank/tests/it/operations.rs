//! Each operation: what it states, what it does, when it refuses.

use crate::client::{Client, HOUR_MS, money, yuan};
use serde_json::{Value, json};

fn to_zhang(amount: i64) -> Value {
    json!({"from_account": "ac_1001_1", "amount": yuan(amount), "payee": "py_1001_1"})
}

#[tokio::test]
async fn limits_are_checked_in_order() {
    let client = Client::open().await;
    // Enough money for every limit to be met before it runs out.
    let from_vip = |amount: i64| json!({"from_account": "ac_1020_1", "amount": yuan(amount), "payee": "py_1020_1"});
    let (code, detail) = client.refused(1020, "transfer", from_vip(5_000_001)).await;
    assert_eq!((code.as_str(), &detail["limit"]), ("LIMIT_SINGLE", &yuan(5_000_000)));
    for _ in 0..4 {
        client.posted(1020, "transfer", from_vip(4_900_000)).await;
    }
    let (code, detail) = client.refused(1020, "transfer", from_vip(500_000)).await;
    assert_eq!((code.as_str(), &detail["left"]), ("LIMIT_DAILY", &yuan(400_000)));
    let quote = client.of(1020, "transfer-quote?from_account=ac_1020_1&amount_minor=500000&payee=py_1020_1").await;
    assert_eq!((&quote["refusal"], &quote["limit_left"]["daily"]), (&json!("LIMIT_DAILY"), &yuan(400_000)));
    client.bank.advance_days(1).await.unwrap();
    client.posted(1020, "transfer", from_vip(500_000)).await;
    client
        .posted(
            1020,
            "limit_set",
            json!({"single": yuan(20_000_000), "daily": yuan(50_000_000), "monthly": yuan(22_000_000)}),
        )
        .await;
    let (code, _) = client.refused(1020, "transfer", from_vip(5_000_000)).await;
    assert_eq!(code, "LIMIT_MONTHLY");
}

#[tokio::test]
async fn a_new_payee_gets_little_on_its_first_day() {
    let client = Client::open().await;
    let params = |amount: i64| json!({"from_account": "ac_1020_1", "amount": yuan(amount), "to_account": "6228990045678900042", "to_name": "王芳"});
    client.posted(1020, "transfer", params(3_000_000)).await;
    let (code, detail) = client.refused(1020, "transfer", params(2_100_000)).await;
    assert_eq!(
        (code.as_str(), &detail["scope"], &detail["left"]),
        ("LIMIT_CHANNEL", &json!("new_payee"), &yuan(2_000_000))
    );
    client.posted(1020, "payee_add", json!({"name": "王芳", "account": "6228990045678900042"})).await;
    assert_eq!(
        client.refused(1020, "transfer", params(2_100_000)).await.0,
        "LIMIT_CHANNEL",
        "added today is still new"
    );
    client.bank.advance_days(1).await.unwrap();
    let order = client.carry_out(1020, "transfer", params(2_100_000)).await;
    assert_eq!((&order["status"], &order["values"]["new_payee"]), (&json!("posted"), &json!(false)));
}

#[tokio::test]
async fn lower_account_classes_have_their_own_limits() {
    let client = Client::open().await;
    let number = |accounts: &Value, at: usize| accounts["items"][at]["number"].clone();
    let accounts = client.of(1011, "accounts").await;
    let own = |from: &str, to: &Value, amount: i64| json!({"from_account": from, "amount": yuan(amount), "to_account": to, "to_name": "黄思远"});
    // A class III account holds at most 2,000 yuan.
    let (code, detail) = client.refused(1011, "transfer", own("ac_1011_1", &number(&accounts, 2), 150_000)).await;
    assert_eq!((code.as_str(), &detail["scope"]), ("LIMIT_BALANCE", &json!("account_class")));
    client.posted(1011, "transfer", own("ac_1011_1", &number(&accounts, 2), 50_000)).await;
    // Class II: 10,000 yuan a day to others, the bound account aside.
    client.posted(1020, "payee_add", json!({"name": "林晓梅", "account": "6299981001363770598"})).await;
    client.bank.advance_days(1).await.unwrap();
    let fill = |amount: i64| json!({"from_account": "ac_1020_1", "amount": yuan(amount), "to_account": "6299981001363770598", "to_name": "林晓梅"});
    client.posted(1020, "transfer", fill(900_000)).await;
    assert_eq!(client.refused(1020, "transfer", fill(200_000)).await.0, "LIMIT_DAILY");
    let spend = |amount: i64| json!({"from_account": "ac_1001_2", "amount": yuan(amount), "payee": "py_1001_1"});
    client.posted(1001, "transfer", spend(900_000)).await;
    let (code, detail) = client.refused(1001, "transfer", spend(200_000)).await;
    assert_eq!(
        (code.as_str(), &detail["scope"], &detail["left"]),
        ("LIMIT_DAILY", &json!("account_class"), &yuan(100_000))
    );
    let lin = client.of(1001, "accounts").await;
    let back = json!({"from_account": "ac_1001_2", "amount": yuan(200_000), "to_account": number(&lin, 0), "to_name": "林晓梅"});
    client.posted(1001, "transfer", back).await;
}

#[tokio::test]
async fn the_daily_limit_is_checked_again_at_the_confirm() {
    let client = Client::open().await;
    let from_vip = |amount: i64| json!({"from_account": "ac_1020_1", "amount": yuan(amount), "payee": "py_1020_1"});
    let mut orders = Vec::new();
    for _ in 0..5 {
        orders.push(client.prepare(1020, "transfer", from_vip(4_500_000)).await);
    }
    for order in &orders[..4] {
        assert_eq!(client.confirm(order).await["status"], "posted");
    }
    let last = client.confirm(&orders[4]).await;
    assert_eq!((&last["status"], &last["code"]), (&json!("rejected"), &json!("LIMIT_DAILY")));
}

#[tokio::test]
async fn a_prepared_order_expires_and_a_wrong_proof_does_nothing() {
    let client = Client::open().await;
    let order = client.prepare(1001, "transfer", to_zhang(1_000)).await;
    let path = format!("/v1/orders/{}/confirm", order["id"].as_str().unwrap());
    let (status, body) = client.send("POST", &path, Some(json!({"proof": {"digest": "00"}}))).await;
    assert_eq!((status.as_u16(), &body["code"]), (422, &json!("PROOF_MISMATCH")));
    client.pass_ms(HOUR_MS);
    let expired = client.confirm(&order).await;
    assert_eq!((&expired["status"], &expired["code"]), (&json!("expired"), &json!("EXPIRED")));
}

#[tokio::test]
async fn the_same_amount_again_within_minutes_is_pointed_out() {
    let client = Client::open().await;
    let first = client.carry_out(1001, "transfer", to_zhang(88_000)).await;
    assert_eq!(first["values"]["similar_recent"], false);
    let second = client.prepare(1001, "transfer", to_zhang(88_000)).await;
    assert_eq!(second["values"]["similar_recent"], true);
    client.pass_ms(11 * 60_000);
    assert_eq!(client.prepare(1001, "transfer", to_zhang(88_000)).await["values"]["similar_recent"], false);
}

#[tokio::test]
async fn money_sent_inside_the_bank_arrives() {
    let client = Client::open().await;
    let before = client.ledger(1002, "ac_1002_1").await;
    let params =
        json!({"from_account": "ac_1001_1", "amount": yuan(66_600), "payee": "py_1001_4", "remark": "生日快乐"});
    client.posted(1001, "transfer", params).await;
    assert_eq!(client.ledger(1002, "ac_1002_1").await, before + 66_600);
    let seen = client.of(1002, "transactions?direction=in&limit=1").await;
    assert_eq!((&seen["items"][0]["summary"], &seen["items"][0]["amount"]), (&json!("生日快乐"), &yuan(66_600)));
}

#[tokio::test]
async fn a_default_delay_holds_for_transfers_that_say_nothing() {
    let client = Client::open().await;
    let params = json!({"from_account": "ac_1027_1", "amount": yuan(10_000), "payee": "py_1027_1"});
    assert_eq!(client.prepare(1027, "transfer", params.clone()).await["values"]["arrival"], "delay24h");
    client.posted(1027, "delay_set", json!({"arrival": "now"})).await;
    assert_eq!(client.prepare(1027, "transfer", params).await["values"]["arrival"], "now");
}

#[tokio::test]
async fn repaying_a_card_lowers_bill_and_debt() {
    let client = Client::open().await;
    let bill = client.of(1001, "card-bill").await;
    let remaining = bill["remaining"]["minor"].as_i64().unwrap();
    let repay = |amount: i64| json!({"card": "cd_1001_3", "from_account": "ac_1001_1", "amount": yuan(amount)});
    let order = client.carry_out(1001, "card_repay", repay(remaining)).await;
    assert_eq!((&order["status"], &order["values"]["remaining_after"]), (&json!("posted"), &yuan(0)));
    let after = client.of(1001, "card-bill").await;
    assert_eq!((&after["remaining"], &after["paid"]), (&yuan(0), &yuan(remaining)));
    assert_eq!(client.refused(1001, "card_repay", repay(2_000_000)).await.0, "AMOUNT_TOO_LARGE");
}

#[tokio::test]
async fn instalments_move_the_bill_and_can_be_settled() {
    let client = Client::open().await;
    let before = client.of(1009, "card-bill?card=cd_1009_2").await;
    let amount = before["remaining"]["minor"].as_i64().unwrap();
    let order = client.carry_out(1009, "cc_installment", json!({"card": "cd_1009_2", "periods": 12})).await;
    let values = &order["values"];
    let minor = |name: &str| values[name]["minor"].as_i64().unwrap();
    assert_eq!(minor("first_payment") + 11 * minor("payment"), minor("total"));
    assert_eq!(minor("total"), amount + 12 * minor("fee_per_period"));
    let after = client.of(1009, "card-bill?card=cd_1009_2").await;
    assert_eq!(after["remaining"], yuan(0));
    assert_eq!(after["available"], before["available"], "what is owed in instalments still counts");
    let plan = order["result"]["plan"].clone();
    let settled = client.carry_out(1009, "cc_early_settle", json!({"plan": plan})).await;
    assert_eq!((&settled["status"], &settled["values"]["total"]), (&json!("posted"), &yuan(amount)));
    assert_eq!(client.of(1009, "instalments").await["count"], 0);
    assert_eq!(client.refused(1009, "cc_installment", json!({"card": "cd_1009_2", "periods": 5})).await.0, "BAD_PARAM");
    client.check_books().await;
}

#[tokio::test]
async fn a_deposit_is_opened_and_withdrawn_early() {
    let client = Client::open().await;
    let open = json!({"from_account": "ac_1001_1", "term": 12, "amount": yuan(1_000_000), "rollover": true});
    let order = client.carry_out(1001, "deposit_open", open).await;
    assert_eq!((&order["values"]["interest"], &order["values"]["matures_on"]), (&yuan(11_000), &json!("2027-11-20")));
    let deposit = order["result"]["deposit"].clone();
    client.bank.advance_days(36).await.unwrap();
    let quote =
        client.of(1001, &format!("deposits/{}/withdraw-quote?amount_minor=400000", deposit.as_str().unwrap())).await;
    assert_eq!(
        (&quote["rate_applied"], &quote["days_held"], &quote["interest"]),
        (&json!("0.05"), &json!(36), &yuan(20))
    );
    let part = client.posted(1001, "deposit_withdraw", json!({"deposit": deposit, "amount": yuan(400_000)})).await;
    assert!(part["transaction"].is_string());
    let again = json!({"deposit": deposit, "amount": yuan(100_000)});
    assert_eq!(client.refused(1001, "deposit_withdraw", again).await.0, "NOT_ALLOWED", "one partial withdrawal");
    let rest = client.carry_out(1001, "deposit_withdraw", json!({"deposit": deposit})).await;
    assert_eq!((&rest["values"]["full"], &rest["values"]["amount"]), (&json!(true), &yuan(600_000)));
    assert_eq!(
        client
            .refused(1001, "deposit_open", json!({"from_account": "ac_1001_1", "term": 12, "amount": yuan(4_999)}))
            .await
            .0,
        "AMOUNT_TOO_SMALL"
    );
    assert_eq!(
        client
            .refused(1001, "deposit_open", json!({"from_account": "ac_1001_1", "term": 13, "amount": yuan(500_000)}))
            .await
            .0,
        "BAD_PARAM"
    );
    client.check_books().await;
}

#[tokio::test]
async fn prepaying_a_loan_shortens_or_reduces() {
    let client = Client::open().await;
    let loan = client.of(1016, "loans").await["items"][0].clone();
    let id = loan["id"].as_str().unwrap();
    let quote = |mode: &'static str| {
        let client = &client;
        async move { client.of(1016, &format!("loans/{id}/prepay-quote?mode={mode}&amount_minor=10000000")).await }
    };
    let (shorten, reduce) = (quote("shorten").await, quote("reduce").await);
    assert_eq!(shorten["payment_after"], loan["next_payment"]);
    assert!(shorten["periods_after"].as_i64() < reduce["periods_after"].as_i64());
    assert!(shorten["interest_saved"]["minor"].as_i64() > reduce["interest_saved"]["minor"].as_i64());
    assert_eq!(shorten["penalty"], yuan(0), "after twelve instalments");
    let done =
        client.posted(1016, "loan_prepay", json!({"loan": id, "mode": "shorten", "amount": yuan(10_000_000)})).await;
    let after = client.of(1016, "loans").await["items"][0].clone();
    assert_eq!(after["balance"], done["loan_balance"]);
    assert_eq!(after["periods_left"], shorten["periods_after"]);
    assert_eq!(
        client.refused(1016, "loan_prepay", json!({"loan": id, "mode": "reduce", "amount": yuan(999_999)})).await.0,
        "AMOUNT_TOO_SMALL"
    );
    let early = client.of(1004, "loans").await["items"][0].clone();
    let small = client.of(1004, &format!("loans/{}/prepay-quote?mode=settle", early["id"].as_str().unwrap())).await;
    assert_eq!((&small["balance_after"], &small["periods_after"]), (&yuan(0), &json!(0)));
    client.check_books().await;
}

#[tokio::test]
async fn currency_is_bought_within_quota_hours_and_rate() {
    let client = Client::open().await;
    let buy = |customer: u32, minor: i64, code: &str| json!({"amount": money(minor, code), "from_account": format!("ac_{customer}_1"), "purpose": "travel"});
    let order = client.carry_out(1001, "fx_buy", buy(1001, 100_000, "USD")).await;
    assert_eq!((&order["status"], &order["values"]["cny"]), (&json!("posted"), &yuan(714_180)));
    let opened = order["result"]["to_account"].as_str().unwrap().to_owned();
    assert_eq!(
        client.of(1001, &format!("balances?account={opened}")).await["items"][0]["ledger"],
        money(100_000, "USD")
    );
    assert_eq!(client.of(1001, "fx-quota").await["left"], money(4_900_000, "USD"));
    let (code, detail) = client.refused(1020, "fx_buy", buy(1020, 400_000, "USD")).await;
    assert_eq!(
        (code.as_str(), &detail["scope"], &detail["left"]),
        ("LIMIT_YEARLY", &json!("fx_quota"), &money(350_000, "USD"))
    );
    let yen = client.carry_out(1006, "fx_buy", buy(1006, 20_000, "JPY")).await;
    assert_eq!(yen["values"]["cny"], yuan(94_662));
    // Confirmed late: still booked while the rate stands, refused once it is worse.
    let (kept, worse) = (
        client.prepare(1006, "fx_buy", buy(1006, 50_000, "EUR")).await,
        client.prepare(1006, "fx_buy", buy(1006, 60_000, "EUR")).await,
    );
    client.pass_ms(60_000);
    assert_eq!(client.confirm(&kept).await["status"], "posted");
    client
        .send("PUT", "/v1/fx-board", Some(json!({"currency": "EUR", "buy_spot": "830.00", "sell_spot": "836.00"})))
        .await;
    let refused = client.confirm(&worse).await;
    assert_eq!((&refused["status"], &refused["code"]), (&json!("rejected"), &json!("QUOTE_EXPIRED")));
    let sold = client.carry_out(1001, "fx_sell", json!({"amount": money(50_000, "USD"), "from_account": opened})).await;
    assert_eq!((&sold["status"], &sold["values"]["cny"]), (&json!("posted"), &yuan(355_600)));
    client.pass_ms(14 * HOUR_MS);
    let (code, detail) = client.refused(1001, "fx_buy", buy(1001, 100, "USD")).await;
    assert_eq!((code.as_str(), &detail["hours"]), ("OUT_OF_HOURS", &json!("07:00-23:00")));
    client.check_books().await;
}

#[tokio::test]
async fn a_lost_card_is_replaced_under_a_new_number() {
    let client = Client::open().await;
    let debt = client.of(1001, "card-bill").await["remaining"].clone();
    client
        .protect(1001, "card_report_loss", json!({"card": "cd_1001_3", "kind": "lost", "incident": "地铁上丢了"}))
        .await;
    let order = client.carry_out(1001, "card_replace", json!({"card": "cd_1001_3", "reason": "lost"})).await;
    assert_eq!(
        (&order["status"], &order["values"]["fee"], &order["values"]["keeps_number"]),
        (&json!("posted"), &yuan(1_500), &json!(false))
    );
    let new = order["result"]["new_card"].as_str().unwrap().to_owned();
    assert_ne!(order["result"]["new_tail"], order["values"]["card_tail"]);
    assert_eq!(client.of(1001, &format!("card-bill?card={new}")).await["remaining"], debt, "the debt goes along");
    client.posted(1001, "card_activate", json!({"card": new})).await;
    assert_eq!(
        client.refused(1001, "card_replace", json!({"card": "cd_1001_3", "reason": "lost"})).await.0,
        "NOT_ALLOWED"
    );
    let damaged = client
        .carry_out(1001, "card_replace", json!({"card": "cd_1001_1", "reason": "damaged", "delivery": "branch"}))
        .await;
    assert_eq!(
        (&damaged["values"]["keeps_number"], &damaged["result"]["new_tail"]),
        (&json!(true), &damaged["values"]["card_tail"])
    );
    client.check_books().await;
}

#[tokio::test]
async fn locks_get_stronger_never_weaker() {
    let client = Client::open().await;
    let lock = |scope: &str| json!({"card": "cd_1001_1", "scope": scope});
    client.protect(1001, "card_lock", lock("overseas")).await;
    client.posted(1001, "transfer", to_zhang(100)).await;
    client.protect(1001, "card_lock", lock("all")).await;
    let partial = client.protect(1001, "card_lock", lock("night")).await;
    assert_eq!(partial["scope"], "all");
    assert_eq!(client.refused(1001, "transfer", to_zhang(100)).await.0, "ACCOUNT_FROZEN");
    client.protect(1001, "card_report_loss", json!({"card": "cd_1001_1"})).await;
    assert_eq!(client.protect(1001, "card_lock", lock("all")).await["status"], "lost");
    assert_eq!(client.refused(1001, "card_unlock", json!({"card": "cd_1001_1"})).await.0, "NOT_ALLOWED");
    client.posted(1001, "card_loss_cancel", json!({"card": "cd_1001_1"})).await;
    client.posted(1001, "transfer", to_zhang(100)).await;
}

#[tokio::test]
async fn payees_are_added_and_deleted() {
    let client = Client::open().await;
    let add = json!({"name": "周晓", "account": "6217 0011 0022 0033 999", "bank": "邮储", "alias": "表哥"});
    let order = client.carry_out(1001, "payee_add", add.clone()).await;
    assert_eq!(
        (&order["values"]["bank_name"], &order["values"]["account"]),
        (&json!("中国邮政储蓄银行"), &json!("6217001100220033999"))
    );
    assert_eq!(client.refused(1001, "payee_add", add).await.0, "DUPLICATE");
    let payee = order["result"]["payee"].clone();
    client.posted(1001, "payee_delete", json!({"payee": payee})).await;
    assert_eq!(client.refused(1001, "payee_delete", json!({"payee": payee})).await.0, "NOT_FOUND");
    let wrong = json!({"name": "林建军", "account": "6299981002395670855"});
    assert_eq!(client.refused(1003, "payee_add", wrong).await.0, "NAME_MISMATCH");
    let nobank = client.refused(1001, "payee_add", json!({"name": "某人", "account": "62170099999999999"})).await;
    assert_eq!(nobank, ("BAD_PARAM".into(), json!({"field": "bank"})));
}

#[tokio::test]
async fn requests_get_numbers_and_due_dates() {
    let client = Client::open().await;
    let complaint = client
        .posted(1001, "complaint_open", json!({"topic": "网点服务", "text": "等了两个小时", "branch": "br-001"}))
        .await;
    assert_eq!((&complaint["number"], &complaint["due_on"]), (&json!("TS202611200001"), &json!("2026-12-05")));
    let purchase = client.of(1001, "transactions?card=cd_1001_3&direction=out&limit=1").await["items"][0]["id"].clone();
    let dispute = json!({"transaction": purchase, "reason": "not_mine", "note": "没去过"});
    let opened = client.posted(1001, "dispute_open", dispute.clone()).await;
    assert!(opened["number"].as_str().unwrap().starts_with("ZY"));
    assert_eq!(client.refused(1001, "dispute_open", dispute).await.0, "DUPLICATE");
    let salary = client.of(1001, "transactions?direction=in&limit=1").await["items"][0]["id"].clone();
    assert_eq!(
        client.refused(1001, "dispute_open", json!({"transaction": salary, "reason": "other"})).await.0,
        "NOT_ALLOWED"
    );
    let kinds = client.of(1001, "service-requests").await;
    assert_eq!(kinds["count"], 2);
    client.posted(1001, "suggestion", json!({"text": "柜员很耐心", "kind": "praise"})).await;
    let callback = |time: &str| json!({"date": "2026-11-20", "time": time, "topic": "理财"});
    assert!(client.posted(1001, "callback_book", callback("15:00")).await["number"].is_string());
    assert_eq!(client.refused(1001, "callback_book", callback("22:00")).await.0, "OUT_OF_HOURS");
    assert_eq!(client.refused(1001, "callback_book", callback("09:30")).await.0, "BAD_PARAM", "already past");
}

#[tokio::test]
async fn appointments_fill_up() {
    let client = Client::open().await;
    let book = |time: &str| json!({"branch": "br-002", "date": "2026-11-23", "time": time, "service": "开户"});
    let slots = client.get("/v1/branches/br-002/slots?date=2026-11-23").await;
    assert_eq!((&slots["items"][0]["time"], &slots["items"][0]["left"]), (&json!("09:30"), &json!(4)));
    for customer in 1001..=1004 {
        client.posted(customer, "appointment_book", book("09:30")).await;
    }
    assert_eq!(client.refused(1005, "appointment_book", book("09:30")).await.0, "NOT_ALLOWED");
    client.posted(1005, "appointment_book", book("10:30")).await;
    assert_eq!(client.get("/v1/branches/br-002/slots?date=2026-11-22").await["count"], 0, "closed on Sunday");
    assert_eq!(client.get("/v1/branches/br-002/slots?date=2026-12-20").await["count"], 0, "too far ahead");
}

#[tokio::test]
async fn statements_carry_their_movements_and_a_check_code() {
    let client = Client::open().await;
    let request = json!({"account": "ac_1001_1", "from": "2026-09-01", "to": "2026-09-30", "purpose": "签证"});
    let order = client.carry_out(1001, "statement_request", request).await;
    let entries = order["values"]["entries"].as_i64().unwrap();
    let document = client.of(1001, &format!("documents/{}", order["result"]["document"].as_str().unwrap())).await;
    let lines = document["content"].as_str().unwrap().lines().count();
    assert_eq!(i64::try_from(lines).unwrap(), entries + 1);
    assert_eq!(document["check_code"], order["result"]["check_code"]);
    let certificate = json!({"account": "ac_1001_1", "from": "2026-11-20", "to": "2026-11-20", "kind": "certificate"});
    let before = client.ledger(1001, "ac_1001_1").await;
    assert_eq!(client.carry_out(1001, "statement_request", certificate).await["values"]["fee"], yuan(2_000));
    assert_eq!(client.ledger(1001, "ac_1001_1").await, before - 2_000);
    let open_loan = json!({"account": "ac_1001_1", "from": "2026-11-20", "to": "2026-11-20", "kind": "settlement", "loan": "ln_1001_1"});
    assert_eq!(client.refused(1001, "statement_request", open_loan).await.0, "NOT_ALLOWED");
}

#[tokio::test]
async fn transactions_are_filtered() {
    let client = Client::open().await;
    let rent = client.of(1001, "transactions?text=房租&from=2026-10-01&to=2026-10-31").await;
    assert_eq!(
        (&rent["count"], &rent["items"][0]["amount"], &rent["items"][0]["direction"]),
        (&json!(1), &yuan(420_000), &json!("out"))
    );
    let salary = client.of(1001, "transactions?account=ac_1001_1&direction=in&min_minor=1000000&currency=CNY&from=2026-08-01&to=2026-10-31&text=工资").await;
    assert_eq!((&salary["count"], &salary["sum_in"], &salary["sum_out"]), (&json!(3), &yuan(3 * 1_486_000), &yuan(0)));
}

#[tokio::test]
async fn settings_state_what_they_change() {
    let client = Client::open().await;
    let order = client.carry_out(1001, "limit_set", json!({"daily": yuan(1_000_000)})).await;
    let values = &order["values"];
    assert_eq!(
        (&values["daily_before"], &values["daily"], &values["single"], &values["raises"]),
        (&yuan(20_000_000), &yuan(1_000_000), &yuan(1_000_000), &json!(false))
    );
    assert_eq!(client.of(1001, "limits").await["daily"], yuan(1_000_000));
    let (code, detail) = client.refused(1001, "limit_set", json!({"daily": yuan(60_000_000)})).await;
    assert_eq!((code.as_str(), &detail["limit"]), ("AMOUNT_TOO_LARGE", &yuan(50_000_000)));
    let sms = client.carry_out(1001, "sms_notify_set", json!({"account": "ac_1001_2", "on": true})).await;
    assert_eq!((&sms["status"], &sms["values"]["fee_monthly"]), (&json!("posted"), &yuan(200)));
    let pay = client.carry_out(1009, "cc_autopay_set", json!({"card": "cd_1009_2", "mode": "full"})).await;
    assert_eq!((&pay["values"]["mode_before"], &pay["status"]), (&json!("none"), &json!("posted")));
    assert_eq!(client.of(1009, "cards?kind=credit").await["items"][0]["autopay"], "full");
}
