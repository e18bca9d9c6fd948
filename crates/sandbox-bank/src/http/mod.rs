//! The contract: routes and their documentation together.

mod cards;
mod customers;
mod deposits;
mod exchange;
mod extract;
mod loans;
mod movements;
mod orders;
mod places;
mod services;
mod system;
mod transfers;

use crate::bank::Inner;
use crate::faults;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use serde::Serialize;
use std::sync::{Arc, LazyLock};
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;

/// Largest body of a request, in bytes.
const BODY_MAX_BYTES: usize = 64 * 1024;

pub(crate) type App = Arc<Inner>;

/// A list and how many items it has (all that match, when it is a page).
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct List<T> {
    pub items: Vec<T>,
    pub count: i64,
}

impl<T> List<T> {
    pub fn of(items: Vec<T>) -> Self {
        Self { count: i64::try_from(items.len()).unwrap_or(i64::MAX), items }
    }
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Sandbox core bank",
        description = "The demo core of 云杉银行 (fictional). Writes are two-phase orders; see the crate's documentation.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    components(schemas(
        crate::orders::transfer::TransferParams,
        crate::orders::transfer::TransferValues,
        crate::orders::transfer::TransferCancelParams,
        crate::orders::transfer::TransferCancelValues,
        crate::orders::transfer::DelaySetParams,
        crate::orders::transfer::DelaySetValues,
        crate::orders::schedule::ScheduleParams,
        crate::orders::schedule::ScheduleValues,
        crate::orders::schedule::ScheduleCancelParams,
        crate::orders::schedule::ScheduleCancelValues,
        crate::orders::credit::CardRepayParams,
        crate::orders::credit::CardRepayValues,
        crate::orders::credit::AutopayParams,
        crate::orders::credit::AutopayValues,
        crate::orders::credit::InstalmentParams,
        crate::orders::credit::InstalmentQuote,
        crate::orders::credit::PlanParams,
        crate::orders::credit::PlanSettleValues,
        crate::orders::deposit::DepositOpenParams,
        crate::orders::deposit::DepositOpenValues,
        crate::orders::deposit::DepositWithdrawParams,
        crate::orders::deposit::DepositWithdrawValues,
        crate::orders::loan::LoanPrepayParams,
        crate::orders::loan::LoanPrepayValues,
        crate::orders::fx::FxBuyParams,
        crate::orders::fx::FxSellParams,
        crate::orders::fx::FxValues,
        crate::orders::remit::RemitParams,
        crate::orders::remit::RemitValues,
        crate::orders::card::CardParams,
        crate::orders::card::CardValues,
        crate::orders::card::CardReplaceParams,
        crate::orders::card::CardReplaceValues,
        crate::orders::service::LimitSetParams,
        crate::orders::service::LimitSetValues,
        crate::orders::service::SmsParams,
        crate::orders::service::SmsValues,
        crate::orders::service::PayeeAddParams,
        crate::orders::service::PayeeAddValues,
        crate::orders::service::PayeeDeleteParams,
        crate::orders::service::PayeeDeleteValues,
        crate::orders::service::DisputeParams,
        crate::orders::service::DisputeValues,
        crate::orders::service::ComplaintParams,
        crate::orders::service::ComplaintValues,
        crate::orders::service::AppointmentParams,
        crate::orders::service::AppointmentValues,
        crate::orders::service::CallbackParams,
        crate::orders::service::CallbackValues,
        crate::orders::service::StatementParams,
        crate::orders::service::StatementValues,
        crate::orders::service::SuggestionParams,
        crate::orders::service::SuggestionValues,
        crate::protect::CardLockParams,
        crate::protect::CardReportLossParams,
        crate::protect::StopPaymentParams,
        crate::protect::HoldPlaceParams,
    ))
)]
struct Api;

fn documented() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Api::openapi())
        .merge(system::routes())
        .merge(orders::routes())
        .merge(customers::routes())
        .merge(movements::routes())
        .merge(transfers::routes())
        .merge(cards::routes())
        .merge(loans::routes())
        .merge(deposits::routes())
        .merge(exchange::routes())
        .merge(places::routes())
        .merge(services::routes())
}

/// Routes and documentation are put together once for all banks of a process.
static ROUTES: LazyLock<Router<App>> = LazyLock::new(|| documented().split_for_parts().0);

pub(crate) fn router(app: App) -> Router {
    ROUTES
        .clone()
        .fallback(|| async { crate::error::not_found("path") })
        .layer(middleware::from_fn_with_state(app.faults.clone(), faults::act))
        .layer(DefaultBodyLimit::max(BODY_MAX_BYTES))
        .with_state(app)
}

/// The contract as OpenAPI JSON, one trailing newline.
pub fn openapi() -> String {
    let (_, api) = documented().split_for_parts();
    let mut text = serde_json::to_string_pretty(&api).unwrap_or_default();
    text.push('\n');
    text
}
