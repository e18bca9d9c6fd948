//! Attempts to get a permit without its whole evidence. Each begins with
//! evidence that is good and spoils one thing.

use proptest::prelude::*;
use serde_json::{Value, json};
use teller_bank::permit::{
    CommitPermit, Confirmation, ConfirmedEvidence, OtpProof, PermitAction, PermitRefused, PolicyVerdict,
    ProtectiveEvidence, ScheduledEvidence, StaffDecision, StaffReleaseEvidence, Verdict,
};
use teller_bank::{catalog, digest};
use teller_kernel::event::CommitKind;
use teller_kernel::limits::CONFIRMATION_TTL_MS;
use teller_kernel::{Actor, CustomerId, IdempotencyKey, Level, StaffId};

const NOW_MS: i64 = 1_795_140_000_000;

fn values() -> Value {
    json!({"to_name": "张伟", "to_account": "6217990012345670013", "total": {"minor": 320_000, "currency": "CNY"}})
}

fn customer() -> CustomerId {
    CustomerId::parse("cu_1001").unwrap()
}

fn key() -> IdempotencyKey {
    IdempotencyKey::parse("ik_1").unwrap()
}

fn good() -> ConfirmedEvidence {
    let seen = digest(&values());
    ConfirmedEvidence {
        customer: customer(),
        operation: "transfer".into(),
        key: key(),
        order_id: "or_000001".into(),
        values: values(),
        verdict: PolicyVerdict::Allow { rule: "transfer.ordinary".into() },
        confirmation: Confirmation {
            digest: seen.clone(),
            accepted_at_ms: NOW_MS - 5_000,
            expires_at_ms: NOW_MS + 60_000,
        },
        required: Level::L2,
        held: Level::L2,
        otp: Some(OtpProof { digest: seen, passed_at_ms: NOW_MS - 1_000 }),
        now_ms: NOW_MS,
    }
}

fn spoiled(spoil: impl FnOnce(&mut ConfirmedEvidence)) -> Option<PermitRefused> {
    let mut evidence = good();
    spoil(&mut evidence);
    CommitPermit::confirmed(evidence).err()
}

#[test]
fn whole_evidence_gives_a_permit_for_exactly_this() {
    let permit = CommitPermit::confirmed(good()).unwrap();
    assert_eq!(permit.kind(), CommitKind::Confirmed);
    assert_eq!(permit.digest(), digest(&values()));
    assert_eq!((permit.customer(), permit.operation(), permit.key()), (&customer(), "transfer", &key()));
    assert!(matches!(permit.action(), PermitAction::Confirm { order_id } if order_id == "or_000001"));
}

#[test]
fn each_missing_piece_is_refused_by_name() {
    use PermitRefused as R;
    let other = || digest(&json!({"total": 1}));
    assert_eq!(spoiled(|e| e.operation = "mint".into()), Some(R::NotOfThisKind));
    assert_eq!(spoiled(|e| e.operation = "card_lock".into()), Some(R::NotOfThisKind));
    let denied = PolicyVerdict::Deny { rule: "risk.red".into() };
    assert_eq!(spoiled(|e| e.verdict = denied), Some(R::PolicyDenies { rule: "risk.red".into() }));
    assert_eq!(spoiled(|e| e.confirmation.digest = other()), Some(R::DigestMismatch));
    assert_eq!(spoiled(|e| e.confirmation.digest.clear()), Some(R::DigestMismatch));
    assert_eq!(spoiled(|e| e.confirmation.expires_at_ms = NOW_MS - 6_000), Some(R::ConfirmationExpired));
    let old = NOW_MS - CONFIRMATION_TTL_MS - 1;
    assert_eq!(spoiled(|e| e.confirmation.accepted_at_ms = old), Some(R::ConfirmationExpired));
    assert_eq!(spoiled(|e| e.confirmation.accepted_at_ms = NOW_MS + 1), Some(R::FromTheFuture));
    assert_eq!(spoiled(|e| e.held = Level::L1), Some(R::LevelTooLow { required: Level::L2, held: Level::L1 }));
    assert_eq!(spoiled(|e| e.otp = None), Some(R::OtpMissing));
    assert_eq!(spoiled(|e| e.otp.as_mut().unwrap().digest = other()), Some(R::OtpNotBound));
    assert_eq!(spoiled(|e| e.otp.as_mut().unwrap().passed_at_ms = NOW_MS + 1), Some(R::FromTheFuture));
    assert_eq!(spoiled(|e| e.otp.as_mut().unwrap().passed_at_ms = old), Some(R::ConfirmationExpired));
}

#[test]
fn a_stronger_level_does_not_stand_in_for_the_bound_password() {
    assert_eq!(
        spoiled(|e| {
            e.held = Level::L4;
            e.otp = None;
        }),
        Some(PermitRefused::OtpMissing)
    );
}

#[test]
fn below_level_two_a_confirmation_is_enough() {
    assert_eq!(
        spoiled(|e| {
            e.required = Level::L1;
            e.held = Level::L1;
            e.otp = None;
        }),
        None
    );
}

#[test]
fn protection_is_a_closed_list() {
    let evidence = |operation: &str| ProtectiveEvidence {
        customer: customer(),
        operation: operation.into(),
        key: key(),
        params: json!({}),
        requested_by: Actor::Customer { id: None },
    };
    for operation in catalog::OPERATIONS {
        let refused = CommitPermit::protective(evidence(operation.op)).err();
        assert_eq!(refused, Some(PermitRefused::NotOfThisKind), "{}", operation.op);
    }
    for protective in catalog::PROTECTIVE {
        assert!(CommitPermit::protective(evidence(protective.op)).is_ok(), "{}", protective.op);
    }
}

fn decision(staff: &str) -> StaffDecision {
    StaffDecision { staff: StaffId::parse(staff).unwrap(), digest: digest(&values()), at_ms: NOW_MS - 1 }
}

fn release(verdict: Verdict) -> Result<CommitPermit, PermitRefused> {
    CommitPermit::staff_release(StaffReleaseEvidence {
        customer: customer(),
        operation: "remit_out".into(),
        key: key(),
        order_id: "or_000002".into(),
        values: values(),
        verdict,
        now_ms: NOW_MS,
    })
}

#[test]
fn four_eyes_are_two_people_who_saw_the_same_values() {
    let both = |first, second| release(Verdict::Release { first, second }).err();
    assert_eq!(both(decision("st_a"), decision("st_b")), None);
    assert_eq!(both(decision("st_a"), decision("st_a")), Some(PermitRefused::SamePerson));
    let blind = StaffDecision { digest: digest(&json!({})), ..decision("st_b") };
    assert_eq!(both(decision("st_a"), blind.clone()), Some(PermitRefused::DigestMismatch));
    assert_eq!(both(blind, decision("st_a")), Some(PermitRefused::DigestMismatch));
    let early = StaffDecision { at_ms: NOW_MS + 1, ..decision("st_b") };
    assert_eq!(both(decision("st_a"), early), Some(PermitRefused::FromTheFuture));
    assert!(release(Verdict::Decline { by: decision("st_a"), reason: "documents".into() }).is_ok());
}

#[test]
fn a_scheduled_payment_does_what_was_confirmed_and_not_before() {
    let instruction = json!({"to_account": "6217990012345670013", "total": {"minor": 320_000, "currency": "CNY"}});
    let due = || ScheduledEvidence {
        customer: customer(),
        operation: "transfer".into(),
        key: key(),
        order_id: "or_000003".into(),
        values: values(),
        confirmed_digest: digest(&instruction),
        instruction: instruction.clone(),
        due_at_ms: NOW_MS,
        now_ms: NOW_MS,
    };
    assert_eq!(CommitPermit::scheduled(due()).unwrap().kind(), CommitKind::Scheduled);
    let refused = |evidence| CommitPermit::scheduled(evidence).err();
    assert_eq!(refused(ScheduledEvidence { due_at_ms: NOW_MS + 1, ..due() }), Some(PermitRefused::NotDue));
    let other = json!({"to_account": "6217990012345670013", "total": {"minor": 1, "currency": "CNY"}});
    let swapped = ScheduledEvidence { instruction: other.clone(), ..due() };
    assert_eq!(refused(swapped), Some(PermitRefused::DigestMismatch));
    let drifted = ScheduledEvidence { confirmed_digest: digest(&other), instruction: other, ..due() };
    assert_eq!(refused(drifted), Some(PermitRefused::NotAsInstructed { field: "total".into() }));
    let empty = ScheduledEvidence { confirmed_digest: digest(&json!({})), instruction: json!({}), ..due() };
    assert!(matches!(refused(empty), Some(PermitRefused::NotAsInstructed { .. })));
}

proptest! {
    /// Whatever else is committed than what was shown, there is no permit.
    #[test]
    fn only_the_values_shown_can_be_committed(minor in 0i64..1_000_000, name in "\\PC{1,6}", field in "[a-z]{1,8}") {
        for changed in [
            json!({"to_name": name, "to_account": "6217990012345670013", "total": {"minor": minor, "currency": "CNY"}}),
            { let mut more = values(); more[field.as_str()] = json!(minor); more },
        ] {
            prop_assume!(changed != values());
            prop_assert_eq!(spoiled(|e| e.values = changed), Some(PermitRefused::DigestMismatch));
        }
    }
}
