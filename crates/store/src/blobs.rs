//! Immutable blobs (receipts, statements, images), named by the SHA-256 of what
//! is stored. With a subject the content is sealed under its key, and the name
//! is that of the ciphertext: it tells nothing about the content.

use crate::db::Db;
use crate::error::StoreError;
use crate::limits::BLOB_MAX_BYTES;
use crate::sql::vals;
use crate::subject::Subject;
use crate::tx::Tx;
use crate::vault::aad;
use crate::write::{Op, WriteSet};
use sha2::{Digest, Sha256};

impl WriteSet {
    /// Keeps a blob; its name is in `Applied::blobs`. `None` is for content
    /// about no person.
    pub fn blob(&mut self, subject: Option<Subject>, bytes: Vec<u8>) -> &mut Self {
        self.push(Op::Blob { subject, bytes })
    }
}

fn place(subject: &str) -> Vec<u8> {
    aad(&["blob", subject])
}

pub(crate) async fn put(tx: &mut Tx<'_>, subject: Option<&Subject>, bytes: &[u8]) -> Result<(), StoreError> {
    if bytes.len() > BLOB_MAX_BYTES {
        return Err(StoreError::TooLarge { what: "blob", limit: BLOB_MAX_BYTES });
    }
    let subject = subject.map(Subject::as_str);
    let (key_id, stored) = match subject {
        Some(subject) => {
            let key = tx.key(subject).await?;
            (Some(key.id), key.seal(&place(subject), bytes)?)
        }
        None => (None, bytes.to_vec()),
    };
    let id = hex::encode(Sha256::digest(&stored));
    tx.run(
        "INSERT INTO blobs (id, subject, key_id, bytes, created_at_ms) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (id) DO NOTHING",
        vals![&id, subject, key_id, stored, tx.now_ms],
    )
    .await?;
    tx.applied.blobs.push(id);
    Ok(())
}

impl Db {
    /// A blob's content, checked against its name.
    ///
    /// # Errors
    /// `Erased` when it was sealed and its key is gone, `Damaged` when it is not
    /// what was stored.
    pub async fn blob(&self, id: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let pool = self.readers()?;
        let sql = "SELECT subject, key_id, bytes FROM blobs WHERE id = $1";
        let Some(row) = pool.one(sql, vals![id]).await? else { return Ok(None) };
        let stored = row.blob(2)?;
        if hex::encode(Sha256::digest(&stored)) != id {
            return Err(StoreError::damaged("a blob is not what its name says"));
        }
        match (row.opt_text(0)?, row.opt_int(1)?) {
            (Some(subject), Some(key_id)) => {
                let key = self.vault().for_reading(pool, key_id).await?;
                key.open(&place(&subject), &stored).map(Some)
            }
            _ => Ok(Some(stored)),
        }
    }
}
