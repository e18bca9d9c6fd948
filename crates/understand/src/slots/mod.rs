//! Values in a sentence: money, dates, cards, names and the rest.
//!
//! `extract` reads one message relative to a given day and gives typed
//! entities with positions in the text as it was written. What a flow has just
//! asked for (`expecting`) makes a bare answer count: `五千` is an amount when
//! an amount was asked, and nothing otherwise.
//!
//! Invariants: pure; entities are sorted and inside the text; of two values the
//! customer corrected, only the final one is there, flagged. A key is absent
//! when nothing was said.
//!
//! Not here: choosing among options (`choice`), yes and no (`signs`), branches
//! (the pack knows them), names without an introducing word.

mod account;
mod answer;
mod calendar;
pub mod choice;
mod correction;
mod currencies;
mod dates;
mod dates_en;
mod dates_zh;
mod direction;
mod feasts_zh;
mod firms;
mod goal;
mod money;
mod names;
mod places;
mod products;
mod sheet;
mod surnames;
mod terms;
mod times;

pub use calendar::Tense;
pub use choice::{ChoiceMatch, ChoiceOption, match_name, resolve_choice};
pub(crate) use dates::build as build_pattern;

use crate::normal::Normal;
use jiff::civil::Date;
use sheet::Sheet;
use teller_kernel::{SlotType, SlotValue};

/// What is known before the message is read.
#[derive(Debug, Clone)]
pub struct SlotContext<'a> {
    /// The day the customer speaks, by the bank's clock.
    pub today: Date,
    /// What the flow has just asked for.
    pub expecting: Option<SlotType>,
    /// Names of cities with a branch, in normal form.
    pub cities: &'a [String],
    /// Whether dates look back or ahead, when the caller knows; words in the text come first.
    pub tense: Tense,
    /// Names of the bank's own products. `None`: product names are recognised,
    /// so that no number in them is read as a value, but are no entities.
    pub products: Option<&'a [String]>,
}

impl SlotContext<'_> {
    pub fn new(today: Date) -> Self {
        Self { today, expecting: None, cities: &[], tense: Tense::Unsaid, products: None }
    }

    #[must_use]
    pub fn expecting(mut self, slot: SlotType) -> Self {
        self.expecting = Some(slot);
        self
    }

    /// Dates are ahead of today: an appointment, a scheduled transfer.
    #[must_use]
    pub fn ahead(mut self) -> Self {
        self.tense = Tense::Future;
        self
    }
}

/// What the words around a value say about its part in the sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// A name that receives.
    Payee,
    /// A name the customer gives as their own.
    Own,
    /// `以上`, `over`: a lower bound.
    AtLeast,
    /// `以内`, `under`: an upper bound.
    AtMost,
    /// A text that names a product.
    Product,
}

/// One value in a text; `start` and `end` are characters of the text as written, end exclusive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entity {
    pub slot_type: SlotType,
    pub value: SlotValue,
    pub start: usize,
    pub end: usize,
    pub role: Option<Role>,
    /// The customer took back another value of this type in the same message.
    pub corrected: bool,
}

/// All values in `text`, in order of their place.
pub fn extract(text: &str, ctx: &SlotContext<'_>) -> Vec<Entity> {
    extract_normal(&Normal::of(text), ctx)
}

/// The same for a text that is in normal form already.
pub fn extract_normal(normal: &Normal<'_>, ctx: &SlotContext<'_>) -> Vec<Entity> {
    let mut sheet = Sheet::new(normal, ctx);
    products::read(&mut sheet);
    account::read(&mut sheet);
    dates::read(&mut sheet);
    terms::read(&mut sheet);
    money::read(&mut sheet);
    names::read(&mut sheet);
    direction::read(&mut sheet);
    places::read(&mut sheet);
    answer::read(&mut sheet);
    correction::apply(&mut sheet);
    goal::settle(&mut sheet);
    sheet.into_entities()
}
