//! What can go wrong in the spine, and which public code each becomes.

use teller_bank::PermitRefused;
use teller_flows::step::FlowFault;
use teller_kernel::{Code, Problem};
use teller_pack::TextError;
use teller_store::StoreError;

#[derive(Debug, thiserror::Error)]
pub enum TurnError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("flow: {0}")]
    Flow(#[from] FlowFault),
    #[error("words: {0}")]
    Text(#[from] TextError),
    #[error("no permit: {0}")]
    Permit(#[from] PermitRefused),
    #[error("pack {0} is not in the store")]
    PackGone(String),
    #[error("pack {pack} has no {what} `{id}`")]
    NotInPack { pack: String, what: &'static str, id: String },
    /// Another writer moved the conversation on; the turn is run again.
    #[error("the conversation moved on")]
    Moved,
    /// A simulated crash struck here.
    #[error("died at {0}")]
    Died(&'static str),
    #[error("{0}")]
    Problem(Problem),
}

impl From<Problem> for TurnError {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<TurnError> for Problem {
    fn from(error: TurnError) -> Self {
        match error {
            TurnError::Problem(problem) => problem,
            TurnError::Store(error) => Self::from(error),
            _ => Code::Internal.into(),
        }
    }
}
