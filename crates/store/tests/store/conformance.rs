//! What every engine below the store must do, by the public API alone.

use crate::common::*;
use teller_kernel::trace::TurnTrace;
use teller_kernel::{Actor, EventBody, NewEvent};
use teller_store::{AuditEntry, ConversationStatus, Expected, StoreError, WriteSet, token_hash};

#[tokio::test]
async fn what_is_appended_is_read_back_in_order() {
    let mut fx = Fixture::new().await;
    let id = cv("a");
    let mut set = WriteSet::new();
    set.conversation(head(&id)).append(append(&id, Expected::Seq(0), vec![said("你好"), note("one")]));
    let applied = fx.db.commit(set).await.unwrap();
    assert_eq!((applied.at_ms, applied.appended[0].first_seq, applied.appended[0].last_seq), (START_MS, 1, 2));

    fx.clock.advance_ms(5);
    fx.db.commit(one(append(&id, Expected::Seq(2), vec![note("two")]))).await.unwrap();
    fx.reopen().await;

    let events = fx.db.events(&id, 0, 100).await.unwrap();
    assert_eq!(events.iter().map(|event| event.seq).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(events[0].body, said("你好").body);
    assert_eq!(events[0].actor, Actor::Customer { id: None });
    assert_eq!(events[2].at_ms, START_MS + 5);
    assert_eq!(fx.db.events(&id, 2, 100).await.unwrap(), events[2..]);
    assert_eq!(fx.db.events(&id, 0, 1).await.unwrap(), events[..1]);
    assert_eq!(fx.db.last_seq(&id).await.unwrap(), 3);
    assert_eq!(fx.db.last_seq(&cv("none")).await.unwrap(), 0);
    let verified = fx.db.verify_audit().await.unwrap();
    assert_eq!((verified.rows, verified.events), (2, 3));
}

#[tokio::test]
async fn an_append_that_expects_another_state_conflicts_and_changes_nothing() {
    let fx = Fixture::new().await;
    let id = cv("a");
    start(&fx.db, &id).await;
    fx.db.commit(one(append(&id, Expected::Seq(0), vec![note("first")]))).await.unwrap();
    let late = fx.db.commit(one(append(&id, Expected::Seq(0), vec![note("late")]))).await;
    assert_eq!(late, Err(StoreError::Conflict { conversation: id.clone(), expected: 0, actual: 1 }));
    let ahead = fx.db.commit(one(append(&id, Expected::Seq(7), vec![note("ahead")]))).await;
    assert_eq!(ahead, Err(StoreError::Conflict { conversation: id.clone(), expected: 7, actual: 1 }));
    let unknown = fx.db.commit(one(append(&cv("zz"), Expected::Any, vec![note("x")]))).await;
    assert_eq!(unknown, Err(StoreError::NotFound { what: "conversation" }));
    assert_eq!(fx.db.last_seq(&id).await.unwrap(), 1);
    assert_eq!(fx.db.outbox_after(0, 10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_client_message_is_saved_once() {
    let fx = Fixture::new().await;
    let id = cv("a");
    start(&fx.db, &id).await;
    let send = |client_id: &str, text: &str| {
        let mut append = append(&id, Expected::Any, vec![said(text)]);
        append.client = Some(client(client_id, text));
        one(append)
    };
    fx.db.commit(send("m1", "转三千")).await.unwrap();
    assert_eq!(
        fx.db.commit(send("m1", "转三千")).await,
        Err(StoreError::Duplicate { conversation: id.clone(), seq: 1 })
    );
    assert_eq!(fx.db.commit(send("m1", "转三万")).await, Err(StoreError::ClientIdReused));
    fx.db.commit(send("m2", "转三千")).await.unwrap();
    assert_eq!(fx.db.last_seq(&id).await.unwrap(), 2);
}

#[tokio::test]
async fn a_client_id_stays_known_after_the_customer_is_identified() {
    let fx = Fixture::new().await;
    let id = cv("a");
    start(&fx.db, &id).await;
    let mut first = append(&id, Expected::Any, vec![said("hello")]);
    first.client = Some(client("m1", "hello"));
    fx.db.commit(one(first.clone())).await.unwrap();
    let mut set = WriteSet::new();
    let mut identified = head(&id);
    identified.customer = Some(cu("7"));
    set.conversation(identified);
    fx.db.commit(set).await.unwrap();
    assert_eq!(fx.db.commit(one(first)).await, Err(StoreError::Duplicate { conversation: id, seq: 1 }));
}

#[tokio::test]
async fn positions_follow_the_events() {
    let fx = Fixture::new().await;
    let (a, b) = (cv("a"), cv("b"));
    start(&fx.db, &a).await;
    start(&fx.db, &b).await;
    fx.db.commit(one(append(&a, Expected::Any, vec![said("one"), said("two")]))).await.unwrap();
    fx.db.commit(one(append(&b, Expected::Any, vec![said("one")]))).await.unwrap();
    let ids = |list: Vec<teller_store::Conversation>| list.into_iter().map(|c| c.head.id).collect::<Vec<_>>();
    assert_eq!(ids(fx.db.unanswered_conversations(None, 10).await.unwrap()), [a.clone(), b.clone()]);

    let turn = |inbound_seq| {
        NewEvent::machine(EventBody::TurnCompleted { inbound_seq, trace: Box::new(TurnTrace::default()) })
    };
    fx.db.commit(one(append(&a, Expected::Any, vec![turn(1)]))).await.unwrap();
    let row = fx.db.conversation(&a).await.unwrap().unwrap();
    assert_eq!((row.last_seq, row.inbound_seq, row.answered_seq), (3, 2, 1));
    fx.db.commit(one(append(&a, Expected::Any, vec![turn(2)]))).await.unwrap();
    assert_eq!(ids(fx.db.unanswered_conversations(None, 10).await.unwrap()), std::slice::from_ref(&b));

    // A human reads what is in b; a mark beyond what was said is ignored.
    let mut set = WriteSet::new();
    set.answered(&b, 9);
    fx.db.commit(set).await.unwrap();
    assert!(fx.db.conversation(&b).await.unwrap().unwrap().unanswered());
    let mut set = WriteSet::new();
    set.answered(&b, 1);
    fx.db.commit(set).await.unwrap();
    assert_eq!(ids(fx.db.unanswered_conversations(None, 10).await.unwrap()), []);
}

#[tokio::test]
async fn conversations_are_listed_by_page_and_customer() {
    let fx = Fixture::new().await;
    let mut set = WriteSet::new();
    for name in ["1", "2", "3", "4"] {
        let mut head = head(&cv(name));
        head.customer = ["2", "4"].contains(&name).then(|| cu("x"));
        set.conversation(head);
    }
    fx.db.commit(set).await.unwrap();
    let ids = |list: Vec<teller_store::Conversation>| list.into_iter().map(|c| c.head.id).collect::<Vec<_>>();
    assert_eq!(ids(fx.db.conversations(None, 3).await.unwrap()), [cv("4"), cv("3"), cv("2")]);
    assert_eq!(ids(fx.db.conversations(Some(&cv("2")), 3).await.unwrap()), [cv("1")]);
    assert_eq!(ids(fx.db.conversations_of(&cu("x"), None, 3).await.unwrap()), [cv("4"), cv("2")]);
    assert_eq!(ids(fx.db.conversations_of(&cu("x"), Some(&cv("4")), 3).await.unwrap()), [cv("2")]);

    fx.clock.advance_ms(1);
    let mut set = WriteSet::new();
    let mut closed = head(&cv("1"));
    closed.status = ConversationStatus::Closed;
    set.conversation(closed.clone());
    fx.db.commit(set).await.unwrap();
    assert_eq!(fx.db.recent_conversations(1).await.unwrap()[0].head, closed);
}

#[tokio::test]
async fn a_token_opens_its_conversation_only() {
    let fx = Fixture::new().await;
    let mut set = WriteSet::new();
    set.conversation_token(token_hash("secret"), &cv("a"));
    fx.db.commit(set).await.unwrap();
    let found = fx.db.conversation_by_token(&token_hash("secret")).await.unwrap();
    assert_eq!(found, Some((cv("a"), START_MS)));
    assert_eq!(fx.db.conversation_by_token(&token_hash("other")).await.unwrap(), None);
    let mut again = WriteSet::new();
    again.conversation_token(token_hash("secret"), &cv("b"));
    assert_eq!(fx.db.commit(again).await, Err(StoreError::Exists { what: "token" }));
}

#[tokio::test]
async fn the_outbox_holds_every_event_once_in_order_and_positions_only_advance() {
    let mut fx = Fixture::new().await;
    let (a, b) = (cv("a"), cv("b"));
    start(&fx.db, &a).await;
    start(&fx.db, &b).await;
    fx.db.commit(one(append(&a, Expected::Any, vec![said("1"), note("2")]))).await.unwrap();
    fx.db.commit(one(append(&b, Expected::Any, vec![said("3")]))).await.unwrap();
    let rows = fx.db.outbox_after(0, 10).await.unwrap();
    let seen: Vec<_> = rows.iter().map(|row| (row.conversation.clone(), row.seq, row.kind.as_str())).collect();
    assert_eq!(seen, [(a.clone(), 1, "message_received"), (a, 2, "handed_back"), (b, 1, "message_received")]);
    assert_eq!(fx.db.outbox_after(rows[1].position, 10).await.unwrap(), rows[2..]);

    assert_eq!(fx.db.consumer_position("desk").await.unwrap(), 0);
    fx.db.advance("desk", rows[2].position).await.unwrap();
    fx.db.advance("desk", rows[0].position).await.unwrap();
    fx.reopen().await;
    assert_eq!(fx.db.consumer_position("desk").await.unwrap(), rows[2].position);
    assert_eq!(fx.db.consumer_position("quality").await.unwrap(), 0);
}

#[tokio::test]
async fn listeners_are_told_after_the_commit_and_not_of_what_failed() {
    let fx = Fixture::new().await;
    let id = cv("a");
    start(&fx.db, &id).await;
    let mut notices = fx.db.notices();
    fx.db.commit(one(append(&id, Expected::Seq(5), vec![said("no")]))).await.unwrap_err();
    fx.db.commit(one(append(&id, Expected::Seq(0), vec![said("yes"), note("n")]))).await.unwrap();
    let notice = notices.recv().await.unwrap();
    assert_eq!((notice.last_seq, notice.kinds.as_slice()), (2, &["message_received", "handed_back"][..]));
    assert_eq!(fx.db.last_seq(&notice.conversation).await.unwrap(), 2);
    assert!(notices.try_recv().is_err());
}

#[tokio::test]
async fn a_set_is_saved_whole_or_not_at_all() {
    let fx = Fixture::new().await;
    let id = cv("a");
    let mut set = WriteSet::new();
    set.conversation(head(&id))
        .append(append(&id, Expected::Seq(0), vec![said("x")]))
        .audit(AuditEntry::new(&Actor::Machine, "test.done", id.as_str()))
        .append(append(&id, Expected::Seq(0), vec![note("conflicts with the first")]));
    assert!(matches!(fx.db.commit(set).await, Err(StoreError::Conflict { .. })));
    assert_eq!(fx.db.conversation(&id).await.unwrap(), None);
    assert_eq!(fx.db.outbox_after(0, 10).await.unwrap(), []);
    assert_eq!(fx.db.verify_audit().await.unwrap().rows, 0);
}

#[tokio::test]
async fn a_read_of_personal_data_can_be_audited_by_itself() {
    let fx = Fixture::new().await;
    let staff = Actor::Staff { id: teller_kernel::StaffId::parse("st_1").unwrap() };
    let entry = AuditEntry::new(&staff, "conversation.read", "cv_a").detail(serde_json::json!({"page": 1}));
    fx.db.audit(entry).await.unwrap();
    fx.clock.advance_ms(1);
    fx.db.audit(AuditEntry::new(&Actor::Machine, "x.y", "cv_b")).await.unwrap();
    let log = fx.db.audit_log(0, 10).await.unwrap();
    assert_eq!(log.iter().map(|row| (row.seq, row.at_ms)).collect::<Vec<_>>(), [(1, START_MS), (2, START_MS + 1)]);
    assert_eq!((log[0].actor.as_str(), &log[0].detail["page"]), ("staff:st_1", &serde_json::json!(1)));
    assert_eq!(fx.db.audit_log(1, 10).await.unwrap(), log[1..]);
    assert_eq!(fx.db.audit_of("cv_a", 10).await.unwrap(), log[..1]);
    assert_eq!(fx.db.verify_audit().await.unwrap().head, log[1].hash);
    assert_eq!(fx.db.check_pages().await.unwrap(), None);
}
