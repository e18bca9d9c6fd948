//! Crashes and core faults by the thousand, seeded, over the real rooms.
//!
//! Each seed is one customer's errand (a transfer, a card lock, a repayment)
//! through a world in which the program dies at chosen points (before, inside
//! and after a commit of the store, before and after the core is asked) and the
//! core loses requests and replies. The customer's page does what a real one
//! does: it repeats what was not acknowledged under the same client id. In the
//! end the faults are over and open outcomes are looked up, and then:
//!
//! - every acknowledged event is there, once, as it was acknowledged;
//! - every effect asked for has one definite outcome;
//! - what the events call posted is what the core has booked, no more, no less;
//! - the core's books balance, and the audit chain is whole.

use crate::promises::{self, Acknowledged, COUNTED};
use crate::world::{Stage, World, WorldConfig};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;
use teller_conversation::OpenRequest;
use teller_flows::Stage as RunStage;
use teller_identity::code::token_code;
use teller_kernel::assurance::Factor;
use teller_kernel::event::{CustomerAction, Ownership};
use teller_kernel::part::Part;
use teller_kernel::ports::fixed::SeededRng;
use teller_kernel::{Code, ConversationId, CustomerId, Level, Locale, Problem, Rng};

/// Errands played in one world before a fresh one is set up.
const ERRANDS_PER_WORLD: u64 = 40;
/// Attempts of the customer's page before it gives up on one request.
const ATTEMPTS_MAX: usize = 12;
/// Doings of one errand.
const DOINGS_MAX: usize = 24;
/// Rounds of looking up open outcomes after the faults are over.
const SETTLE_ROUNDS_MAX: usize = 6;

/// What a simulation did.
#[derive(Debug, Default, Clone, serde::Serialize)]
pub struct Tally {
    pub errands: u64,
    pub crashes: u64,
    pub core_faults: u64,
    pub acknowledged: u64,
    pub effects: u64,
    pub posted: u64,
}

/// A run that broke a promise: the seed plays it again.
#[derive(Debug, Clone, thiserror::Error)]
#[error("seed {seed}: {what}")]
pub struct Broken {
    pub seed: u64,
    pub what: String,
}

/// Plays errands from `first_seed` until crashes and faults together reach
/// `incidents`.
pub async fn run(
    stage: Arc<Stage>,
    first_seed: u64,
    incidents: u64,
    progress: impl Fn(&Tally),
) -> Result<Tally, Broken> {
    let mut tally = Tally::default();
    let mut seed = first_seed;
    while tally.crashes + tally.core_faults < incidents {
        let before = tally.clone();
        let broken = |what: String| Broken { seed, what };
        let config = WorldConfig { seed, durable: false };
        let mut world = World::open(stage.clone(), config).await.map_err(|problem| broken(problem.to_string()))?;
        for _ in 0..ERRANDS_PER_WORLD {
            let mut errand = Errand::new(seed);
            errand.play(&mut world).await.map_err(|what| Broken { seed, what })?;
            tally.errands += 1;
            tally.acknowledged += errand.acknowledged.len() as u64;
            tally.effects += errand.effects;
            tally.posted += errand.posted;
            seed += 1;
        }
        world.sound().await.map_err(|what| Broken { seed, what })?;
        tally.crashes = before.crashes + world.crash.died();
        tally.core_faults = before.core_faults + world.faults.faults();
        progress(&tally);
    }
    Ok(tally)
}

/// One customer's errand.
struct Errand {
    rng: SeededRng,
    customer: CustomerId,
    id: Option<ConversationId>,
    sent: u64,
    acknowledged: Acknowledged,
    effects: u64,
    posted: u64,
}

/// What is sent: words or a tap.
#[derive(Clone)]
enum Doing {
    Say(String),
    Act(CustomerAction, Option<String>),
}

impl Errand {
    fn new(seed: u64) -> Self {
        let rng = SeededRng::new(seed.wrapping_mul(0x51_7cc1));
        let customer = CustomerId::parse(&format!("cu_10{:02}", 1 + rng.below(8))).expect("a seeded customer id");
        Self { rng, customer, id: None, sent: 0, acknowledged: Acknowledged::new(), effects: 0, posted: 0 }
    }

    fn chance(&self, percent: u64) -> bool {
        self.rng.below(100) < percent
    }

    async fn play(&mut self, world: &mut World) -> Result<(), String> {
        let before = world.orders(&self.customer).await;
        self.arm(world);
        self.open(world).await?;
        let opening = self.opening();
        self.send(world, Doing::Say(opening)).await?;
        for _ in 0..DOINGS_MAX {
            self.maybe_arm(world);
            let Some(doing) = self.next_doing(world).await? else { break };
            self.send(world, doing).await?;
        }
        self.calm(world).await?;
        self.check(world, before).await
    }

    fn opening(&self) -> String {
        let yuan = 1 + self.rng.below(900);
        match self.rng.below(5) {
            0..=2 => format!("我要转账{yuan}元给别人"),
            3 => format!("还信用卡{yuan}元"),
            _ => "先把我的卡锁一下".to_owned(),
        }
    }

    /// Lets the program die somewhere ahead, and the core lose something.
    fn arm(&self, world: &World) {
        if self.chance(60) {
            world.crash.arm(i64::try_from(self.rng.below(30)).unwrap_or(0));
        }
        let lossy = self.chance(60);
        let percent = |bound: u64| u8::try_from(self.rng.below(bound)).unwrap_or(0);
        world.faults.set(Some(if lossy { percent(50) } else { 0 }), Some(if lossy { percent(50) } else { 0 }));
    }

    fn maybe_arm(&self, world: &World) {
        if !world.crash.is_dead() && self.chance(15) {
            world.crash.arm(i64::try_from(self.rng.below(12)).unwrap_or(0));
        }
    }

    async fn open(&mut self, world: &mut World) -> Result<(), String> {
        for _ in 0..ATTEMPTS_MAX {
            let request = OpenRequest {
                channel: "simulation".to_owned(),
                ownership: Ownership::Own,
                locale: Locale::Zh,
                customer: Some((self.customer.clone(), Level::L1)),
            };
            match world.conversations().open(request).await {
                Ok(opened) => {
                    self.acknowledged.insert(1, "opened".to_owned());
                    self.id = Some(opened.conversation);
                    return Ok(());
                }
                Err(_) => revive(world).await?,
            }
        }
        Err("a conversation could not be opened".to_owned())
    }

    fn conversation(&self) -> Result<ConversationId, String> {
        self.id.clone().ok_or_else(|| "no conversation".to_owned())
    }

    /// Sends until acknowledged, always under the same client id.
    async fn send(&mut self, world: &mut World, doing: Doing) -> Result<(), String> {
        let id = self.conversation()?;
        self.sent += 1;
        let client = format!("sim-{}", self.sent);
        for attempt in 0..ATTEMPTS_MAX {
            let (kind, outcome) = match &doing {
                Doing::Say(text) => ("message_received", world.conversations().say(&id, &client, text).await),
                Doing::Act(action, code) => {
                    ("action_received", world.conversations().act(&id, &client, action.clone(), code.as_deref()).await)
                }
            };
            match outcome {
                Ok(accepted) => {
                    self.acknowledged.insert(accepted.seq, kind.to_owned());
                    // A page that never saw the answer sends once more.
                    if attempt > 0 || !self.chance(20) {
                        if world.conversations().finish_turns(&id).await.is_err() {
                            revive(world).await?;
                        }
                        return Ok(());
                    }
                }
                Err(problem) if fits_no_more(&problem) => return Ok(()),
                Err(_) => revive(world).await?,
            }
        }
        Err(format!("{} was never acknowledged", self.sent))
    }

    /// What a customer would do now; nothing when the errand is over.
    async fn next_doing(&mut self, world: &mut World) -> Result<Option<Doing>, String> {
        let id = self.conversation()?;
        let state = match world.conversations().state(&id).await {
            Ok(state) => state,
            Err(_) => {
                revive(world).await?;
                return Ok(Some(Doing::Say("在吗".to_owned())));
            }
        };
        let Some(run) = state.active() else { return Ok(None) };
        Ok(match &run.stage {
            RunStage::Asking { slot } => {
                let options = state.last_reply.iter().flat_map(|reply| &reply.parts).find_map(|part| match part {
                    Part::Choices { slot: asked, options } if asked == slot && !options.is_empty() => {
                        Some(options.clone())
                    }
                    _ => None,
                });
                Some(match options {
                    Some(options) => {
                        let pick = usize::try_from(self.rng.below(options.len() as u64)).unwrap_or(0);
                        Doing::Act(CustomerAction::Choose { slot: slot.clone(), id: options[pick].id.clone() }, None)
                    }
                    None => Doing::Say(format!("{}元", 1 + self.rng.below(500))),
                })
            }
            RunStage::Confirming { confirmation, .. } => {
                let confirmation = confirmation.clone();
                let yes = !self.chance(8);
                let action = if yes {
                    CustomerAction::Confirm { confirmation }
                } else {
                    CustomerAction::Refuse { confirmation }
                };
                Some(Doing::Act(action, None))
            }
            RunStage::Challenged { challenge, .. } => {
                let code = match challenge.factor {
                    Factor::Token => token_code(world.secrets(), &self.customer, world.now_ms()),
                    Factor::Sms if self.chance(10) => "000000".to_owned(),
                    Factor::Sms => newest_code(world, &self.customer).await,
                };
                Some(Doing::Act(CustomerAction::SubmitOtp { challenge: challenge.id.clone() }, Some(code)))
            }
            _ => None,
        })
    }

    /// The faults are over; what is open is looked up.
    async fn calm(&mut self, world: &mut World) -> Result<(), String> {
        world.faults.set(None, None);
        let id = self.conversation()?;
        if world.crash.is_dead() || self.chance(30) {
            world.restart().await.map_err(|problem| problem.to_string())?;
        }
        world.crash.disarm();
        for _ in 0..SETTLE_ROUNDS_MAX {
            world.conversations().finish_turns(&id).await.map_err(|problem| problem.to_string())?;
            world.conversations().reconcile().await.map_err(|problem| problem.to_string())?;
            // A core that was silent is left alone for a while before it is asked again.
            world.advance_ms(60_000);
        }
        Ok(())
    }

    async fn check(&mut self, world: &World, before: BTreeMap<(String, String), usize>) -> Result<(), String> {
        let id = self.conversation()?;
        let events = world.conversations().events(&id, 0, u32::MAX).await.map_err(|problem| problem.to_string())?;
        promises::kept(&events, &self.acknowledged)?;
        let outcomes = promises::outcomes(&events)?;
        self.effects = outcomes.len() as u64;
        let now = world.orders(&self.customer).await;
        for operation in COUNTED {
            let key = (operation.to_owned(), "posted".to_owned());
            let booked = now.get(&key).copied().unwrap_or(0).saturating_sub(before.get(&key).copied().unwrap_or(0));
            let told = promises::posted(&outcomes, operation);
            if booked != told {
                return Err(format!("the core booked {booked} of {operation}, the events say {told}"));
            }
            self.posted += told as u64;
        }
        Ok(())
    }
}

/// The moment for it has gone by: what a page does not try again.
fn fits_no_more(problem: &Problem) -> bool {
    matches!(problem.code, Code::ActionStale | Code::OtpVoid | Code::ConversationClosed | Code::TooManyPending)
}

async fn revive(world: &mut World) -> Result<(), String> {
    for _ in 0..ATTEMPTS_MAX {
        match world.restart().await {
            Ok(()) => return Ok(()),
            Err(problem) if world.crash.is_dead() => drop(problem),
            Err(problem) => return Err(format!("could not be started again: {problem}")),
        }
    }
    Err("could not be started again".to_owned())
}

async fn newest_code(world: &World, customer: &CustomerId) -> String {
    let texts = world.phone(customer).await.unwrap_or_default();
    let codes = texts.iter().filter_map(|text| {
        text.split(|character: char| !character.is_ascii_digit()).find(|run| run.len() == 6).map(str::to_owned)
    });
    codes.take(1).next().unwrap_or_else(|| json!("000000").as_str().unwrap_or_default().to_owned())
}
