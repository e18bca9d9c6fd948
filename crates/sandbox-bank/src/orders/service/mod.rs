//! Services around the accounts: limits, messages, payees, and what people
//! register, book and request.

mod documents;
mod requests;
mod settings;

pub use documents::{StatementParams, StatementValues, apply_statement, prepare_statement};
pub use requests::{
    AppointmentParams, AppointmentValues, CallbackParams, CallbackValues, ComplaintParams, ComplaintValues,
    DisputeParams, DisputeValues, NewRequest, SuggestionParams, SuggestionValues, apply_appointment, apply_callback,
    apply_complaint, apply_dispute, apply_suggestion, movement, open_request, prepare_appointment, prepare_callback,
    prepare_complaint, prepare_dispute, prepare_suggestion, slots_left,
};
pub use settings::{
    LimitSetParams, LimitSetValues, PayeeAddParams, PayeeAddValues, PayeeDeleteParams, PayeeDeleteValues, SmsParams,
    SmsValues, apply_limit, apply_payee_add, apply_payee_delete, apply_sms, prepare_limit, prepare_payee_add,
    prepare_payee_delete, prepare_sms,
};
