//! The published specification is the program's own.

use crate::app::{TestApp, repository};
use teller_server::http::openapi::specification_json;

#[test]
fn the_checked_in_specification_is_up_to_date() {
    let kept = std::fs::read_to_string(repository().join("openapi.json")).unwrap_or_default();
    assert!(kept == specification_json(), "openapi.json is out of date: run `make openapi`");
}

#[tokio::test]
async fn the_server_publishes_it() {
    let app = TestApp::start().await;
    let published = app.send("GET", "/api/openapi.json", &[], None).await.ok();
    assert_eq!(published, serde_json::from_str::<serde_json::Value>(&specification_json()).unwrap());
    // Every operation names itself, and every refusal has the shape of its API.
    let mut names = std::collections::BTreeSet::new();
    for (path, operations) in published["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            assert!(names.insert(operation["operationId"].as_str().unwrap().to_owned()), "{method} {path}");
            let refusal = &operation["responses"]["default"]["content"]["application/json"]["schema"]["$ref"];
            let shape = if path.starts_with("/v1/") { "OpenAiErrorBody" } else { "ProblemBody" };
            assert_eq!(refusal, &format!("#/components/schemas/{shape}"), "{method} {path}");
        }
    }
    assert!(names.len() >= 25, "{}", names.len());
    app.stop().await;
}
