//! A whole bank in one process: a real store in a temporary folder, the real
//! sandbox core behind its own contract (no socket), and the real spine.

use crate::faults::{CoreFaultPlan, SeededCrash};
use crate::script::CoreFaults;
use parking_lot::Mutex;
use sandbox_bank::faults::{FaultSettings, Mode};
use sandbox_bank::{Place, SandboxBank};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use teller_bank::testing::RouterTransport;
use teller_bank::{CoreBank, HttpCoreBank};
use teller_conversation::{BankPack, Conversations, Outbound, Packs, Ports, Workshop};
use teller_flows::check::Operations;
use teller_identity::Secrets;
use teller_kernel::ports::fixed::{ManualClock, SeededRng};
use teller_kernel::{Actor, Clock, Code, CustomerId, Problem};
use teller_models::{Catalogue, FAST_VECTORS, FastEncoder};
use teller_pack::{Diagnostic, PackSource};
use teller_store::{Db, StoreConfig, WriteSet};
use teller_understand::intents::cache::EmbeddingCache;
use teller_understand::intents::closer_look;

/// 2026-11-20 10:00 in the bank's zone: the sandbox's business date, in hours.
const START_MS: i64 = 1_795_140_000_000;

/// What every world of a rehearsal shares: the compiled pack and the seeded core.
pub struct Stage {
    pub bank: Arc<BankPack>,
    pub workshop: Workshop,
    core_seed: PathBuf,
}

#[derive(Debug, thiserror::Error)]
pub enum StageError {
    #[error("{0}")]
    Source(#[from] teller_pack::SourceError),
    #[error("the pack has errors")]
    Broken(Vec<Diagnostic>),
}

/// What a pack is compiled with; without the weights, by characters alone.
pub fn workshop(models: Option<&Catalogue>) -> Workshop {
    let folder = models.and_then(|models| models.installed(FAST_VECTORS).ok());
    let encoder = folder.and_then(|folder| FastEncoder::open(&folder).ok()).map(Arc::new);
    let cache = models
        .map_or_else(EmbeddingCache::in_memory, |models| EmbeddingCache::open(&models.root().join("embeddings.cache")));
    let closer = models.and_then(|models| closer_look(models).ok());
    Workshop { encoder, closer, learned: None, cache: Arc::new(cache), operations: Arc::new(operations()) }
}

/// The operations a flow may name, out of the bank room's catalogue.
pub fn operations() -> Operations {
    let orders = |list: &[teller_bank::catalog::Operation]| list.iter().map(|known| known.op.to_owned()).collect();
    Operations {
        reads: teller_bank::catalog::READS.iter().map(|known| known.op.to_owned()).collect(),
        orders: orders(teller_bank::catalog::OPERATIONS),
        protects: orders(teller_bank::catalog::PROTECTIVE),
        calculators: teller_bank::calculators::CALCULATORS.iter().map(|(name, _)| (*name).to_owned()).collect(),
    }
}

impl Stage {
    pub async fn set(pack: &Path, workshop: Workshop) -> Result<Self, StageError> {
        let (bank, notes) = BankPack::compile(PackSource::from_dir(pack)?, &workshop);
        let bank = Arc::new(bank.ok_or(StageError::Broken(notes))?);
        Ok(Self { bank, workshop, core_seed: pack.join("core") })
    }
}

/// A freshly seeded core in memory; it outlives the program's restarts, as the
/// real one does.
async fn open_core(seed: &Path, clock: &Arc<ManualClock>) -> Result<SandboxBank, String> {
    let clock = clock.clone();
    SandboxBank::open(Place::Memory, seed, Arc::new(move || clock.now_ms())).await.map_err(|error| error.to_string())
}

/// How a world behaves.
#[derive(Debug, Clone, Copy, Default)]
pub struct WorldConfig {
    /// Everything drawn in this world follows from it.
    pub seed: u64,
    /// fsync on every commit: for measuring; rehearsals do without.
    pub durable: bool,
}

pub struct World {
    stage: Arc<Stage>,
    config: WorldConfig,
    folder: tempfile::TempDir,
    clock: Arc<ManualClock>,
    rng: Arc<SeededRng>,
    core: SandboxBank,
    pub faults: Arc<CoreFaultPlan>,
    pub crash: Arc<SeededCrash>,
    conversations: Conversations,
    owners: Mutex<HashMap<String, CustomerId>>,
}

impl World {
    pub async fn open(stage: Arc<Stage>, config: WorldConfig) -> Result<Self, Problem> {
        let internal = |_| Problem::new(Code::Internal);
        let folder = tempfile::tempdir().map_err(internal)?;
        let clock = Arc::new(ManualClock::new(START_MS));
        let core =
            open_core(&stage.core_seed, &clock).await.map_err(|why| Problem::with(Code::CoreUnavailable, why))?;
        let faults = Arc::new(CoreFaultPlan::new(config.seed));
        let crash = Arc::new(SeededCrash::default());
        let rng = Arc::new(SeededRng::new(config.seed));
        let parts = Parts {
            stage: &stage,
            config,
            folder: folder.path(),
            clock: &clock,
            rng: &rng,
            core: &core,
            faults: &faults,
            crash: &crash,
        };
        let conversations = parts.assemble().await?;
        let bundle = stage.bank.pack.source.to_bundle();
        let mut set = WriteSet::new();
        set.pack(stage.bank.version(), &stage.bank.pack.manifest.id, bundle);
        set.activate_pack(stage.bank.version(), Actor::system("rehearsal"), "rehearsal");
        conversations.ports().store.commit(set).await?;
        Ok(Self { stage, config, folder, clock, rng, core, faults, crash, conversations, owners: Mutex::default() })
    }

    pub fn conversations(&self) -> &Conversations {
        &self.conversations
    }

    pub fn secrets(&self) -> &Secrets {
        &self.conversations.ports().secrets
    }

    pub fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    pub fn advance_ms(&self, by_ms: i64) {
        self.clock.advance_ms(by_ms);
    }

    pub fn set_core(&self, faults: &CoreFaults) {
        if let Some(mode) = &faults.mode {
            let mode = match mode.as_str() {
                "down" => Mode::Down,
                "end_of_day" => Mode::EndOfDay,
                _ => Mode::Normal,
            };
            self.core.faults().set(FaultSettings { mode, ..FaultSettings::default() });
        }
        self.faults.set(faults.drop_requests_pct, faults.drop_replies_pct);
    }

    /// The program ends, as it stands, and is started anew over the same store.
    pub async fn restart(&mut self) -> Result<(), Problem> {
        self.conversations.ports().store.close().await;
        self.crash.disarm();
        let parts = Parts {
            stage: &self.stage,
            config: self.config,
            folder: self.folder.path(),
            clock: &self.clock,
            rng: &self.rng,
            core: &self.core,
            faults: &self.faults,
            crash: &self.crash,
        };
        self.conversations = parts.assemble().await?;
        self.conversations.recover().await?;
        Ok(())
    }

    /// Text messages to a customer, newest first.
    pub async fn phone(&self, customer: &CustomerId) -> Result<Vec<String>, Problem> {
        const LOOK_BACK: u32 = 8;
        let messages = self.conversations.ports().store.phone_messages(customer, LOOK_BACK).await?;
        Ok(messages.into_iter().map(|message| message.text).collect())
    }

    async fn read(&self, operation: &str, customer: Option<&CustomerId>, params: Value) -> Value {
        self.conversations.ports().core.read(operation, customer, &params).await.unwrap_or(Value::Null)
    }

    /// Ledger balance of any customer's account, in minor units.
    pub async fn ledger_minor(&self, account: &str) -> Option<i64> {
        let owner = self.owner(account).await?;
        let read = self.read("accounts", Some(&owner), json!({})).await;
        let found = read["items"].as_array()?.iter().find(|item| item["id"] == account)?;
        found["ledger"]["minor"].as_i64()
    }

    async fn owner(&self, account: &str) -> Option<CustomerId> {
        if let Some(owner) = self.owners.lock().get(account).cloned() {
            return Some(owner);
        }
        let customers = self.read("customers", None, json!({})).await;
        for customer in customers["items"].as_array()? {
            let id = CustomerId::parse(customer["id"].as_str()?).ok()?;
            let accounts = self.read("accounts", Some(&id), json!({})).await;
            for item in accounts["items"].as_array().into_iter().flatten() {
                if let Some(account) = item["id"].as_str() {
                    self.owners.lock().insert(account.to_owned(), id.clone());
                }
            }
        }
        self.owners.lock().get(account).cloned()
    }

    /// A customer's orders counted by operation and status.
    pub async fn orders(&self, customer: &CustomerId) -> BTreeMap<(String, String), usize> {
        const MOST: u32 = 100;
        let read = self.read("orders", Some(customer), json!({"limit": MOST})).await;
        let mut counts = BTreeMap::new();
        for order in read["items"].as_array().into_iter().flatten() {
            let word = |field: &str| order[field].as_str().unwrap_or_default().to_owned();
            *counts.entry((word("operation"), word("status"))).or_default() += 1;
        }
        counts
    }

    /// Do the core's books balance, and is the audit chain whole?
    pub async fn sound(&self) -> Result<(), String> {
        let journal = self.core.journal().await.map_err(|error| format!("{error:?}"))?;
        crate::books::check(&journal)?;
        self.conversations.ports().store.verify_audit().await.map(|_| ()).map_err(|error| error.to_string())
    }
}

/// The pieces a spine is put together from.
struct Parts<'a> {
    stage: &'a Stage,
    config: WorldConfig,
    folder: &'a Path,
    clock: &'a Arc<ManualClock>,
    rng: &'a Arc<SeededRng>,
    core: &'a SandboxBank,
    faults: &'a Arc<CoreFaultPlan>,
    crash: &'a Arc<SeededCrash>,
}

impl Parts<'_> {
    async fn assemble(&self) -> Result<Conversations, Problem> {
        let internal = |error: String| Problem::with(Code::Internal, error);
        let mut config = StoreConfig::in_folder(self.folder).map_err(|error| internal(error.to_string()))?;
        if !self.config.durable {
            config = config.relaxed();
        }
        let config = config.with_crash(self.crash.clone());
        let store = Db::open(config, self.clock.clone()).await.map_err(|error| internal(error.to_string()))?;
        let plan = self.faults.clone();
        let transport =
            RouterTransport::with_faults(self.core.router(), Box::new(move |method, path| plan.decide(method, path)));
        let core: Arc<dyn CoreBank> = Arc::new(HttpCoreBank::new(Arc::new(transport), self.clock.clone()));
        let ports = Ports {
            clock: self.clock.clone(),
            rng: self.rng.clone(),
            store,
            core,
            secrets: Secrets::new([7; 32]),
            packs: Packs::new(self.stage.workshop.clone(), self.stage.bank.clone()),
            outbound: Outbound::PhoneSimulator,
            rephraser: None,
            crash: self.crash.clone(),
        };
        Ok(Conversations::new(Arc::new(ports)))
    }
}
