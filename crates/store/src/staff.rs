//! Members of staff and their sign-in sessions.
//!
//! Password hashes come made (argon2 text); session tokens come hashed. Counting
//! failures and locking happen in one statement, so that parallel guesses are
//! all counted.

use crate::db::Db;
use crate::error::StoreError;
use crate::limits::PAGE_MAX;
use crate::sql::{Row, vals};
use crate::tx::Tx;
use crate::write::{Op, WriteSet};
use teller_kernel::StaffId;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewStaff {
    pub id: StaffId,
    /// What they type to sign in.
    pub user: String,
    /// What customers and colleagues see.
    pub name: String,
    pub password_hash: String,
    pub roles: Vec<String>,
    /// Someone who left keeps the row and cannot sign in.
    pub active: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staff {
    pub profile: NewStaff,
    /// Failures since the last success or lock.
    pub failed: u32,
    /// 0: not locked.
    pub locked_until_ms: i64,
}

/// A sign-in. `hash` is `token_hash` of the cookie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffSession {
    pub hash: [u8; 32],
    pub staff: StaffId,
    pub csrf: String,
    pub created_at_ms: i64,
    pub last_seen_ms: i64,
    pub expires_at_ms: i64,
}

impl WriteSet {
    /// Inserts or updates a member of staff; failures and locks stay. `Exists`
    /// when another has the user name.
    pub fn staff(&mut self, staff: NewStaff) -> &mut Self {
        self.push(Op::Staff(staff))
    }

    /// Counts a failed sign-in; the `tries_max`-th locks for `lock_ms`.
    pub fn sign_in_failed(&mut self, staff: &StaffId, tries_max: u32, lock_ms: i64) -> &mut Self {
        self.push(Op::SignInFailed { staff: staff.clone(), tries_max, lock_ms })
    }

    /// Forgets failures and lock.
    pub fn sign_in_passed(&mut self, staff: &StaffId) -> &mut Self {
        self.push(Op::SignInPassed { staff: staff.clone() })
    }

    pub fn staff_session(&mut self, session: StaffSession) -> &mut Self {
        self.push(Op::StaffSession(session))
    }

    /// Moves the end of a session; one that is gone stays gone.
    pub fn touch_session(&mut self, hash: [u8; 32], expires_at_ms: i64) -> &mut Self {
        self.push(Op::TouchSession { hash, expires_at_ms })
    }

    pub fn end_session(&mut self, hash: [u8; 32]) -> &mut Self {
        self.push(Op::EndSession { hash })
    }

    /// Ends every session of a member of staff.
    pub fn end_sessions_of(&mut self, staff: &StaffId) -> &mut Self {
        self.push(Op::EndSessionsOf { staff: staff.clone() })
    }
}

pub(crate) async fn put(tx: &mut Tx<'_>, staff: &NewStaff) -> Result<(), StoreError> {
    let sql = "SELECT 1 FROM staff WHERE user_name = $1 AND id <> $2";
    if tx.one(sql, vals![&staff.user, staff.id.as_str()]).await?.is_some() {
        return Err(StoreError::Exists { what: "user name" });
    }
    let roles = serde_json::json!(staff.roles).to_string();
    tx.run(
        "INSERT INTO staff (id, user_name, name, password_hash, roles, active) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (id) DO UPDATE SET user_name = excluded.user_name, name = excluded.name,
           password_hash = excluded.password_hash, roles = excluded.roles, active = excluded.active",
        vals![staff.id.as_str(), &staff.user, &staff.name, &staff.password_hash, roles, staff.active],
    )
    .await?;
    Ok(())
}

pub(crate) async fn failed(tx: &mut Tx<'_>, staff: &StaffId, tries_max: u32, lock_ms: i64) -> Result<(), StoreError> {
    tx.run(
        "UPDATE staff SET
           locked_until_ms = CASE WHEN failed + 1 >= $2 THEN $3 ELSE locked_until_ms END,
           failed = CASE WHEN failed + 1 >= $2 THEN 0 ELSE failed + 1 END
         WHERE id = $1",
        vals![staff.as_str(), tries_max, tx.now_ms.saturating_add(lock_ms)],
    )
    .await?;
    Ok(())
}

pub(crate) async fn passed(tx: &mut Tx<'_>, staff: &StaffId) -> Result<(), StoreError> {
    tx.run("UPDATE staff SET failed = 0, locked_until_ms = 0 WHERE id = $1", vals![staff.as_str()]).await?;
    Ok(())
}

pub(crate) async fn put_session(tx: &mut Tx<'_>, session: &StaffSession) -> Result<(), StoreError> {
    let added = tx
        .run(
            "INSERT INTO staff_sessions (hash, staff, csrf, created_at_ms, last_seen_ms, expires_at_ms)
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (hash) DO NOTHING",
            vals![
                &session.hash,
                session.staff.as_str(),
                &session.csrf,
                session.created_at_ms,
                session.last_seen_ms,
                session.expires_at_ms
            ],
        )
        .await?;
    if added == 0 { Err(StoreError::Exists { what: "session" }) } else { Ok(()) }
}

pub(crate) async fn touch_session(tx: &mut Tx<'_>, hash: &[u8; 32], expires_at_ms: i64) -> Result<(), StoreError> {
    tx.run(
        "UPDATE staff_sessions SET last_seen_ms = $2, expires_at_ms = $3 WHERE hash = $1",
        vals![hash, tx.now_ms, expires_at_ms],
    )
    .await?;
    Ok(())
}

pub(crate) async fn end_session(tx: &mut Tx<'_>, hash: &[u8; 32]) -> Result<(), StoreError> {
    tx.run("DELETE FROM staff_sessions WHERE hash = $1", vals![hash]).await?;
    Ok(())
}

pub(crate) async fn end_sessions_of(tx: &mut Tx<'_>, staff: &StaffId) -> Result<(), StoreError> {
    tx.run("DELETE FROM staff_sessions WHERE staff = $1", vals![staff.as_str()]).await?;
    Ok(())
}

macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT id, user_name, name, password_hash, roles, active, failed, locked_until_ms FROM staff ", $rest)
    };
}

fn from_row(row: &Row) -> Result<Staff, StoreError> {
    let roles = serde_json::from_str(&row.text(4)?).map_err(|_| StoreError::damaged("roles are not a list"))?;
    Ok(Staff {
        profile: NewStaff {
            id: row.parse(0)?,
            user: row.text(1)?,
            name: row.text(2)?,
            password_hash: row.text(3)?,
            roles,
            active: row.int(5)? != 0,
        },
        failed: u32::try_from(row.int(6)?).map_err(|_| StoreError::damaged("failures out of range"))?,
        locked_until_ms: row.int(7)?,
    })
}

impl Db {
    pub async fn staff(&self, id: &StaffId) -> Result<Option<Staff>, StoreError> {
        let row = self.readers()?.one(select!("WHERE id = $1"), vals![id.as_str()]).await?;
        row.as_ref().map(from_row).transpose()
    }

    pub async fn staff_by_user(&self, user: &str) -> Result<Option<Staff>, StoreError> {
        let row = self.readers()?.one(select!("WHERE user_name = $1"), vals![user]).await?;
        row.as_ref().map(from_row).transpose()
    }

    pub async fn staff_list(&self, limit: u32) -> Result<Vec<Staff>, StoreError> {
        let rows = self.readers()?.all(select!("ORDER BY user_name LIMIT $1"), vals![limit.min(PAGE_MAX)]).await?;
        rows.iter().map(from_row).collect()
    }

    /// A session by its token's hash, expired or not.
    pub async fn staff_session(&self, hash: &[u8; 32]) -> Result<Option<StaffSession>, StoreError> {
        let sql = "SELECT hash, staff, csrf, created_at_ms, last_seen_ms, expires_at_ms
             FROM staff_sessions WHERE hash = $1";
        let row = self.readers()?.one(sql, vals![hash]).await?;
        row.map(|row| {
            Ok(StaffSession {
                hash: row.hash(0)?,
                staff: row.parse(1)?,
                csrf: row.text(2)?,
                created_at_ms: row.int(3)?,
                last_seen_ms: row.int(4)?,
                expires_at_ms: row.int(5)?,
            })
        })
        .transpose()
    }
}
