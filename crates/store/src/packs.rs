//! Bank packs by content version, which one speaks, and every article version
//! that was ever published, so that a citation can be opened forever.
//!
//! Invariants: a version's bytes never change; activations are only appended
//! (a rollback is an activation of an older version) and each leaves an audit
//! row in the same transaction.

use crate::audit::AuditEntry;
use crate::db::Db;
use crate::error::StoreError;
use crate::limits::{PACK_MAX_BYTES, PAGE_MAX};
use crate::sql::{Row, vals};
use crate::tx::Tx;
use crate::write::{Op, WriteSet};
use serde_json::json;
use teller_kernel::{Actor, Localized, PackVersion};

/// One version of a pack, without its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackEntry {
    pub version: PackVersion,
    /// The pack's own name, the same over its versions.
    pub id: String,
    pub bytes: u64,
    pub created_at_ms: i64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activation {
    pub seq: u64,
    pub pack: String,
    pub version: PackVersion,
    /// `Actor::label`.
    pub by: String,
    pub at_ms: i64,
    pub reason: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArticleVersion {
    pub article: String,
    /// Content hash of the article.
    pub version: String,
    /// The pack it was first published in.
    pub pack: PackVersion,
    pub title: Localized,
    pub body: Localized,
}

impl WriteSet {
    /// Keeps a pack's archive; one that is kept already is left as it is.
    pub fn pack(&mut self, version: &PackVersion, id: &str, bytes: Vec<u8>) -> &mut Self {
        self.push(Op::Pack { version: version.clone(), id: id.to_owned(), bytes })
    }

    /// Lets a kept version speak from now on.
    pub fn activate_pack(&mut self, version: &PackVersion, by: Actor, reason: &str) -> &mut Self {
        self.push(Op::ActivatePack { version: version.clone(), by, reason: reason.to_owned() })
    }

    /// Keeps an article version; one that is kept already is left as it is.
    pub fn article_version(&mut self, article: ArticleVersion) -> &mut Self {
        self.push(Op::Article(Box::new(article)))
    }
}

pub(crate) async fn put(tx: &mut Tx<'_>, version: &PackVersion, id: &str, bytes: &[u8]) -> Result<(), StoreError> {
    if bytes.len() > PACK_MAX_BYTES {
        return Err(StoreError::TooLarge { what: "pack", limit: PACK_MAX_BYTES });
    }
    tx.run(
        "INSERT INTO packs (version, id, bytes, created_at_ms) VALUES ($1, $2, $3, $4) ON CONFLICT (version) DO NOTHING",
        vals![version.as_str(), id, bytes, tx.now_ms],
    )
    .await?;
    Ok(())
}

pub(crate) async fn activate(
    tx: &mut Tx<'_>,
    version: &PackVersion,
    by: &Actor,
    reason: &str,
) -> Result<(), StoreError> {
    let row = tx
        .one("SELECT id FROM packs WHERE version = $1", vals![version.as_str()])
        .await?
        .ok_or(StoreError::NotFound { what: "pack" })?;
    let pack = row.text(0)?;
    tx.run(
        "INSERT INTO pack_activations (pack, version, by_actor, at_ms, reason) VALUES ($1, $2, $3, $4, $5)",
        vals![&pack, version.as_str(), by.label(), tx.now_ms, reason],
    )
    .await?;
    let entry = AuditEntry::new(by, "pack.activated", version.as_str()).detail(json!({"pack": pack, "reason": reason}));
    tx.audit(&entry, None).await
}

pub(crate) async fn put_article(tx: &mut Tx<'_>, article: &ArticleVersion) -> Result<(), StoreError> {
    tx.run(
        "INSERT INTO article_versions (article, version, pack, title, bodies, created_at_ms)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (article, version) DO NOTHING",
        vals![
            &article.article,
            &article.version,
            article.pack.as_str(),
            json!(article.title).to_string(),
            json!(article.body).to_string(),
            tx.now_ms,
        ],
    )
    .await?;
    Ok(())
}

fn activation(row: &Row) -> Result<Activation, StoreError> {
    Ok(Activation {
        seq: row.seq(0)?,
        pack: row.text(1)?,
        version: row.parse(2)?,
        by: row.text(3)?,
        at_ms: row.int(4)?,
        reason: row.text(5)?,
    })
}

fn localized(row: &Row, at: usize) -> Result<Localized, StoreError> {
    serde_json::from_str(&row.text(at)?).map_err(|_| StoreError::damaged("an article's text is not readable"))
}

impl Db {
    /// A pack's archive.
    pub async fn pack(&self, version: &PackVersion) -> Result<Option<Vec<u8>>, StoreError> {
        let row = self.readers()?.one("SELECT bytes FROM packs WHERE version = $1", vals![version.as_str()]).await?;
        row.map(|row| row.blob(0)).transpose()
    }

    /// Kept versions, newest first.
    pub async fn packs(&self, limit: u32) -> Result<Vec<PackEntry>, StoreError> {
        let sql = "SELECT version, id, length(bytes), created_at_ms FROM packs
             ORDER BY created_at_ms DESC, version LIMIT $1";
        let rows = self.readers()?.all(sql, vals![limit.min(PAGE_MAX)]).await?;
        rows.iter()
            .map(|row| {
                Ok(PackEntry {
                    version: row.parse(0)?,
                    id: row.text(1)?,
                    bytes: row.seq(2)?,
                    created_at_ms: row.int(3)?,
                })
            })
            .collect()
    }

    /// The version of a pack that speaks; `None` when none was activated.
    pub async fn active_pack(&self, id: &str) -> Result<Option<Activation>, StoreError> {
        let sql = "SELECT seq, pack, version, by_actor, at_ms, reason FROM pack_activations
             WHERE pack = $1 ORDER BY seq DESC LIMIT 1";
        self.readers()?.one(sql, vals![id]).await?.as_ref().map(activation).transpose()
    }

    /// Activations of all packs, newest first.
    pub async fn activations(&self, limit: u32) -> Result<Vec<Activation>, StoreError> {
        let sql = "SELECT seq, pack, version, by_actor, at_ms, reason FROM pack_activations
             ORDER BY seq DESC LIMIT $1";
        self.readers()?.all(sql, vals![limit.min(PAGE_MAX)]).await?.iter().map(activation).collect()
    }

    pub async fn article_version(&self, article: &str, version: &str) -> Result<Option<ArticleVersion>, StoreError> {
        let sql = "SELECT article, version, pack, title, bodies FROM article_versions
             WHERE article = $1 AND version = $2";
        let row = self.readers()?.one(sql, vals![article, version]).await?;
        row.map(|row| {
            Ok(ArticleVersion {
                article: row.text(0)?,
                version: row.text(1)?,
                pack: row.parse(2)?,
                title: localized(&row, 3)?,
                body: localized(&row, 4)?,
            })
        })
        .transpose()
    }
}
