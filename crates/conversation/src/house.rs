//! The messages that Teller itself speaks with, whatever the bank: every pack
//! has them in its own words (docs/pack.md lists what each one is for).

use teller_pack::{Diagnostic, Pack, Place};

pub const FLOW_RESUME: &str = "flow.resume";
pub const FLOW_CANCELLED: &str = "flow.cancelled";
pub const FLOW_NOTHING_TO_CANCEL: &str = "flow.nothing_to_cancel";
pub const FLOW_CORRECTED: &str = "flow.corrected";
pub const FLOW_NEED_SIGN_IN: &str = "flow.need_sign_in";
pub const FLOW_RETRY: &str = "flow.retry";
pub const FLOW_TOO_MANY_TRIES: &str = "flow.too_many_tries";
pub const CLARIFY_ASK: &str = "clarify.ask";
pub const UNKNOWN_FIRST: &str = "unknown.first";
pub const UNKNOWN_NEAR: &str = "unknown.near";
pub const HANDOFF_QUEUED: &str = "handoff.queued";
pub const HANDOFF_JOINED: &str = "handoff.joined";
pub const HANDOFF_ALREADY: &str = "handoff.already";
pub const HANDOFF_WITHDRAWN: &str = "handoff.withdrawn";
pub const HANDOFF_BACK: &str = "handoff.back";
pub const HUMAN_DISTRESS: &str = "human.distress";
/// For staff: the lines of a hand-off's summary and what to do next.
pub const DESK_SAID_FIRST: &str = "desk.said_first";
pub const DESK_TRIED: &str = "desk.tried";
pub const DESK_SAID_LAST: &str = "desk.said_last";
pub const DESK_NEXT_OUTCOME: &str = "desk.next_outcome";
pub const DESK_NEXT_ANSWER: &str = "desk.next_answer";
pub const DESK_NEXT_CONFIRM: &str = "desk.next_confirm";
pub const DESK_NEXT_CODE: &str = "desk.next_code";
pub const DESK_NEXT: &str = "desk.next";
/// What an attempt at manipulation is answered with; a pack without these words
/// says `out_of_scope`.
pub const GUARD_REFUSED: &str = "guard.refused";
pub const OUT_OF_SCOPE: &str = "out_of_scope";
pub const OTP_SENT: &str = "otp.sent";
pub const OTP_TOKEN: &str = "otp.token";
/// The text message itself: `code`, `authorises`, `minutes`.
pub const OTP_SMS: &str = "otp.sms";
pub const OTP_WRONG: &str = "otp.wrong";
pub const OTP_VOID: &str = "otp.void";
pub const OTP_RESENT: &str = "otp.resent";
pub const CONFIRM_ASK: &str = "confirm.ask";
pub const CONFIRM_EXPIRED: &str = "confirm.expired";
pub const WISH_NEXT: &str = "wish.next";
pub const THIRD_PARTY_JUMP: &str = "third_party.jump";
pub const THIRD_PARTY_JUMP_LABEL: &str = "third_party.jump_label";
pub const CORE_READ_ONLY: &str = "core.read_only";
pub const RELEASE_APPROVED: &str = "release.approved";
pub const RELEASE_DECLINED: &str = "release.declined";
pub const REPEAT_NOTHING: &str = "repeat.nothing";
pub const THANKS: &str = "thanks";
pub const ERROR_DEFAULT: &str = "error.default";

/// A commit whose outcome became known after its turn.
pub fn commit_message(status: teller_kernel::event::CommitStatus) -> &'static str {
    use teller_kernel::event::CommitStatus as S;
    match status {
        S::Posted => "commit.posted",
        S::Accepted => "commit.accepted",
        S::Held => "commit.held",
        S::Rejected => "commit.rejected",
        S::Cancelled | S::Unknown | S::Queued => "commit.cancelled",
    }
}

/// Every house message.
const ALL: &[&str] = &[
    FLOW_RESUME,
    FLOW_CANCELLED,
    FLOW_NOTHING_TO_CANCEL,
    FLOW_CORRECTED,
    FLOW_NEED_SIGN_IN,
    FLOW_RETRY,
    FLOW_TOO_MANY_TRIES,
    CLARIFY_ASK,
    UNKNOWN_FIRST,
    UNKNOWN_NEAR,
    HANDOFF_QUEUED,
    HANDOFF_JOINED,
    HANDOFF_ALREADY,
    HANDOFF_WITHDRAWN,
    HANDOFF_BACK,
    HUMAN_DISTRESS,
    DESK_SAID_FIRST,
    DESK_TRIED,
    DESK_SAID_LAST,
    DESK_NEXT_OUTCOME,
    DESK_NEXT_ANSWER,
    DESK_NEXT_CONFIRM,
    DESK_NEXT_CODE,
    DESK_NEXT,
    OTP_SENT,
    OTP_SMS,
    OTP_TOKEN,
    OTP_WRONG,
    OTP_VOID,
    OTP_RESENT,
    CONFIRM_ASK,
    CONFIRM_EXPIRED,
    WISH_NEXT,
    THIRD_PARTY_JUMP,
    THIRD_PARTY_JUMP_LABEL,
    CORE_READ_ONLY,
    RELEASE_APPROVED,
    RELEASE_DECLINED,
    REPEAT_NOTHING,
    THANKS,
    ERROR_DEFAULT,
    "commit.posted",
    "commit.accepted",
    "commit.held",
    "commit.rejected",
    "commit.cancelled",
    "greet",
    "capability",
    OUT_OF_SCOPE,
    "error.outcome_unknown",
    "error.queued",
    "error.cancelled",
    "error.confirmation_refused",
];

/// What the pack lacks to speak at all.
pub fn missing_messages(pack: &Pack) -> Vec<Diagnostic> {
    ALL.iter()
        .filter(|id| !pack.texts.contains(id))
        .map(|id| {
            Diagnostic::error(
                Place::file("messages/"),
                "missing-house-message",
                format!("the pack has no message `{id}`"),
            )
        })
        .collect()
}
