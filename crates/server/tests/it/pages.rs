//! Pages, their headers, health.

use crate::app::TestApp;

#[tokio::test]
async fn pages_are_served_with_their_policies() {
    let app = TestApp::start().await;
    let get = async |path: &str| app.send("GET", path, &[], None).await;
    let policy = |answer: &crate::app::Answer| answer.headers["content-security-policy"].to_str().unwrap().to_owned();
    let home = get("/").await;
    assert_eq!(home.status, 200);
    assert!(policy(&home).contains("frame-ancestors 'none'") && policy(&home).contains("script-src 'self';"));
    assert_eq!(home.headers["cache-control"], "no-cache");
    for header in ["x-content-type-options", "referrer-policy", "x-request-id", "permissions-policy"] {
        assert!(home.headers.contains_key(header), "{header}");
    }
    let embed = get("/embed").await;
    assert!(
        policy(&embed).contains("frame-ancestors 'self' https://own.example https://shop.example"),
        "{}",
        policy(&embed)
    );
    let bank = get("/api/v1/bank").await;
    assert!(policy(&bank).starts_with("default-src 'none'"));
    assert_eq!(bank.headers["cache-control"], "no-store");
    let etag = home.headers["etag"].to_str().unwrap().to_owned();
    assert_eq!(app.send("GET", "/", &[("if-none-match", &etag)], None).await.status, 304);
    let packed = app.send("GET", "/", &[("accept-encoding", "gzip")], None).await;
    assert_eq!(packed.headers["vary"], "accept-encoding");
    app.stop().await;
}

#[tokio::test]
async fn health_is_told_without_a_session() {
    let app = TestApp::start().await;
    assert_eq!(app.send("GET", "/healthz", &[], None).await.status, 200);
    let ready = app.send("GET", "/readyz", &[], None).await;
    assert_eq!((ready.status, &ready.body["ready"]), (200, &serde_json::json!(true)));
    app.stop().await;
}

#[tokio::test]
async fn the_demo_core_can_be_made_to_fail_and_is_said_to_be_down() {
    let app = TestApp::start().await;
    let set = async |mode: &str| {
        let body = Some(serde_json::json!({"mode": mode}));
        app.call("PUT", "/demo/core", &[], body).await
    };
    set("down").await.ok();
    let talk = app.visitor().await;
    talk.say("m", "周末上班吗").await.ok();
    talk.settle().await;
    assert!(serde_json::json!(talk.events(2).await).to_string().contains("branch-hours"));
    app.call("GET", "/demo/customers", &[], None).await.is(503, "core_unavailable");
    set("nonsense").await.is(422, "bad_field");
    set("normal").await.ok();
    assert_eq!(app.call("GET", "/demo/core", &[], None).await.ok()["mode"], "normal");
    assert!(!app.call("GET", "/demo/customers", &[], None).await.ok().as_array().unwrap().is_empty());
    app.stop().await;
}
