//! The operations by name: how each is prepared and applied.

use super::row::OrderRow;
use super::{card, credit, deposit, fx, loan, remit, schedule, service, transfer};
use crate::error::{Fail, bad_param};
use crate::money::Money;
use crate::store::Cx;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// A prepared operation: the values to confirm, and what the limits count.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    pub values: Value,
    /// When the bank will no longer stand by the values; the usual time if none.
    pub expires_at_ms: Option<i64>,
    pub from_account: Option<String>,
    pub to_account: Option<String>,
    pub channel: Option<String>,
    pub amount: Option<Money>,
}

impl Draft {
    pub fn new(values: impl Serialize) -> Result<Self, Fail> {
        Ok(Self { values: serde_json::to_value(values)?, ..Self::default() })
    }
}

/// How applying an order ended.
#[derive(Debug, Clone)]
pub enum Done {
    Posted(Value),
    /// Taken, to be booked later.
    Accepted {
        result: Value,
        due_on: String,
        due_at_ms: i64,
        hold: Option<String>,
    },
    /// Waits for staff.
    Held {
        result: Value,
        hold: Option<String>,
    },
}

macro_rules! operation_table {
    ($($variant:ident = $name:literal, $module:ident :: $prepare:ident, $apply:ident, [$($volatile:literal),*];)*) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Operation { $($variant,)* }

        impl Operation {
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Fields of the values that may differ at the confirm without
            /// changing what is carried out.
            pub fn volatile(self) -> &'static [&'static str] {
                match self { $(Self::$variant => &[$($volatile),*],)* }
            }

            /// Works the exact values out. Reads only.
            pub async fn prepare(self, cx: &mut Cx<'_>, customer: &str, params: Value) -> Result<Draft, Fail> {
                match self { $(Self::$variant => $module::$prepare(cx, customer, typed(params)?).await,)* }
            }

            /// Carries out the values of a confirmed order.
            pub async fn apply(self, cx: &mut Cx<'_>, order: &OrderRow) -> Result<Done, Fail> {
                match self { $(Self::$variant => $module::$apply(cx, order, order.values()?).await,)* }
            }
        }
    };
}

operation_table! {
    Transfer = "transfer", transfer::prepare, apply, ["new_payee", "similar_recent", "arrives_on"];
    TransferCancel = "transfer_cancel", transfer::prepare_cancel, apply_cancel, [];
    ScheduledTransfer = "scheduled_transfer", schedule::prepare, apply, ["new_payee", "similar_recent", "arrives_on"];
    ScheduleCancel = "schedule_cancel", schedule::prepare_cancel, apply_cancel, [];
    DelaySet = "delay_set", transfer::prepare_delay, apply_delay, [];
    CardRepay = "card_repay", credit::prepare_repay, apply_repay, ["remaining_before", "remaining_after"];
    CcAutopaySet = "cc_autopay_set", credit::prepare_autopay, apply_autopay, ["mode_before"];
    CcInstallment = "cc_installment", credit::prepare_instalment, apply_instalment, [];
    CcEarlySettle = "cc_early_settle", credit::prepare_settle, apply_settle, [];
    DepositOpen = "deposit_open", deposit::prepare_open, apply_open, [];
    DepositWithdraw = "deposit_withdraw", deposit::prepare_withdraw, apply_withdraw, [];
    LoanPrepay = "loan_prepay", loan::prepare_prepay, apply_prepay, [];
    FxBuy = "fx_buy", fx::prepare_buy, apply_buy, ["to_account", "rate", "cny", "quota_left_after", "quote_expires_at_ms", "usd_equivalent"];
    FxSell = "fx_sell", fx::prepare_sell, apply_sell, ["to_account", "rate", "cny", "quota_left_after", "quote_expires_at_ms", "usd_equivalent"];
    RemitOut = "remit_out", remit::prepare, apply, [];
    LimitSet = "limit_set", service::prepare_limit, apply_limit, ["single_before", "daily_before", "monthly_before"];
    CardReplace = "card_replace", card::prepare_replace, apply_replace, ["arrives_on"];
    CardActivate = "card_activate", card::prepare_activate, apply_activate, [];
    CardUnlock = "card_unlock", card::prepare_unlock, apply_unlock, [];
    CardLossCancel = "card_loss_cancel", card::prepare_loss_cancel, apply_loss_cancel, [];
    SmsNotifySet = "sms_notify_set", service::prepare_sms, apply_sms, [];
    PayeeAdd = "payee_add", service::prepare_payee_add, apply_payee_add, [];
    PayeeDelete = "payee_delete", service::prepare_payee_delete, apply_payee_delete, [];
    DisputeOpen = "dispute_open", service::prepare_dispute, apply_dispute, ["due_on"];
    ComplaintOpen = "complaint_open", service::prepare_complaint, apply_complaint, ["opened_on", "due_on"];
    AppointmentBook = "appointment_book", service::prepare_appointment, apply_appointment, [];
    CallbackBook = "callback_book", service::prepare_callback, apply_callback, [];
    StatementRequest = "statement_request", service::prepare_statement, apply_statement, ["entries"];
    Suggestion = "suggestion", service::prepare_suggestion, apply_suggestion, [];
}

impl Operation {
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|operation| operation.name() == name)
    }
}

/// Typed parameters; a malformed one is named where that can be told.
fn typed<T: DeserializeOwned>(params: Value) -> Result<T, Fail> {
    serde_json::from_value(params).map_err(|error| {
        let text = error.to_string();
        // serde names the field in back-quotes: "missing field `amount`".
        let field = text.split('`').nth(1).unwrap_or("params");
        bad_param(field)
    })
}
