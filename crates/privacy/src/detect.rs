//! What personal data looks like to the rest of the house, and the order in
//! which detectors run: what is surest first, and no two spans overlap.

use crate::fold::Folded;
use crate::{free_text, names, numbers};
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

/// Spans found so far; a later detector never takes what an earlier one has.
#[derive(Default)]
pub(crate) struct Found {
    spans: Vec<PiiSpan>,
}

impl Found {
    pub fn is_free(&self, start: usize, end: usize) -> bool {
        !self.spans.iter().any(|s| s.start < end && start < s.end)
    }

    pub fn put(&mut self, start: usize, end: usize, kind: PiiKind) {
        self.put_doubtful(start, end, kind, false);
    }

    pub fn put_doubtful(&mut self, start: usize, end: usize, kind: PiiKind, doubtful: bool) {
        if start < end && self.spans.len() < SPANS_MAX && self.is_free(start, end) {
            self.spans.push(PiiSpan { start, end, kind, doubtful });
        }
    }
}

/// All personal data in a text, in order, without overlap.
pub fn detect(text: &str) -> Vec<PiiSpan> {
    let folded = Folded::of(text, TEXT_CHARS_MAX);
    let mut found = Found::default();
    free_text::emails(&folded, &mut found);
    free_text::secrets(&folded, &mut found);
    numbers::codes(&folded, &mut found);
    free_text::wechat(&folded, &mut found);
    numbers::runs(&folded, &mut found);
    free_text::birth_dates(&folded, &mut found);
    free_text::addresses(&folded, &mut found);
    names::read(&folded, &mut found);
    let original: Vec<char> = text.chars().take(TEXT_CHARS_MAX).collect();
    names::read_latin(&folded, &original, &mut found);
    let mut spans = found.spans;
    spans.sort_by_key(|s| s.start);
    spans
}
