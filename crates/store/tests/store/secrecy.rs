//! What may not be found in the files, and what erasure leaves.

use crate::common::*;
use serde_json::json;
use std::path::Path;
use teller_kernel::event::{CitedLine, CommitKind, HandoffPacket};
use teller_kernel::id::{HandoffId, ReleaseId};
use teller_kernel::{Actor, EventBody, FlowRunId, IdempotencyKey, Level, NewEvent, SlotValue};
use teller_store::{
    CommitState, DATABASE_FILE, Expected, NewCommit, NewHandoff, NewRelease, StoreError, Subject, content_hash,
};

fn all_bytes(folder: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        bytes.extend(std::fs::read(entry.unwrap().path()).unwrap());
    }
    bytes
}

fn holds(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

const CARD: &str = "6222021234567890128";
const NAME: &str = "欧阳思远";

/// Writes identifiers through every door that takes personal data.
async fn plant(fx: &Fixture) {
    let id = cv("planted");
    let mut identified = head(&id);
    identified.customer = Some(cu("7"));
    let mut message = append(&id, Expected::Seq(0), vec![said(CARD)]);
    message.client = Some(client("m1", CARD));
    let slot = NewEvent::machine(EventBody::SlotFilled {
        run: FlowRunId::parse("fr_1").unwrap(),
        slot: "payee".into(),
        value: SlotValue::Name { name: NAME.into() },
        corrected: false,
    });
    let packet = HandoffPacket {
        summary: vec![CitedLine { text: format!("{NAME} {CARD}"), seqs: vec![1] }],
        intent: None,
        flow: None,
        step: None,
        slots: vec![("account".into(), json!(CARD))],
        level: Level::L1,
        elder: false,
        tier: None,
        tried: vec![],
        failed: vec![],
        open_commits: vec![],
        next_action: None,
        feeling: None,
    };
    // First while anonymous, then as a customer: two data keys.
    let anonymous = cv("anonymous");
    write(&fx.db, |set| {
        set.conversation(head(&anonymous)).append(append(&anonymous, Expected::Seq(0), vec![said(CARD)]))
    })
    .await
    .unwrap();
    write(&fx.db, |set| {
        set.conversation(identified)
            .append(message)
            .append(append(&id, Expected::Seq(1), vec![slot]))
            .commit_opened(NewCommit {
                key: IdempotencyKey::parse("ik_1").unwrap(),
                conversation: id.clone(),
                run: None,
                operation: "transfer".into(),
                customer: Some(cu("7")),
                order_id: None,
                kind: CommitKind::Confirmed,
                state: CommitState::Open,
                params: json!({"to": CARD, "name": NAME}),
            })
            .handoff(NewHandoff {
                id: HandoffId::parse("ho_1").unwrap(),
                conversation: id.clone(),
                customer: Some(cu("7")),
                skill: "cards".into(),
                priority: 0,
                reason: "asked".into(),
                packet,
            })
            .release(NewRelease {
                id: ReleaseId::parse("rl_1").unwrap(),
                conversation: id.clone(),
                customer: Some(cu("7")),
                key: IdempotencyKey::parse("ik_1").unwrap(),
                operation: "transfer".into(),
                summary: json!({"payee": NAME, "account": CARD}),
                first_by: None,
            })
            .decide_release(
                &ReleaseId::parse("rl_1").unwrap(),
                &teller_kernel::StaffId::parse("st_1").unwrap(),
                false,
                &format!("{NAME} 未到场"),
            )
            .phone_message(&cu("7"), &format!("{NAME}，您尾号 {CARD}"))
            .blob(Some(Subject::Customer(cu("7"))), format!("{NAME} {CARD}").into_bytes())
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn planted_identifiers_are_nowhere_in_the_files() {
    let fx = Fixture::new().await;
    plant(&fx).await;
    let open = all_bytes(fx.folder.path());
    fx.db.close().await;
    let closed = all_bytes(fx.folder.path());
    for bytes in [&open, &closed] {
        assert!(holds(bytes, b"cv_planted"), "the search itself must find what is there");
        for secret in [CARD.as_bytes(), NAME.as_bytes(), NAME.escape_unicode().to_string().as_bytes()] {
            assert!(!holds(bytes, secret), "{secret:?}");
        }
        // Nor a bare hash that could be guessed back.
        let hash = content_hash(CARD.as_bytes());
        assert!(!holds(bytes, &hash) && !holds(bytes, hex::encode(hash).as_bytes()));
    }
}

#[tokio::test]
async fn erasing_a_customer_takes_the_content_and_leaves_the_chain() {
    let mut fx = Fixture::new().await;
    let (id, other) = (cv("a"), cv("b"));
    // Anonymous at first, then identified: both keys must go.
    write(&fx.db, |set| set.conversation(head(&id)).append(append(&id, Expected::Seq(0), vec![said("before")])))
        .await
        .unwrap();
    let mut identified = head(&id);
    identified.customer = Some(cu("7"));
    write(&fx.db, |set| set.conversation(identified).append(append(&id, Expected::Seq(1), vec![said("after")])))
        .await
        .unwrap();
    write(&fx.db, |set| set.conversation(head(&other)).append(append(&other, Expected::Seq(0), vec![said("other")])))
        .await
        .unwrap();
    let subjects: Vec<_> = fx.db.event_heads(&id, 0, 9).await.unwrap().into_iter().map(|head| head.subject).collect();
    assert_eq!(subjects, ["cv_a", "cu_7"]);
    // Read once, so that the keys are in memory.
    assert_eq!(fx.db.events(&id, 0, 9).await.unwrap().len(), 2);
    let before = fx.db.verify_audit().await.unwrap();

    let by = Actor::system("retention");
    write(&fx.db, |set| set.erase(Subject::Customer(cu("7")), by, "customer_request")).await.unwrap();
    for _ in 0..2 {
        assert_eq!(fx.db.events(&id, 0, 9).await, Err(StoreError::Erased { subject: "cv_a".into() }));
        assert_eq!(fx.db.events(&id, 1, 9).await, Err(StoreError::Erased { subject: "cu_7".into() }));
        assert_eq!(fx.db.event_heads(&id, 0, 9).await.unwrap().len(), 2);
        assert_eq!(fx.db.events(&other, 0, 9).await.unwrap().len(), 1);
        let after = fx.db.verify_audit().await.unwrap();
        assert_eq!((after.rows, after.events), (before.rows + 1, before.events));
        fx.reopen().await;
    }
    let log = fx.db.audit_of("cu_7", 1).await.unwrap();
    assert_eq!((log[0].action.as_str(), log[0].actor.as_str()), ("subject.erased", "system:retention"));
    assert_eq!(log[0].detail, json!({"reason": "customer_request", "keys": 2}));

    // The customer comes back: a new key, and what was erased stays erased.
    fx.db.commit(one(append(&id, Expected::Seq(2), vec![said("again")]))).await.unwrap();
    assert_eq!(fx.db.events(&id, 2, 9).await.unwrap()[0].body, said("again").body);
    assert_eq!(fx.db.events(&id, 0, 9).await, Err(StoreError::Erased { subject: "cv_a".into() }));
}

/// A key that is destroyed may not be written under again from memory: what
/// came after it could not be read.
#[tokio::test]
async fn what_is_written_after_an_erasure_has_a_key_of_its_own() {
    let mut fx = Fixture::new().await;
    let id = cv("a");
    let subject = Subject::Conversation(id.clone());
    write(&fx.db, |set| set.conversation(head(&id)).append(append(&id, Expected::Seq(0), vec![said("one")])))
        .await
        .unwrap();
    write(&fx.db, |set| set.erase(subject, Actor::Machine, "test")).await.unwrap();
    fx.db.commit(one(append(&id, Expected::Seq(1), vec![said("two")]))).await.unwrap();
    assert_eq!(fx.db.events(&id, 1, 9).await.unwrap()[0].body, said("two").body);
    fx.reopen().await;
    assert_eq!(fx.db.events(&id, 1, 9).await.unwrap()[0].body, said("two").body);
}

/// An erasure and writes before and after it in one set, in one transaction.
#[tokio::test]
async fn an_erasure_takes_what_came_before_it_in_its_own_set() {
    let fx = Fixture::new().await;
    let id = cv("a");
    let subject = Subject::Conversation(id.clone());
    write(&fx.db, |set| {
        set.conversation(head(&id))
            .append(append(&id, Expected::Seq(0), vec![said("one")]))
            .erase(subject, Actor::Machine, "test")
            .append(append(&id, Expected::Seq(1), vec![said("two")]))
    })
    .await
    .unwrap();
    assert_eq!(fx.db.events(&id, 0, 1).await, Err(StoreError::Erased { subject: "cv_a".into() }));
    assert_eq!(fx.db.events(&id, 1, 1).await.unwrap()[0].body, said("two").body);
}

#[tokio::test]
async fn a_destroyed_key_leaves_no_trace_in_the_files() {
    let fx = Fixture::new().await;
    let ids: Vec<_> = (0..24).map(|at| cv(&format!("k{at}"))).collect();
    for id in &ids {
        write(&fx.db, |set| set.conversation(head(id)).append(append(id, Expected::Seq(0), vec![said("x")])))
            .await
            .unwrap();
    }
    let raw = rusqlite::Connection::open(fx.folder.path().join(DATABASE_FILE)).unwrap();
    let mut read = raw.prepare("SELECT wrapped FROM subject_keys ORDER BY id").unwrap();
    let wrapped: Vec<Vec<u8>> = read.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    drop(read);
    drop(raw);
    assert_eq!(wrapped.len(), ids.len());
    // Every other one goes; its neighbours on the page stay.
    for id in ids.iter().step_by(2) {
        write(&fx.db, |set| set.erase(Subject::Conversation(id.clone()), Actor::Machine, "test")).await.unwrap();
    }
    let bytes = all_bytes(fx.folder.path());
    for (at, wrapped) in wrapped.iter().enumerate() {
        let fragment = wrapped.chunks_exact(15).any(|part| holds(&bytes, part));
        assert_eq!((holds(&bytes, wrapped), fragment), (at % 2 == 1, at % 2 == 1), "key {at}");
    }
}

/// A refused set must not leave a key in memory whose row was undone: what is
/// written under it later could never be read again.
#[tokio::test]
async fn a_key_made_in_a_refused_set_is_forgotten() {
    let mut fx = Fixture::new().await;
    let id = cv("a");
    start(&fx.db, &id).await;
    let refused = write(&fx.db, |set| {
        set.append(append(&id, Expected::Seq(0), vec![said("x")])).append(append(
            &id,
            Expected::Seq(9),
            vec![said("y")],
        ))
    })
    .await;
    assert!(matches!(refused, Err(StoreError::Conflict { .. })));
    fx.db.commit(one(append(&id, Expected::Seq(0), vec![said("kept")]))).await.unwrap();
    fx.reopen().await;
    assert_eq!(fx.db.events(&id, 0, 9).await.unwrap()[0].body, said("kept").body);
}
