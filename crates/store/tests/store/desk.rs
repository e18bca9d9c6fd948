//! Conformance: commits, hand-offs, releases, phone. Public API alone.

use crate::common::*;
use serde_json::json;
use teller_kernel::event::{CitedLine, CommitKind, HandoffPacket};
use teller_kernel::id::{HandoffId, ReleaseId};
use teller_kernel::{Actor, IdempotencyKey, Level, StaffId};
use teller_store::{CommitState, HandoffState, NewCommit, NewHandoff, NewRelease, ReleaseState, StoreError, Subject};

fn st(name: &str) -> StaffId {
    StaffId::parse(&format!("st_{name}")).unwrap()
}

fn ik(name: &str) -> IdempotencyKey {
    IdempotencyKey::parse(&format!("ik_{name}")).unwrap()
}

fn ho(name: &str) -> HandoffId {
    HandoffId::parse(&format!("ho_{name}")).unwrap()
}

fn rl(name: &str) -> ReleaseId {
    ReleaseId::parse(&format!("rl_{name}")).unwrap()
}

fn new_commit(key: &str, state: CommitState) -> NewCommit {
    NewCommit {
        key: ik(key),
        conversation: cv("a"),
        run: None,
        operation: "transfer".into(),
        customer: Some(cu("7")),
        order_id: None,
        kind: CommitKind::Confirmed,
        state,
        params: json!({"amount": {"minor": 300_000, "currency": "CNY"}}),
    }
}

#[tokio::test]
async fn a_commit_is_opened_once_and_stays_final() {
    let fx = Fixture::new().await;
    write(&fx.db, |set| set.commit_opened(new_commit("1", CommitState::Open))).await.unwrap();
    let again = write(&fx.db, |set| set.commit_opened(new_commit("1", CommitState::Open))).await;
    assert_eq!(again, Err(StoreError::Exists { what: "commit" }));

    let to = |state, order: Option<&str>| {
        let order = order.map(str::to_owned);
        write(&fx.db, move |set| set.commit_state(&ik("1"), state, order))
    };
    to(CommitState::Unknown, Some("T1")).await.unwrap();
    to(CommitState::Final, None).await.unwrap();
    assert_eq!(to(CommitState::Unknown, None).await, Err(StoreError::Decided { what: "commit" }));
    let missing = write(&fx.db, |set| set.commit_state(&ik("9"), CommitState::Final, None)).await;
    assert_eq!(missing, Err(StoreError::NotFound { what: "commit" }));

    let commit = fx.db.commit_by_key(&ik("1")).await.unwrap().unwrap();
    assert_eq!((commit.state, commit.order_id.as_deref()), (CommitState::Final, Some("T1")));
    assert_eq!(commit.params, Some(new_commit("1", CommitState::Open).params));
    assert_eq!(fx.db.commits_of(&cv("a"), 10).await.unwrap(), [commit]);
}

#[tokio::test]
async fn open_commits_are_paged_oldest_first_and_survive_erasure() {
    let fx = Fixture::new().await;
    for (key, state) in
        [("3", CommitState::Open), ("1", CommitState::Unknown), ("2", CommitState::Final), ("4", CommitState::Queued)]
    {
        write(&fx.db, |set| set.commit_opened(new_commit(key, state))).await.unwrap();
        fx.clock.advance_ms(1);
    }
    let first = fx.db.open_commits(None, 2).await.unwrap();
    assert_eq!(first.iter().map(|c| c.key.clone()).collect::<Vec<_>>(), [ik("3"), ik("1")]);
    let rest = fx.db.open_commits(first.last(), 2).await.unwrap();
    assert_eq!(rest.iter().map(|c| c.key.clone()).collect::<Vec<_>>(), [ik("4")]);

    write(&fx.db, |set| set.erase(Subject::Customer(cu("7")), Actor::Machine, "test")).await.unwrap();
    let erased = fx.db.open_commits(None, 10).await.unwrap();
    assert_eq!(erased.iter().map(|c| c.params.clone()).collect::<Vec<_>>(), [None, None, None]);
}

fn new_handoff(id: &str, priority: i64) -> NewHandoff {
    NewHandoff {
        id: ho(id),
        conversation: cv("a"),
        customer: None,
        skill: "cards".into(),
        priority,
        reason: "asked".into(),
        packet: HandoffPacket {
            summary: vec![CitedLine { text: "客户要挂失尾号 8821 的卡".into(), seqs: vec![2] }],
            intent: Some("card_loss".into()),
            flow: None,
            step: None,
            slots: vec![],
            level: Level::L1,
            elder: false,
            tier: None,
            tried: vec![],
            failed: vec![],
            open_commits: vec![],
            next_action: None,
            feeling: None,
        },
    }
}

#[tokio::test]
async fn the_queue_gives_urgent_first_and_each_handoff_to_one_agent() {
    let fx = Fixture::new().await;
    for (id, priority) in [("1", 0), ("2", 5), ("3", 0)] {
        write(&fx.db, |set| set.handoff(new_handoff(id, priority))).await.unwrap();
        fx.clock.advance_ms(1);
    }
    let ids = |list: &[teller_store::Handoff]| list.iter().map(|h| h.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&fx.db.handoff_queue(10).await.unwrap()), [ho("2"), ho("1"), ho("3")]);
    assert_eq!(fx.db.handoff_packet(&ho("1")).await.unwrap(), Some(new_handoff("1", 0).packet));

    let agents: Vec<_> = (0..8).map(|at| st(&at.to_string())).collect();
    let tries: Vec<_> = agents
        .iter()
        .cloned()
        .map(|staff| {
            let db = fx.db.clone();
            tokio::spawn(async move { write(&db, |set| set.accept_handoff(&ho("2"), &staff)).await })
        })
        .collect();
    let mut answers = Vec::new();
    for task in tries {
        answers.push(task.await.unwrap());
    }
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    assert_eq!(answers.iter().filter(|answer| **answer == Err(StoreError::AlreadyTaken)).count(), 7);
    let winner = &agents[answers.iter().position(Result::is_ok).unwrap()];
    let held = fx.db.handoff(&ho("2")).await.unwrap().unwrap();
    assert_eq!((held.state, held.staff.as_ref()), (HandoffState::Held, Some(winner)));
    assert_eq!(ids(&fx.db.handoffs_held_by(winner, 10).await.unwrap()), [ho("2")]);
    assert_eq!(ids(&fx.db.handoff_queue(10).await.unwrap()), [ho("1"), ho("3")]);
}

#[tokio::test]
async fn a_handoff_goes_back_to_its_place_and_ends_once() {
    let fx = Fixture::new().await;
    for id in ["1", "2"] {
        write(&fx.db, |set| set.handoff(new_handoff(id, 0))).await.unwrap();
        fx.clock.advance_ms(1);
    }
    write(&fx.db, |set| set.accept_handoff(&ho("1"), &st("a"))).await.unwrap();
    let other = write(&fx.db, |set| set.requeue_handoff(&ho("1"), &st("b"))).await;
    assert_eq!(other, Err(StoreError::AlreadyTaken));
    write(&fx.db, |set| set.requeue_handoff(&ho("1"), &st("a"))).await.unwrap();
    assert_eq!(fx.db.handoff_queue(1).await.unwrap()[0].id, ho("1"));

    write(&fx.db, |set| set.end_handoff(&ho("1"))).await.unwrap();
    let twice = write(&fx.db, |set| set.end_handoff(&ho("1"))).await;
    assert_eq!(twice, Err(StoreError::Decided { what: "handoff" }));
    let late = write(&fx.db, |set| set.accept_handoff(&ho("1"), &st("a"))).await;
    assert_eq!(late, Err(StoreError::AlreadyTaken));
    let unknown = write(&fx.db, |set| set.accept_handoff(&ho("9"), &st("a"))).await;
    assert_eq!(unknown, Err(StoreError::NotFound { what: "handoff" }));
    assert_eq!(fx.db.handoffs_of(&cv("a"), 10).await.unwrap().len(), 2);
}

fn new_release(id: &str, first_by: Option<StaffId>) -> NewRelease {
    NewRelease {
        id: rl(id),
        conversation: cv("a"),
        customer: Some(cu("7")),
        key: ik(id),
        operation: "remittance".into(),
        summary: json!({"payee": "ACME LTD"}),
        first_by,
    }
}

#[tokio::test]
async fn a_release_needs_two_different_people() {
    let fx = Fixture::new().await;
    write(&fx.db, |set| set.release(new_release("1", None))).await.unwrap();
    let approve = |staff: StaffId| write(&fx.db, move |set| set.decide_release(&rl("1"), &staff, true, "ok"));
    let propose = |staff: StaffId| write(&fx.db, move |set| set.propose_release(&rl("1"), &staff));

    assert_eq!(approve(st("a")).await, Err(StoreError::SamePerson));
    propose(st("a")).await.unwrap();
    assert_eq!(propose(st("b")).await, Err(StoreError::AlreadyTaken));
    assert_eq!(approve(st("a")).await, Err(StoreError::SamePerson));
    assert_eq!(fx.db.open_releases(10).await.unwrap()[0].state, ReleaseState::Proposed);
    approve(st("b")).await.unwrap();
    assert_eq!(approve(st("c")).await, Err(StoreError::Decided { what: "release" }));
    assert_eq!(propose(st("c")).await, Err(StoreError::Decided { what: "release" }));

    let release = fx.db.release_of_commit(&ik("1")).await.unwrap().unwrap();
    assert_eq!(release.state, ReleaseState::Approved);
    assert_eq!((release.first_by, release.decided_by), (Some(st("a")), Some(st("b"))));
    assert_eq!((release.summary, release.reason.as_deref()), (Some(json!({"payee": "ACME LTD"})), Some("ok")));
    assert_eq!(fx.db.open_releases(10).await.unwrap(), []);
}

#[tokio::test]
async fn one_person_may_refuse_and_the_agent_who_asked_is_the_first_pair_of_eyes() {
    let fx = Fixture::new().await;
    write(&fx.db, |set| set.release(new_release("1", Some(st("a"))))).await.unwrap();
    write(&fx.db, |set| set.release(new_release("2", None))).await.unwrap();
    let twice = write(&fx.db, |set| set.release(new_release("2", None))).await;
    assert_eq!(twice, Err(StoreError::Exists { what: "release" }));

    let own = write(&fx.db, |set| set.decide_release(&rl("1"), &st("a"), true, "mine")).await;
    assert_eq!(own, Err(StoreError::SamePerson));
    write(&fx.db, |set| set.decide_release(&rl("2"), &st("a"), false, "收款人可疑")).await.unwrap();
    assert_eq!(fx.db.release(&rl("2")).await.unwrap().unwrap().state, ReleaseState::Refused);

    write(&fx.db, |set| set.erase(Subject::Customer(cu("7")), Actor::Machine, "test")).await.unwrap();
    let erased = fx.db.release(&rl("2")).await.unwrap().unwrap();
    assert_eq!((erased.summary, erased.reason), (None, None));
    // What is still open can still be decided.
    write(&fx.db, |set| set.decide_release(&rl("1"), &st("b"), true, "ok")).await.unwrap();
}

#[tokio::test]
async fn racing_decisions_have_one_winner() {
    let fx = Fixture::new().await;
    write(&fx.db, |set| set.release(new_release("1", Some(st("maker"))))).await.unwrap();
    let tries: Vec<_> = (0..6)
        .map(|at| {
            let db = fx.db.clone();
            let staff = st(&at.to_string());
            tokio::spawn(async move { write(&db, |set| set.decide_release(&rl("1"), &staff, at % 2 == 0, "r")).await })
        })
        .collect();
    let mut won = 0;
    for task in tries {
        match task.await.unwrap() {
            Ok(_) => won += 1,
            Err(error) => assert_eq!(error, StoreError::Decided { what: "release" }),
        }
    }
    assert_eq!(won, 1);
}

#[tokio::test]
async fn phone_messages_are_the_customers_own_and_end_with_the_key() {
    let fx = Fixture::new().await;
    write(&fx.db, |set| set.phone_message(&cu("7"), "验证码 135790").phone_message(&cu("8"), "其他人")).await.unwrap();
    write(&fx.db, |set| set.phone_message(&cu("7"), "已转出")).await.unwrap();
    let texts = |list: Vec<teller_store::PhoneMessage>| list.into_iter().map(|m| m.text).collect::<Vec<_>>();
    assert_eq!(texts(fx.db.phone_messages(&cu("7"), 10).await.unwrap()), ["已转出", "验证码 135790"]);
    write(&fx.db, |set| set.erase(Subject::Customer(cu("7")), Actor::Machine, "test")).await.unwrap();
    assert_eq!(texts(fx.db.phone_messages(&cu("7"), 10).await.unwrap()), Vec::<String>::new());
    assert_eq!(texts(fx.db.phone_messages(&cu("8"), 10).await.unwrap()), ["其他人"]);
}
