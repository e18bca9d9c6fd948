//! What personal data looks like to the rest of the house, and how it is found:
//! the tagger says where, check digits say whether a number can be what it is called.

use crate::tagger;
use serde::{Deserialize, Serialize};

/// Longest text that is looked at, in characters; `mask` hides what lies beyond whole.
pub const TEXT_CHARS_MAX: usize = 20_000;

/// Most spans one text gives.
pub const SPANS_MAX: usize = 512;

/// Kinds of personal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PiiKind {
    /// A full name; a family name with a title is none.
    Name,
    IdCard,
    BankCard,
    Phone,
    Email,
    /// A private address down to street or number.
    Address,
    Passport,
    HkMacaoPermit,
    Uscc,
    Plate,
    Otp,
    Password,
    Dob,
    /// Any account number that is no bank card.
    AccountNo,
    Wechat,
}

impl PiiKind {
    /// The name used in files and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name => "NAME",
            Self::IdCard => "ID_CARD",
            Self::BankCard => "BANK_CARD",
            Self::Phone => "PHONE",
            Self::Email => "EMAIL",
            Self::Address => "ADDRESS",
            Self::Passport => "PASSPORT",
            Self::HkMacaoPermit => "HK_MACAO_PERMIT",
            Self::Uscc => "USCC",
            Self::Plate => "PLATE",
            Self::Otp => "OTP",
            Self::Password => "PASSWORD",
            Self::Dob => "DOB",
            Self::AccountNo => "ACCOUNT_NO",
            Self::Wechat => "WECHAT",
        }
    }
}

/// Personal data at a place of a text, in characters, end exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PiiSpan {
    pub start: usize,
    pub end: usize,
    pub kind: PiiKind,
    /// The form is right but a rule of the issuer is not met (an unknown region
    /// of an identity card): still personal data, worth a second look.
    pub doubtful: bool,
}

/// All personal data in a text, in order, without overlap.
#[must_use]
pub fn detect(text: &str) -> Vec<PiiSpan> {
    detect_with(tagger::shipped(), text)
}

/// The same with a given table: what the trainer measures.
#[doc(hidden)]
#[must_use]
pub fn detect_with(model: &tagger::Model, text: &str) -> Vec<PiiSpan> {
    let chars: Vec<char> = text.chars().take(TEXT_CHARS_MAX).collect();
    let mut spans = tagger::tag(model, &chars);
    spans.truncate(SPANS_MAX);
    spans
}
