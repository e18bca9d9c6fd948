//! Who did it. Every event and every audit row names one.

use crate::id::{CustomerId, StaffId};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Actor {
    /// The customer's side; the id is known once the bank's app has vouched.
    Customer {
        id: Option<CustomerId>,
    },
    /// Teller itself, answering.
    Machine,
    Staff {
        id: StaffId,
    },
    /// A job of the program (reconciliation, retention), by name.
    System {
        job: String,
    },
}

impl Actor {
    pub fn system(job: &str) -> Self {
        Self::System { job: job.to_owned() }
    }

    /// One word and an id, for audit rows and logs; holds no personal data.
    pub fn label(&self) -> String {
        match self {
            Self::Customer { id: Some(id) } => format!("customer:{id}"),
            Self::Customer { id: None } => "customer:anonymous".to_owned(),
            Self::Machine => "machine".to_owned(),
            Self::Staff { id } => format!("staff:{id}"),
            Self::System { job } => format!("system:{job}"),
        }
    }
}
