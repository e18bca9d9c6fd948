//! The demo bank's own parts: its sandbox core's switch and its staff.

use serde::{Deserialize, Serialize};
use std::time::Duration;
use teller_desk::{Access, StaffMember};
use teller_identity::staff::Role;
use teller_kernel::{Actor, Code, Problem, StaffId};

/// Password of every demo sign-in. It is published: the demo serves on a
/// loopback address only, and signs in as any customer anyway.
pub const PASSWORD: &str = "yunshan-demo";

/// The API key of the demo bank, published like the password.
pub const API_KEY: &str = "sk-teller-demo";

/// A demo sign-in: id, user, name, roles.
pub const STAFF: [(&str, &str, &str, &[Role]); 6] = [
    ("st_demo-agent1", "agent1", "何立", &[Role::Agent]),
    ("st_demo-agent2", "agent2", "宋佳", &[Role::Agent]),
    ("st_demo-super", "super", "秦岚", &[Role::Supervisor]),
    ("st_demo-release1", "release1", "罗毅", &[Role::Release]),
    ("st_demo-release2", "release2", "韩梅", &[Role::Release]),
    ("st_demo-admin", "admin", "赵敏之", &[Role::Admin]),
];

/// How long the sandbox may take to answer its switch.
const SWITCH_TIMEOUT: Duration = Duration::from_secs(5);

/// How the demo core behaves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CoreSwitch {
    /// normal | down | end_of_day
    pub mode: String,
    /// Percent of the replies to effects that are lost after carrying them out.
    #[serde(default)]
    pub drop_replies_pct: u8,
    /// Percent of the requests that are lost before the core sees them.
    #[serde(default)]
    pub drop_requests_pct: u8,
    /// Added before each answer, milliseconds.
    #[serde(default)]
    pub delay_ms: u32,
    /// From which the losses are drawn, so that a run can be repeated.
    #[serde(default)]
    pub seed: u64,
}

/// The demo bank of this server. Cheap to clone.
#[derive(Clone)]
pub struct DemoBank {
    client: reqwest::Client,
    sandbox: String,
}

impl DemoBank {
    /// `sandbox` is the base address of the sandbox core.
    pub fn new(sandbox: &str) -> Result<Self, reqwest::Error> {
        let client = reqwest::Client::builder().timeout(SWITCH_TIMEOUT).no_proxy().build()?;
        Ok(Self { client, sandbox: sandbox.trim_end_matches('/').to_owned() })
    }

    fn address(&self) -> String {
        format!("{}/v1/faults", self.sandbox)
    }

    pub async fn switch(&self) -> Result<CoreSwitch, Problem> {
        read(self.client.get(self.address()).send().await).await
    }

    /// # Errors
    /// `bad_field` for a mode the sandbox does not know.
    pub async fn set_switch(&self, wanted: &CoreSwitch) -> Result<CoreSwitch, Problem> {
        if wanted.drop_replies_pct.max(wanted.drop_requests_pct) > 100
            || !matches!(wanted.mode.as_str(), "normal" | "down" | "end_of_day")
        {
            return Err(Problem::with(Code::BadField, "mode"));
        }
        read(self.client.put(self.address()).json(wanted).send().await).await
    }
}

async fn read(response: Result<reqwest::Response, reqwest::Error>) -> Result<CoreSwitch, Problem> {
    let response = response.and_then(reqwest::Response::error_for_status).map_err(|_| Code::CoreUnavailable)?;
    response.json().await.map_err(|_| Code::CoreUnavailable.into())
}

/// Makes the demo's staff on the first start; later starts leave them as they
/// are, so that a password changed by hand stays changed.
pub async fn enrol_staff(access: &Access, known: &[StaffId]) -> Result<(), Problem> {
    for (id, user, name, roles) in STAFF {
        let id = StaffId::parse(id).map_err(|_| Code::Internal)?;
        if known.contains(&id) {
            continue;
        }
        let member = StaffMember { id, name: name.to_owned(), roles: roles.to_vec() };
        access.enrol(user, &member, PASSWORD, &Actor::system("demo")).await?;
    }
    Ok(())
}
