//! Staff access: who works here, in which roles, and their passwords.
//!
//! Passwords are kept as argon2id hashes; a wrong user name costs as much time
//! as a wrong password. Sessions and lockout counters live in the store.

use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use teller_kernel::Rng;

/// Wrong passwords in a row before the account rests.
pub const TRIES_MAX: u32 = 5;
/// How long it rests.
pub const LOCK_MS: i64 = 15 * 60_000;
/// A session unused for so long is over.
pub const IDLE_MS: i64 = 30 * 60_000;
/// And so is every session after a working day.
pub const SESSION_MS: i64 = 12 * 3_600_000;

/// What a member of staff may do. One permission is asked for by each route.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// Take conversations, answer customers.
    Converse,
    /// Read any conversation with its traces.
    Explain,
    /// Be one of the four eyes over a held operation.
    Release,
    /// Activate and roll back packs.
    ManagePacks,
}

/// A role and what it may do: the whole table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Agent,
    Supervisor,
    Release,
    Admin,
}

impl Role {
    pub fn permissions(self) -> &'static [Permission] {
        match self {
            Self::Agent => &[Permission::Converse],
            Self::Supervisor => &[Permission::Converse, Permission::Explain],
            Self::Release => &[Permission::Release],
            Self::Admin => &[Permission::Explain, Permission::ManagePacks],
        }
    }
}

pub fn may(roles: &[Role], permission: Permission) -> bool {
    roles.iter().any(|role| role.permissions().contains(&permission))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    #[error("the password could not be hashed")]
    Hashing,
}

/// OWASP's floor for argon2id: 19 MiB, two passes, one lane.
fn argon2() -> Argon2<'static> {
    let params = Params::new(19 * 1024, 2, 1, None).expect("fixed parameters within argon2's bounds");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

pub fn hash_password(password: &str, rng: &dyn Rng) -> Result<String, PasswordError> {
    let mut salt = [0u8; 16];
    rng.fill(&mut salt);
    argon2()
        .hash_password_with_salt(password.as_bytes(), &salt)
        .map(|hash| hash.to_string())
        .map_err(|_| PasswordError::Hashing)
}

/// Checks a password; without a kept hash it takes the same time and says no.
pub fn check_password(password: &str, kept: Option<&str>) -> bool {
    /// The hash of a password nobody knows.
    const NOBODY: &str =
        "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let hash = PasswordHash::new(kept.unwrap_or(NOBODY));
    let fits = hash.is_ok_and(|hash| argon2().verify_password(password.as_bytes(), &hash).is_ok());
    fits && kept.is_some()
}

/// A bearer secret for a session or a conversation: 32 bytes of chance, hex.
pub fn bearer(rng: &dyn Rng) -> String {
    let mut bytes = [0u8; 32];
    rng.fill(&mut bytes);
    hex::encode(bytes)
}

/// What is kept of a bearer secret.
pub fn bearer_hash(bearer: &str) -> [u8; 32] {
    Sha256::digest(bearer.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use teller_kernel::ports::fixed::SeededRng;

    #[test]
    fn only_the_right_password_fits() {
        let kept = hash_password("云杉-demo-1", &SeededRng::new(5)).unwrap();
        assert!(check_password("云杉-demo-1", Some(&kept)));
        assert!(!check_password("云杉-demo-2", Some(&kept)));
        assert!(!check_password("云杉-demo-1", None));
        assert!(!check_password("x", Some("not a hash")));
    }

    #[test]
    fn four_eyes_and_administration_are_separate_roles() {
        assert!(!may(&[Role::Agent, Role::Admin, Role::Supervisor], Permission::Release));
        assert!(!may(&[Role::Release], Permission::ManagePacks));
    }
}
