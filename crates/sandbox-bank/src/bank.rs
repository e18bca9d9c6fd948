//! The bank as one value: ledger, terms, clock, fault switch.

use crate::config::Config;
use crate::day;
use crate::db::{Db, Reader, Writer};
use crate::error::Fail;
use crate::faults::Faults;
use crate::orders::life::{Frame, due_now, run_due};
use crate::seed::{self, Seed, SeedError};
use crate::store::{Conn, Cx, meta, stored_date};
use crate::time::{Clock, local};
use axum::Router;
use jiff::civil::Date;
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where the ledger lives.
#[derive(Debug, Clone)]
pub enum Place {
    Memory,
    File(PathBuf),
}

impl From<&Path> for Place {
    fn from(path: &Path) -> Self {
        if path == Path::new(":memory:") { Self::Memory } else { Self::File(path.to_owned()) }
    }
}

/// What the business date is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BusinessDate {
    /// The seed's.
    #[default]
    Seed,
    Fixed(Date),
    /// The clock's date, turned by itself at midnight.
    FollowClock,
}

#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    pub business_date: BusinessDate,
    /// Service hours are not looked at (a demo at night).
    pub always_open: bool,
}

#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(transparent)]
    Seed(#[from] SeedError),
    #[error("the ledger cannot be opened: {0}")]
    Storage(#[from] sqlx::Error),
    #[error("the seed does not make a ledger: {0}")]
    Load(String),
}

pub(crate) struct Inner {
    pub db: Db,
    seed: Arc<Seed>,
    pub clock: Clock,
    pub faults: Arc<Faults>,
    options: Options,
}

/// A running sandbox bank; clones share it.
#[derive(Clone)]
pub struct SandboxBank(pub(crate) Arc<Inner>);

type Images = BTreeMap<(String, Date), Arc<Vec<u8>>>;

/// Images of freshly seeded ledgers, by seed and business date.
static IMAGES: Mutex<Images> = Mutex::new(BTreeMap::new());

impl SandboxBank {
    /// Opens a ledger, seeding it when it is empty. `seed` is the folder with
    /// `bank.yaml` and `customers.yaml`, or one of the two files.
    pub async fn open(place: impl Into<Place>, seed: &Path, clock: Clock) -> Result<Self, OpenError> {
        Self::open_with(place, seed, clock, Options::default()).await
    }

    pub async fn open_with(
        place: impl Into<Place>,
        seed: &Path,
        clock: Clock,
        options: Options,
    ) -> Result<Self, OpenError> {
        let seed = Seed::read(seed)?;
        let today = match options.business_date {
            BusinessDate::Seed => seed.config.business_date,
            BusinessDate::Fixed(date) => date,
            BusinessDate::FollowClock => local(clock()).date(),
        };
        let db = match place.into() {
            Place::File(path) => {
                let db = Db::file(&path).await?;
                seed_if_empty(&db, &seed, today).await?;
                db
            }
            Place::Memory => {
                let key = (seed.hash.clone(), today);
                let image = IMAGES.lock().get(&key).cloned();
                match image {
                    Some(image) => Db::memory(Some(&image)).await?,
                    None => {
                        let db = Db::memory(None).await?;
                        seed_if_empty(&db, &seed, today).await?;
                        let image = Arc::new(db.image().await?);
                        IMAGES.lock().insert(key, image);
                        db
                    }
                }
            }
        };
        let faults = Arc::new(Faults::default());
        Ok(Self(Arc::new(Inner { db, seed, clock, faults, options })))
    }

    /// The HTTP service, the fault switch's modes and delays included.
    pub fn router(&self) -> Router {
        crate::http::router(self.0.clone())
    }

    /// The HTTP service behind the whole fault switch: a request or a reply
    /// may be dropped, which the caller sees as a transport error.
    pub fn service(&self) -> crate::faults::Faulty<Router> {
        crate::faults::Faulty::new(self.router(), self.0.faults.clone())
    }

    /// The fault switch.
    pub fn faults(&self) -> Arc<Faults> {
        self.0.faults.clone()
    }

    /// The whole journal in hledger's format.
    pub async fn journal(&self) -> Result<String, Fail> {
        let mut unit = self.0.read().await?;
        crate::export::journal(unit.cx().conn).await
    }

    /// Turns the business date by `days`.
    pub async fn advance_days(&self, days: i64) -> Result<Date, Fail> {
        let mut writer = self.0.db.writer().await;
        let mut tx = writer.begin().await?;
        let frame = self.0.frame(&mut tx).await?;
        let to = crate::time::plus_days(frame.today, days);
        let today = day::turn_to(&mut tx, &frame, to).await?;
        tx.commit().await?;
        Ok(today)
    }
}

async fn seed_if_empty(db: &Db, seed: &Seed, today: Date) -> Result<(), OpenError> {
    let mut writer = db.writer().await;
    let mut tx = writer.begin().await?;
    let seeded = meta(&mut tx, "seed").await.map_err(|error| OpenError::Load(error.to_string()))?;
    if seeded.is_none() {
        seed::load(&mut tx, seed, today).await.map_err(|error| OpenError::Load(error.to_string()))?;
    }
    tx.commit().await?;
    Ok(())
}

/// A connection to read from, with the context of the moment.
pub(crate) struct Unit<'a> {
    reader: Reader<'a>,
    frame: Frame<'a>,
}

impl Unit<'_> {
    pub fn cx(&mut self) -> Cx<'_> {
        self.frame.cx(&mut self.reader)
    }
}

impl Inner {
    pub fn config(&self) -> &Config {
        &self.seed.config
    }

    pub async fn frame(&self, conn: &mut Conn) -> Result<Frame<'_>, Fail> {
        let today = meta(conn, "business_date").await?.ok_or(Fail::Data("business date"))?;
        Ok(Frame {
            bank: self.config(),
            now_ms: (self.clock)(),
            today: stored_date(&today)?,
            always_open: self.options.always_open,
        })
    }

    /// What is due is carried out before anything is looked at.
    pub async fn read(&self) -> Result<Unit<'_>, Fail> {
        let mut reader = self.db.reader().await?;
        let frame = self.frame(&mut reader).await?;
        if self.behind(&mut reader, &frame).await? {
            drop(reader);
            let mut writer = self.writer().await;
            self.catch_up(&mut writer).await?;
            drop(writer);
            reader = self.db.reader().await?;
        }
        let frame = self.frame(&mut reader).await?;
        Ok(Unit { reader, frame })
    }

    pub async fn writer(&self) -> Writer<'_> {
        self.db.writer().await
    }

    /// The date the clock says it is, when the bank follows it.
    fn clock_date(&self, now_ms: i64) -> Option<Date> {
        (self.options.business_date == BusinessDate::FollowClock).then(|| local(now_ms).date())
    }

    async fn behind(&self, conn: &mut Conn, frame: &Frame<'_>) -> Result<bool, Fail> {
        let turned = self.clock_date(frame.now_ms).is_some_and(|date| date > frame.today);
        Ok(turned || due_now(conn, frame.now_ms, frame.today).await?)
    }

    /// Turns the date if the clock has, and carries out what is due.
    pub async fn catch_up(&self, writer: &mut Writer<'_>) -> Result<(), Fail> {
        let mut tx = writer.begin().await?;
        let mut frame = self.frame(&mut tx).await?;
        if !self.behind(&mut tx, &frame).await? {
            return Ok(());
        }
        if let Some(date) = self.clock_date(frame.now_ms).filter(|date| *date > frame.today) {
            let latest = crate::time::plus_days(frame.today, day::DAYS_PER_TURN_MAX);
            frame.today = day::turn_to(&mut tx, &frame, date.min(latest)).await?;
        }
        run_due(&mut tx, &frame).await?;
        tx.commit().await?;
        Ok(())
    }
}
