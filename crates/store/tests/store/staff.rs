//! Conformance: staff, sessions, hand-over nonces, packs, articles, blobs and
//! the bounds of a write set. Public API alone.

use crate::common::*;
use serde_json::json;
use teller_kernel::{Actor, Localized, PackVersion, StaffId};
use teller_store::{
    ArticleVersion, AuditEntry, Expected, NewStaff, StaffSession, StoreError, Subject, limits, token_hash,
};

fn st(name: &str) -> StaffId {
    StaffId::parse(&format!("st_{name}")).unwrap()
}

fn pk(name: &str) -> PackVersion {
    PackVersion::parse(&format!("pk_{name}")).unwrap()
}

fn profile(id: &str, user: &str) -> NewStaff {
    NewStaff {
        id: st(id),
        user: user.into(),
        name: "李明".into(),
        password_hash: "$argon2id$x".into(),
        roles: vec!["agent".into(), "supervisor".into()],
        active: true,
    }
}

#[tokio::test]
async fn api_keys_are_found_by_hash_and_end_for_good() {
    let fx = Fixture::new().await;
    let hash = token_hash("sk-1");
    write(&fx.db, |set| set.api_key("ak_1", "广告公司", hash)).await.unwrap();
    for (id, hash) in [("ak_1", token_hash("sk-2")), ("ak_2", hash)] {
        let taken = write(&fx.db, |set| set.api_key(id, "x", hash)).await;
        assert_eq!(taken, Err(StoreError::Exists { what: "API key" }));
    }
    let key = fx.db.api_key(&hash).await.unwrap().unwrap();
    assert_eq!((key.id.as_str(), key.name.as_str(), key.revoked_at_ms), ("ak_1", "广告公司", None));
    assert_eq!(fx.db.api_key(&token_hash("sk-2")).await.unwrap(), None);
    write(&fx.db, |set| set.revoke_api_key("ak_1")).await.unwrap();
    let ended = fx.db.api_key(&hash).await.unwrap().unwrap().revoked_at_ms;
    assert!(ended.is_some());
    write(&fx.db, |set| set.revoke_api_key("ak_1").revoke_api_key("ak_9")).await.unwrap();
    assert_eq!(fx.db.api_keys(9).await.unwrap()[0].revoked_at_ms, ended);
}

#[tokio::test]
async fn staff_are_found_by_user_name_which_is_theirs_alone() {
    let fx = Fixture::new().await;
    write(&fx.db, |set| set.staff(profile("1", "liming"))).await.unwrap();
    let taken = write(&fx.db, |set| set.staff(profile("2", "liming"))).await;
    assert_eq!(taken, Err(StoreError::Exists { what: "user name" }));
    let mut left = profile("1", "li.ming");
    left.active = false;
    write(&fx.db, |set| set.staff(left.clone())).await.unwrap();
    assert_eq!(fx.db.staff_by_user("liming").await.unwrap(), None);
    assert_eq!(fx.db.staff_by_user("li.ming").await.unwrap().unwrap().profile, left);
    assert_eq!(fx.db.staff_list(10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn the_last_allowed_failure_locks_and_success_forgets() {
    let fx = Fixture::new().await;
    write(&fx.db, |set| set.staff(profile("1", "a"))).await.unwrap();
    let fail = || write(&fx.db, |set| set.sign_in_failed(&st("1"), 3, 1_000));
    let now = || async { fx.db.staff(&st("1")).await.unwrap().unwrap() };
    fail().await.unwrap();
    fail().await.unwrap();
    assert_eq!((now().await.failed, now().await.locked_until_ms), (2, 0));
    fail().await.unwrap();
    assert_eq!((now().await.failed, now().await.locked_until_ms), (0, START_MS + 1_000));
    // A changed profile keeps the lock.
    write(&fx.db, |set| set.staff(profile("1", "a"))).await.unwrap();
    assert_eq!(now().await.locked_until_ms, START_MS + 1_000);
    fail().await.unwrap();
    write(&fx.db, |set| set.sign_in_passed(&st("1"))).await.unwrap();
    assert_eq!((now().await.failed, now().await.locked_until_ms), (0, 0));
}

#[tokio::test]
async fn parallel_failures_are_all_counted() {
    let fx = Fixture::new().await;
    write(&fx.db, |set| set.staff(profile("1", "a"))).await.unwrap();
    let tries: Vec<_> = (0..20)
        .map(|_| {
            let db = fx.db.clone();
            tokio::spawn(async move { write(&db, |set| set.sign_in_failed(&st("1"), 100, 1)).await })
        })
        .collect();
    for task in tries {
        task.await.unwrap().unwrap();
    }
    assert_eq!(fx.db.staff(&st("1")).await.unwrap().unwrap().failed, 20);
}

fn session(token: &str, staff: &str, expires_at_ms: i64) -> StaffSession {
    StaffSession {
        hash: token_hash(token),
        staff: st(staff),
        csrf: "c".into(),
        created_at_ms: START_MS,
        last_seen_ms: START_MS,
        expires_at_ms,
    }
}

#[tokio::test]
async fn sessions_are_touched_ended_and_swept() {
    let fx = Fixture::new().await;
    write(&fx.db, |set| {
        for (token, staff) in [("t1", "1"), ("t2", "1"), ("t3", "2")] {
            set.staff_session(session(token, staff, START_MS + 100));
        }
        set
    })
    .await
    .unwrap();
    fx.clock.advance_ms(50);
    write(&fx.db, |set| set.touch_session(token_hash("t1"), START_MS + 900)).await.unwrap();
    write(&fx.db, |set| set.touch_session(token_hash("gone"), START_MS + 900)).await.unwrap();
    assert_eq!(fx.db.staff_session(&token_hash("gone")).await.unwrap(), None);
    let touched = fx.db.staff_session(&token_hash("t1")).await.unwrap().unwrap();
    assert_eq!((touched.last_seen_ms, touched.expires_at_ms), (START_MS + 50, START_MS + 900));

    fx.clock.advance_ms(100);
    write(&fx.db, |set| set.sweep()).await.unwrap();
    assert_eq!(fx.db.staff_session(&token_hash("t2")).await.unwrap(), None);
    assert_eq!(fx.db.staff_session(&token_hash("t3")).await.unwrap(), None);
    assert!(fx.db.staff_session(&token_hash("t1")).await.unwrap().is_some());
    write(&fx.db, |set| set.end_sessions_of(&st("1"))).await.unwrap();
    assert_eq!(fx.db.staff_session(&token_hash("t1")).await.unwrap(), None);

    write(&fx.db, |set| set.staff_session(session("t4", "1", START_MS + 900))).await.unwrap();
    write(&fx.db, |set| set.end_session(token_hash("t4"))).await.unwrap();
    assert_eq!(fx.db.staff_session(&token_hash("t4")).await.unwrap(), None);
}

#[tokio::test]
async fn a_handover_is_used_once_and_only_by_a_set_that_succeeds() {
    let fx = Fixture::new().await;
    let failing = write(&fx.db, |set| {
        set.use_handover("n1", START_MS + 10).append(append(&cv("none"), Expected::Any, vec![note("x")]))
    })
    .await;
    assert_eq!(failing, Err(StoreError::NotFound { what: "conversation" }));
    write(&fx.db, |set| set.use_handover("n1", START_MS + 10)).await.unwrap();
    let again = || write(&fx.db, |set| set.use_handover("n1", START_MS + 10));
    assert_eq!(again().await, Err(StoreError::Replayed));
    // Still remembered while its token lives.
    write(&fx.db, |set| set.sweep()).await.unwrap();
    assert_eq!(again().await, Err(StoreError::Replayed));
    fx.clock.advance_ms(11);
    write(&fx.db, |set| set.sweep()).await.unwrap();
    again().await.unwrap();
}

#[tokio::test]
async fn packs_are_kept_and_every_activation_is_audited() {
    let mut fx = Fixture::new().await;
    let by = Actor::Staff { id: st("editor") };
    let missing = write(&fx.db, |set| set.activate_pack(&pk("1"), by.clone(), "first")).await;
    assert_eq!(missing, Err(StoreError::NotFound { what: "pack" }));
    for name in ["1", "2"] {
        write(&fx.db, |set| {
            set.pack(&pk(name), "demo", name.as_bytes().to_vec()).activate_pack(&pk(name), by.clone(), "publish")
        })
        .await
        .unwrap();
        fx.clock.advance_ms(1);
    }
    // The same version again changes nothing, not even its bytes.
    write(&fx.db, |set| set.pack(&pk("1"), "demo", b"other".to_vec())).await.unwrap();
    write(&fx.db, |set| set.activate_pack(&pk("1"), by.clone(), "rollback")).await.unwrap();
    fx.reopen().await;

    assert_eq!(fx.db.pack(&pk("1")).await.unwrap().unwrap(), b"1");
    assert_eq!(fx.db.pack(&pk("9")).await.unwrap(), None);
    let kept = fx.db.packs(10).await.unwrap();
    assert_eq!(kept.iter().map(|entry| entry.version.clone()).collect::<Vec<_>>(), [pk("2"), pk("1")]);
    let active = fx.db.active_pack("demo").await.unwrap().unwrap();
    assert_eq!((active.version, active.reason.as_str(), active.by.as_str()), (pk("1"), "rollback", "staff:st_editor"));
    assert_eq!(fx.db.activations(10).await.unwrap().len(), 3);
    let log = fx.db.audit_of("pk_1", 10).await.unwrap();
    assert_eq!(log.len(), 2);
    assert_eq!((log[0].action.as_str(), &log[0].detail["reason"]), ("pack.activated", &json!("rollback")));
}

#[tokio::test]
async fn cited_article_versions_stay_as_they_were() {
    let fx = Fixture::new().await;
    let article = |version: &str, title: &str| ArticleVersion {
        article: "fees".into(),
        version: version.into(),
        pack: pk("1"),
        title: Localized { zh: title.into(), en: "Fees".into() },
        body: Localized { zh: "正文".into(), en: "Body".into() },
    };
    write(&fx.db, |set| set.article_version(article("v1", "收费").clone())).await.unwrap();
    write(&fx.db, |set| set.article_version(article("v1", "改过")).article_version(article("v2", "新"))).await.unwrap();
    assert_eq!(fx.db.article_version("fees", "v1").await.unwrap(), Some(article("v1", "收费")));
    assert_eq!(fx.db.article_version("fees", "v2").await.unwrap(), Some(article("v2", "新")));
    assert_eq!(fx.db.article_version("fees", "v3").await.unwrap(), None);
}

#[tokio::test]
async fn blobs_are_named_by_what_is_stored_and_end_with_the_key() {
    let fx = Fixture::new().await;
    let subject = Subject::Customer(cu("7"));
    let applied =
        write(&fx.db, |set| set.blob(None, b"logo".to_vec()).blob(Some(subject.clone()), b"receipt".to_vec()))
            .await
            .unwrap();
    let [open, sealed] = &applied.blobs[..] else { panic!("two blobs") };
    assert_eq!(fx.db.blob(open).await.unwrap().unwrap(), b"logo");
    assert_eq!(fx.db.blob(sealed).await.unwrap().unwrap(), b"receipt");
    assert_eq!(fx.db.blob("none").await.unwrap(), None);
    let again = write(&fx.db, |set| set.blob(None, b"logo".to_vec())).await.unwrap();
    assert_eq!(&again.blobs[0], open);

    write(&fx.db, |set| set.erase(subject, Actor::Machine, "test")).await.unwrap();
    assert_eq!(fx.db.blob(sealed).await, Err(StoreError::Erased { subject: "cu_7".into() }));
    assert_eq!(fx.db.blob(open).await.unwrap().unwrap(), b"logo");
}

#[tokio::test]
async fn sets_beyond_the_bounds_are_refused_before_anything_is_written() {
    let fx = Fixture::new().await;
    let id = cv("a");
    start(&fx.db, &id).await;
    let too_large = |what, limit| Err(StoreError::TooLarge { what, limit });

    let many = vec![note("x"); limits::APPEND_EVENTS_MAX + 1];
    let answer = fx.db.commit(one(append(&id, Expected::Any, many))).await;
    assert_eq!(answer, too_large("append", limits::APPEND_EVENTS_MAX));
    let fat = note(&"x".repeat(limits::EVENT_PAYLOAD_MAX_BYTES));
    let answer = fx.db.commit(one(append(&id, Expected::Any, vec![fat]))).await;
    assert_eq!(answer, too_large("event", limits::EVENT_PAYLOAD_MAX_BYTES));
    let answer = write(&fx.db, |set| {
        for _ in 0..=limits::SET_OPS_MAX {
            set.sweep();
        }
        set
    })
    .await;
    assert_eq!(answer, too_large("write set", limits::SET_OPS_MAX));
    let entry = AuditEntry::new(&Actor::Machine, "a", "b").detail(json!("x".repeat(limits::AUDIT_DETAIL_MAX_BYTES)));
    let answer = write(&fx.db, |set| set.audit(entry)).await;
    assert_eq!(answer, too_large("audit detail", limits::AUDIT_DETAIL_MAX_BYTES));
    let answer = write(&fx.db, |set| set.phone_message(&cu("7"), &"x".repeat(limits::FIELD_MAX_BYTES))).await;
    assert_eq!(answer, too_large("sealed field", limits::FIELD_MAX_BYTES));
    assert_eq!(fx.db.last_seq(&id).await.unwrap(), 0);
    assert_eq!(fx.db.verify_audit().await.unwrap().rows, 0);

    // As many as are allowed, over several insert statements.
    let full = vec![note("x"); limits::APPEND_EVENTS_MAX];
    fx.db.commit(one(append(&id, Expected::Seq(0), full.clone()))).await.unwrap();
    fx.db.commit(one(append(&id, Expected::Any, full[..limits::INSERT_EVENTS_MAX + 3].to_vec()))).await.unwrap();
    let total = limits::APPEND_EVENTS_MAX + limits::INSERT_EVENTS_MAX + 3;
    let mut pages = fx.db.event_pages(&id, 0);
    let mut seen = Vec::new();
    while let Some(page) = pages.next().await.unwrap() {
        seen.extend(page.into_iter().map(|event| event.seq));
    }
    assert_eq!(seen, (1..=total as u64).collect::<Vec<_>>());
    assert_eq!(fx.db.verify_audit().await.unwrap().events, total as u64);
}
