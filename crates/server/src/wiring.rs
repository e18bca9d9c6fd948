//! Putting the rooms together: from settings to a running `App`.

use crate::app::{App, Parts};
use crate::config::Settings;
use crate::demo::{self, DemoBank};
use crate::http::rate::Limiter;
use crate::hub::Hub;
use crate::rephraser::ModelRephraser;
use crate::{packs, secret_file};
use anyhow::{Context, Result, bail};
use std::path::Path;
use std::sync::Arc;
use teller_bank::http::TransportSettings;
use teller_bank::{CoreBank, HttpCoreBank, ReqwestTransport};
use teller_conversation::{BankPack, Conversations, Outbound, Packs, Ports, Rephraser, Workshop};
use teller_desk::{Access, Desk};
use teller_kernel::{Actor, Clock, Rng};
use teller_llm::Gateway;
use teller_models::{
    Catalogue, DecisionLog, FAST_VECTORS, FastEncoder, Kind, LOG_INTENTS, ModelError, PoolConfig, Registry,
    SemanticPool, Taught,
};
use teller_store::{DATABASE_FILE, Db, NoCrash, StoreConfig};
use teller_understand::intents::cache::EmbeddingCache;
use teller_understand::intents::{CloserLook, semantic_encoder};
use teller_understand::learned::Learned;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Vectors of the pack's texts, so that a start embeds only what is new.
const VECTORS_FILE: &str = "cache/vectors.bin";
/// Members of staff looked at when the demo makes its own.
const STAFF_MAX: u32 = 500;

/// A server that is put together and not yet listening.
pub struct Wired {
    pub app: App,
    /// Send `true` to stop.
    pub stop: watch::Sender<bool>,
    /// The hub; ends when this is dropped.
    pub tasks: JoinSet<()>,
}

/// Opens everything under the data folder and puts a pack into service.
pub async fn wire(settings: &Settings, core_url: &str, clock: Arc<dyn Clock>, rng: Arc<dyn Rng>) -> Result<Wired> {
    let (store, secrets) = open_store(settings, clock.clone(), &*rng).await?;
    let workshop = workshop(settings)?;
    let bank = bank_in_service(settings, &store, &workshop).await?;
    if let Err(error) = workshop.cache.save() {
        tracing::warn!(%error, "the vectors were not kept; the next start computes them again");
    }
    let transport = ReqwestTransport::new(&TransportSettings::new(core_url)).context("the core's address")?;
    let core: Arc<dyn CoreBank> = Arc::new(HttpCoreBank::new(Arc::new(transport), clock.clone()));
    let access = Access::new(store.clone(), clock.clone(), rng.clone());
    let demo = if settings.demo {
        let known = store.staff_list(STAFF_MAX).await?;
        let known: Vec<_> = known.into_iter().map(|staff| staff.profile.id).collect();
        demo::enrol_staff(&access, &known).await.context("demo staff")?;
        Some(DemoBank::new(core_url).context("the demo bank's switch")?)
    } else {
        None
    };
    let gateway = gateway(settings, &clock, &rng)?;
    let conversations = Conversations::new(Arc::new(Ports {
        clock: clock.clone(),
        rng: rng.clone(),
        store: store.clone(),
        core: core.clone(),
        secrets: secrets.clone(),
        packs: Packs::new(workshop, bank),
        outbound: Outbound::PhoneSimulator,
        rephraser: gateway.clone().map(|gateway| Arc::new(ModelRephraser(gateway)) as Arc<dyn Rephraser>),
        crash: Arc::new(NoCrash),
    }));
    let hub = Hub::default();
    let mut tasks = JoinSet::new();
    tasks.spawn(hub.clone().run(store.notices()));
    let (stop, stopping) = watch::channel(false);
    let app = App::new(Parts {
        desk: Desk::new(store.clone(), conversations.clone(), core.clone(), clock.clone()),
        limiter: Limiter::new(clock.clone(), settings.rate_limits),
        secure_cookies: settings.secure_cookies,
        proxies: settings.proxies,
        clock,
        rng,
        store,
        core,
        secrets,
        conversations,
        access,
        hub,
        gateway,
        demo,
        stopping,
    });
    Ok(Wired { app, stop, tasks })
}

/// The language model, where the bank has one.
fn gateway(settings: &Settings, clock: &Arc<dyn Clock>, rng: &Arc<dyn Rng>) -> Result<Option<Arc<Gateway>>> {
    let Some(llm) = settings.llm.as_ref().filter(|llm| !llm.uses.is_empty()) else { return Ok(None) };
    let gateway = Gateway::new(llm, clock.clone(), rng.clone())?;
    for (used, of) in &llm.uses {
        tracing::info!(
            used = used.as_str(),
            model = of.model,
            prompt = of.prompt,
            enabled = of.enabled,
            "language model"
        );
    }
    Ok(Some(Arc::new(gateway)))
}

/// The data folder, readable by its owner alone.
pub fn make_folder(folder: &Path) -> Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).with_context(|| format!("data folder {}", folder.display()))
}

/// Makes the folder and the identity secret, both on the first start only;
/// the secret before there is a database.
pub fn prepare_folder(settings: &Settings, rng: &dyn Rng) -> Result<teller_identity::Secrets> {
    make_folder(&settings.data)?;
    let database = settings.data.join(DATABASE_FILE);
    Ok(secret_file::open(&settings.data.join(secret_file::FILE), &database, rng)?)
}

async fn open_store(
    settings: &Settings,
    clock: Arc<dyn Clock>,
    rng: &dyn Rng,
) -> Result<(Db, teller_identity::Secrets)> {
    let secrets = prepare_folder(settings, rng)?;
    let mut config = StoreConfig::in_folder(&settings.data)?;
    config.max_bytes = settings.max_database_bytes;
    Ok((Db::open(config, clock).await?, secrets))
}

/// The catalogue of models in the configured folder, under this bank's decisions
/// about what may serve.
pub fn catalogue(settings: &Settings) -> Result<Catalogue> {
    let catalogue = match &settings.models_dir {
        Some(folder) => Catalogue::embedded_in(folder)?,
        None => Catalogue::embedded()?,
    };
    let decisions = DecisionLog::in_folder(&settings.data).read().map_err(coded)?;
    let taught = Taught::in_folder(LOG_INTENTS, &settings.data).record().map_err(coded)?;
    Ok(catalogue.with_registry(Registry::embedded()?.with(taught).under(decisions)))
}

/// Weights that are part of the program serve under the same rule: without an
/// approval it does not start.
fn built_in_weights(registry: &Registry) -> Result<()> {
    for record in registry.records().iter().filter(|record| record.kind == Kind::BuiltIn) {
        registry.check(&record.name, &record.sha256).map_err(coded)?;
    }
    Ok(())
}

/// A failure of the models room with the name that it has for programs.
pub fn coded(error: ModelError) -> anyhow::Error {
    anyhow::anyhow!("{}: {error}", error.code())
}

/// The fast encoder, if it may serve; a missing or damaged one is an error.
fn encoder(catalogue: &Catalogue) -> Result<Option<Arc<FastEncoder>>> {
    match catalogue.installed(FAST_VECTORS) {
        Ok(folder) => Ok(Some(Arc::new(FastEncoder::open(&folder).map_err(coded)?))),
        Err(error @ ModelError::NotApproved { .. }) => {
            tracing::warn!(code = error.code(), %error, "customers are understood by characters alone");
            Ok(None)
        }
        Err(error) => Err(coded(error)),
    }
}

/// The adapted semantic encoder behind its pool, if it may serve. A message that
/// it has no time for is understood by the fast tier.
fn closer(catalogue: &Catalogue) -> Result<Option<CloserLook>> {
    let encoder = match semantic_encoder(catalogue) {
        Ok(encoder) => encoder,
        Err(error @ ModelError::NotApproved { .. }) => {
            tracing::warn!(code = error.code(), %error, "customers are understood by the fast tier alone");
            return Ok(None);
        }
        Err(error) => return Err(coded(error)),
    };
    let pool = SemanticPool::start(Arc::new(encoder), PoolConfig::default()).map_err(coded)?;
    Ok(Some(Arc::new(move |normal| pool.embed(normal).ok())))
}

/// What was learned from the bank's own logs, if it may serve.
fn learned(settings: &Settings, registry: &Registry) -> Result<Option<Arc<Learned>>> {
    match Taught::in_folder(LOG_INTENTS, &settings.data).approved(registry) {
        Ok(None) => Ok(None),
        Ok(Some(bytes)) => {
            let learned = Learned::from_bytes(&bytes).with_context(|| format!("model {}", LOG_INTENTS.name))?;
            Ok(Some(Arc::new(learned)))
        }
        Err(error @ ModelError::NotApproved { .. }) => {
            tracing::warn!(code = error.code(), %error, "the bank's logs are not heard");
            Ok(None)
        }
        Err(error) => Err(coded(error)),
    }
}

/// What packs are compiled with: the encoders, vectors at hand, operations.
pub fn workshop(settings: &Settings) -> Result<Workshop> {
    let catalogue = catalogue(settings)?;
    built_in_weights(catalogue.registry())?;
    let (encoder, closer) = if settings.models {
        // The closer look stands on the fast tier: without that it is no use.
        let encoder = encoder(&catalogue)?;
        let closer = if encoder.is_some() { closer(&catalogue)? } else { None };
        (encoder, closer)
    } else {
        tracing::warn!("serving without models: customers are understood by characters alone");
        (None, None)
    };
    let learned = if encoder.is_some() { learned(settings, catalogue.registry())? } else { None };
    Ok(Workshop {
        encoder,
        closer,
        learned,
        cache: Arc::new(EmbeddingCache::open(&settings.data.join(VECTORS_FILE))),
        operations: Arc::new(packs::operations()),
    })
}

/// The pack that speaks: in demo mode the folder's, else the one activated last.
async fn bank_in_service(settings: &Settings, store: &Db, workshop: &Workshop) -> Result<Arc<BankPack>> {
    if settings.demo {
        return demo_pack(settings, store, workshop).await;
    }
    let Some(last) = store.activations(1).await?.pop() else {
        bail!("no pack was ever activated; run `teller pack activate DIR` first");
    };
    Ok(packs::load(store, &last.version, workshop).await?)
}

async fn demo_pack(settings: &Settings, store: &Db, workshop: &Workshop) -> Result<Arc<BankPack>> {
    let folder = &settings.pack;
    let bank = match packs::import(store, folder, workshop).await {
        Err(packs::PackError::Broken(notes)) => {
            for note in &notes {
                tracing::error!("{note}");
            }
            bail!("the pack in {} has errors; mend them or run `teller pack check`", folder.display());
        }
        other => other.with_context(|| format!("pack folder {}", folder.display()))?,
    };
    let active = store.active_pack(&bank.pack.manifest.id).await?;
    if active.is_none_or(|active| &active.version != bank.version()) {
        packs::record_activation(store, bank.version(), Actor::system("demo"), "the folder changed").await?;
        tracing::info!(version = %bank.version(), "pack activated");
    }
    Ok(bank)
}
