//! Staff sign-in: password, lockout, session.
//!
//! Invariants: a session is a bearer secret of which only the hash is kept; it
//! ends after half an hour unused and after a working day in any case; a wrong
//! user name takes as long as a wrong password; guesses that run at the same
//! moment are all counted before any of them can succeed on a locked account.

use std::sync::Arc;
use teller_identity::staff::{self, Permission, Role, bearer, check_password, hash_password};
use teller_kernel::{Actor, Clock, Code, Problem, Rng, StaffId};
use teller_store::{AuditEntry, Db, NewStaff, Staff, StaffSession, WriteSet};
use tokio::sync::Semaphore;

/// Passwords being hashed at the same time; each takes 19 MiB.
const HASHING_MAX: usize = 2;
/// Longest password looked at, in bytes.
const PASSWORD_MAX_BYTES: usize = 256;
/// Longest user name looked at, in bytes.
const USER_MAX_BYTES: usize = 64;
/// How often a session's last use is written down.
const TOUCH_EVERY_MS: i64 = 60_000;

/// Somebody who works here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffMember {
    pub id: StaffId,
    pub name: String,
    pub roles: Vec<Role>,
}

impl StaffMember {
    pub fn may(&self, permission: Permission) -> bool {
        staff::may(&self.roles, permission)
    }
}

/// A member of staff with a session.
#[derive(Debug, Clone)]
pub struct SignedIn {
    pub staff: StaffMember,
    /// Must come back in a header with everything that changes something.
    pub csrf: String,
}

/// Staff accounts and their sessions.
#[derive(Clone)]
pub struct Access {
    store: Db,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
    hashing: Arc<Semaphore>,
}

impl Access {
    pub fn new(store: Db, clock: Arc<dyn Clock>, rng: Arc<dyn Rng>) -> Self {
        Self { store, clock, rng, hashing: Arc::new(Semaphore::new(HASHING_MAX)) }
    }

    /// Checks user and password; answers who it is and the session's secret.
    ///
    /// # Errors
    /// `sign_in_refused` for a wrong name or password or somebody who left;
    /// `sign_in_locked` after too many tries.
    pub async fn sign_in(&self, user: &str, password: &str) -> Result<(SignedIn, String), Problem> {
        if user.len() > USER_MAX_BYTES || password.len() > PASSWORD_MAX_BYTES {
            return Err(Code::SignInRefused.into());
        }
        let known = self.store.staff_by_user(user).await?;
        self.refuse_locked(known.as_ref())?;
        let fits = self.check(password, known.as_ref().map(|staff| staff.profile.password_hash.clone())).await?;
        let Some(staff) = known else { return Err(Code::SignInRefused.into()) };
        if !fits {
            self.count_failure(&staff.profile.id).await?;
            return Err(Code::SignInRefused.into());
        }
        // Others may have guessed while this one was being checked.
        let staff = self.store.staff(&staff.profile.id).await?.ok_or(Code::SignInRefused)?;
        self.refuse_locked(Some(&staff))?;
        if !staff.profile.active {
            return Err(Code::SignInRefused.into());
        }
        self.open_session(staff).await
    }

    fn refuse_locked(&self, staff: Option<&Staff>) -> Result<(), Problem> {
        match staff {
            Some(staff) if staff.locked_until_ms > self.clock.now_ms() => Err(Code::SignInLocked.into()),
            _ => Ok(()),
        }
    }

    async fn check(&self, password: &str, kept: Option<String>) -> Result<bool, Problem> {
        let _turn = self.hashing.acquire().await.map_err(|_| Code::Internal)?;
        let password = password.to_owned();
        // Hashing takes tens of milliseconds of computing: off the async threads.
        tokio::task::spawn_blocking(move || check_password(&password, kept.as_deref()))
            .await
            .map_err(|_| Code::Internal.into())
    }

    async fn count_failure(&self, staff: &StaffId) -> Result<(), Problem> {
        let mut set = WriteSet::new();
        set.sign_in_failed(staff, staff::TRIES_MAX, staff::LOCK_MS);
        set.audit(AuditEntry::new(&Actor::system("sign-in"), "staff.sign_in_failed", staff.as_str()));
        self.store.commit(set).await?;
        Ok(())
    }

    async fn open_session(&self, staff: Staff) -> Result<(SignedIn, String), Problem> {
        let (token, csrf) = (bearer(&*self.rng), bearer(&*self.rng));
        let id = staff.profile.id.clone();
        let now_ms = self.clock.now_ms();
        let mut set = WriteSet::new();
        set.sign_in_passed(&id);
        set.staff_session(StaffSession {
            hash: staff::bearer_hash(&token),
            staff: id.clone(),
            csrf: csrf.clone(),
            created_at_ms: now_ms,
            last_seen_ms: now_ms,
            expires_at_ms: now_ms + staff::SESSION_MS,
        });
        set.audit(AuditEntry::new(&Actor::Staff { id: id.clone() }, "staff.signed_in", id.as_str()));
        self.store.commit(set).await?;
        Ok((SignedIn { staff: member(staff), csrf }, token))
    }

    /// Whose session a secret is; `None` when it is over or never was.
    pub async fn session(&self, token: &str) -> Result<Option<SignedIn>, Problem> {
        let hash = staff::bearer_hash(token);
        let Some(session) = self.store.staff_session(&hash).await? else { return Ok(None) };
        let now_ms = self.clock.now_ms();
        if now_ms >= session.expires_at_ms || now_ms - session.last_seen_ms >= staff::IDLE_MS {
            return Ok(None);
        }
        let Some(staff) = self.store.staff(&session.staff).await?.filter(|staff| staff.profile.active) else {
            return Ok(None);
        };
        if now_ms - session.last_seen_ms >= TOUCH_EVERY_MS {
            let mut set = WriteSet::new();
            set.touch_session(hash, session.expires_at_ms);
            self.store.commit(set).await?;
        }
        Ok(Some(SignedIn { staff: member(staff), csrf: session.csrf }))
    }

    /// Ends a session.
    pub async fn sign_out(&self, token: &str, staff: &StaffId) -> Result<(), Problem> {
        let mut set = WriteSet::new();
        set.end_session(staff::bearer_hash(token));
        set.audit(AuditEntry::new(&Actor::Staff { id: staff.clone() }, "staff.signed_out", staff.as_str()));
        self.store.commit(set).await?;
        Ok(())
    }

    /// Makes or changes an account; whoever was signed in with it is signed out.
    ///
    /// # Errors
    /// `bad_field` for an unusable name or password, or a user name in use.
    pub async fn enrol(&self, user: &str, member: &StaffMember, password: &str, by: &Actor) -> Result<(), Problem> {
        let plain = !user.is_empty() && user.len() <= USER_MAX_BYTES && user.bytes().all(|b| b.is_ascii_graphic());
        if !plain {
            return Err(Problem::with(Code::BadField, "user"));
        }
        if password.is_empty() || password.len() > PASSWORD_MAX_BYTES {
            return Err(Problem::with(Code::BadField, "password"));
        }
        let password_hash = self.hash(password).await?;
        let roles: Vec<String> = member.roles.iter().map(|role| role_word(*role)).collect();
        let mut set = WriteSet::new();
        set.staff(NewStaff {
            id: member.id.clone(),
            user: user.to_owned(),
            name: member.name.clone(),
            password_hash,
            roles: roles.clone(),
            active: true,
        });
        set.end_sessions_of(&member.id);
        let detail = serde_json::json!({"roles": roles});
        set.audit(AuditEntry::new(by, "staff.enrolled", member.id.as_str()).detail(detail));
        match self.store.commit(set).await {
            Err(teller_store::StoreError::Exists { .. }) => Err(Problem::with(Code::BadField, "user")),
            other => other.map(drop).map_err(Problem::from),
        }
    }

    /// Somebody left: the account stays, for the record, and signs in no more.
    ///
    /// # Errors
    /// `not_found` when there is no such member of staff.
    pub async fn dismiss(&self, id: &StaffId, by: &Actor) -> Result<(), Problem> {
        let staff = self.store.staff(id).await?.ok_or(Code::NotFound)?;
        let mut set = WriteSet::new();
        set.staff(NewStaff { active: false, ..staff.profile });
        set.end_sessions_of(id);
        set.audit(AuditEntry::new(by, "staff.dismissed", id.as_str()));
        self.store.commit(set).await?;
        Ok(())
    }

    async fn hash(&self, password: &str) -> Result<String, Problem> {
        let (password, rng) = (password.to_owned(), self.rng.clone());
        let hashed = tokio::task::spawn_blocking(move || hash_password(&password, &*rng)).await;
        hashed.ok().and_then(Result::ok).ok_or_else(|| Code::Internal.into())
    }
}

/// The stored word of a role; the same as its JSON.
fn role_word(role: Role) -> String {
    let word = match role {
        Role::Agent => "agent",
        Role::Supervisor => "supervisor",
        Role::Release => "release",
        Role::Admin => "admin",
    };
    word.to_owned()
}

fn member(staff: Staff) -> StaffMember {
    let roles = staff.profile.roles.iter();
    // A role that a newer program wrote gives nothing here.
    let roles = roles.filter_map(|word| serde_json::from_value(serde_json::Value::String(word.clone())).ok()).collect();
    StaffMember { id: staff.profile.id, name: staff.profile.name, roles }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_role_reads_back() {
        for role in [Role::Agent, Role::Supervisor, Role::Release, Role::Admin] {
            assert_eq!(serde_json::to_value(role).unwrap(), role_word(role));
        }
    }
}
