//! What a flow may ask for, and the typed values it gets.
//!
//! A slot type says how words become a value; a slot value is what was
//! understood, resolved to one meaning. `to_json` gives the shape that pack
//! templates and conditions see.

use crate::money::{Currency, Money};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The kinds of value a flow can collect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SlotType {
    Money,
    Currency,
    Date,
    DateRange,
    /// A length of time in months.
    Term,
    /// Percent a year.
    Rate,
    Integer,
    Boolean,
    /// in | out: money coming or going.
    Direction,
    /// A person's or firm's name.
    Name,
    /// A full account or card number.
    AccountNo,
    /// Last four digits.
    CardTail,
    Phone,
    /// Time of an appointment: day and hour.
    Moment,
    City,
    Country,
    Bic,
    Iban,
    /// One of a list: fixed in the pack or read from the bank.
    Choice,
    /// Anything the customer says.
    Text,
}

/// A value of one of these kinds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum SlotValue {
    Money {
        amount: Money,
    },
    Currency {
        currency: Currency,
    },
    Date {
        #[schema(value_type = String)]
        date: Date,
    },
    /// Both ends included.
    DateRange {
        #[schema(value_type = String)]
        from: Date,
        #[schema(value_type = String)]
        to: Date,
    },
    Term {
        months: u32,
    },
    /// Percent a year as decimal text: "3.85".
    Rate {
        percent: String,
    },
    Integer {
        value: i64,
    },
    Boolean {
        value: bool,
    },
    Direction {
        inward: bool,
    },
    Name {
        name: String,
    },
    AccountNo {
        number: String,
    },
    CardTail {
        tail: String,
    },
    Phone {
        number: String,
    },
    /// ISO date and hour of day (0–23) when one was said.
    Moment {
        #[schema(value_type = String)]
        date: Date,
        hour: Option<u8>,
    },
    City {
        name: String,
    },
    Country {
        code: String,
    },
    Bic {
        code: String,
    },
    Iban {
        number: String,
    },
    /// `id` is what the bank or the pack calls it, `label` what the customer sees.
    Choice {
        id: String,
        label: String,
    },
    Text {
        text: String,
    },
}

impl SlotValue {
    pub fn slot_type(&self) -> SlotType {
        match self {
            Self::Money { .. } => SlotType::Money,
            Self::Currency { .. } => SlotType::Currency,
            Self::Date { .. } => SlotType::Date,
            Self::DateRange { .. } => SlotType::DateRange,
            Self::Term { .. } => SlotType::Term,
            Self::Rate { .. } => SlotType::Rate,
            Self::Integer { .. } => SlotType::Integer,
            Self::Boolean { .. } => SlotType::Boolean,
            Self::Direction { .. } => SlotType::Direction,
            Self::Name { .. } => SlotType::Name,
            Self::AccountNo { .. } => SlotType::AccountNo,
            Self::CardTail { .. } => SlotType::CardTail,
            Self::Phone { .. } => SlotType::Phone,
            Self::Moment { .. } => SlotType::Moment,
            Self::City { .. } => SlotType::City,
            Self::Country { .. } => SlotType::Country,
            Self::Bic { .. } => SlotType::Bic,
            Self::Iban { .. } => SlotType::Iban,
            Self::Choice { .. } => SlotType::Choice,
            Self::Text { .. } => SlotType::Text,
        }
    }

    /// The shape templates and conditions see: scalars where one will do, so
    /// that a pack writes `amount.minor > 5000000` or `term >= 12`.
    pub fn to_json(&self) -> Value {
        match self {
            Self::Money { amount } => json!(amount),
            Self::Currency { currency } => json!(currency),
            Self::Date { date } => json!(date.to_string()),
            Self::DateRange { from, to } => json!({"from": from.to_string(), "to": to.to_string()}),
            Self::Term { months } => json!(months),
            Self::Rate { percent } => json!(percent),
            Self::Integer { value } => json!(value),
            Self::Boolean { value } => json!(value),
            Self::Direction { inward } => json!(if *inward { "in" } else { "out" }),
            Self::Name { name } | Self::City { name } => json!(name),
            Self::AccountNo { number } | Self::Phone { number } | Self::Iban { number } => {
                json!(number)
            }
            Self::CardTail { tail } => json!(tail),
            Self::Moment { date, hour } => json!({"date": date.to_string(), "hour": hour}),
            Self::Country { code } | Self::Bic { code } => json!(code),
            Self::Choice { id, label } => json!({"id": id, "label": label}),
            Self::Text { text } => json!(text),
        }
    }
}
