//! Packs in a running server: kept versions, activation, rollback, broken ones.

use crate::app::{TestApp, text};
use serde_json::json;
use std::collections::BTreeMap;
use teller_pack::PackSource;
use teller_store::WriteSet;

/// The pack of the test with one file changed, kept in the store.
async fn keep_changed(app: &TestApp, path: &str, change: impl Fn(String) -> String) -> String {
    let folder = app.folder.path().join("pack");
    let mut files: BTreeMap<String, String> =
        serde_json::from_slice(&PackSource::from_dir(&folder).unwrap().to_bundle()).unwrap();
    let text = files.remove(path).unwrap();
    files.insert(path.to_owned(), change(text));
    let source = PackSource::from_files(files);
    let mut set = WriteSet::new();
    set.pack(&source.version(), "mybank", source.to_bundle());
    app.wired.app.store.commit(set).await.unwrap();
    source.version().to_string()
}

#[tokio::test]
async fn a_kept_version_speaks_at_once_and_can_be_rolled_back() {
    let app = TestApp::start().await;
    let admin = app.staff("admin").await;
    let first = text(&admin.get("/packs").await.ok()[0]["version"]);
    let second = keep_changed(&app, "pack.yaml", |text| text.replace("95000", "96000")).await;
    assert_eq!(app.call("GET", "/bank", &[], None).await.ok()["hotline"], "95000");
    admin.post(&format!("/packs/{second}/activate"), json!({})).await.ok();
    assert_eq!(app.call("GET", "/bank", &[], None).await.ok()["hotline"], "96000");
    let list = admin.get("/packs").await.ok();
    let active: Vec<_> = list.as_array().unwrap().iter().filter(|pack| pack["active"] == json!(true)).collect();
    assert_eq!((active.len(), text(&active[0]["version"])), (1, second.clone()));
    assert_eq!(active[0]["activated_by"], "staff:st_demo-admin");
    admin.post(&format!("/packs/{first}/activate"), json!({})).await.ok();
    assert_eq!(app.call("GET", "/bank", &[], None).await.ok()["hotline"], "95000");
    let audit = app.wired.app.store.audit_of(&second, 10).await.unwrap();
    assert!(audit.iter().any(|row| row.action == "pack.activated" && row.actor == "staff:st_demo-admin"));
    app.stop().await;
}

#[tokio::test]
async fn a_broken_pack_is_refused_and_changes_nothing() {
    let app = TestApp::start().await;
    let admin = app.staff("admin").await;
    let before = app.wired.app.store.activations(10).await.unwrap();
    let broken = [
        keep_changed(&app, "pack.yaml", |text| text.replace("hotline", "hotlin")).await,
        keep_changed(&app, "intents/basic.yaml", |text| text.replace("branch-hours", "nowhere")).await,
        keep_changed(&app, "messages/house.yaml", |_| "{ not yaml".to_owned()).await,
    ];
    for version in broken {
        let answer = admin.post(&format!("/packs/{version}/activate"), json!({})).await;
        answer.is(422, "pack_broken");
        assert!(answer.body["detail"].as_str().is_some_and(|detail| detail.contains(".yaml")), "{}", answer.body);
    }
    admin.post("/packs/pk_0123/activate", json!({})).await.is(404, "not_found");
    admin.post("/packs/nonsense/activate", json!({})).await.is(404, "not_found");
    assert_eq!(app.wired.app.store.activations(10).await.unwrap(), before);
    assert_eq!(app.call("GET", "/bank", &[], None).await.ok()["hotline"], "95000");
    app.stop().await;
}
