//! Measuring: turns of three kinds and durable appends, as percentiles.
//!
//! Turns run through the real service: saved with fsync, understood with the
//! models at hand, the sandbox core behind its contract in the same process.
//! Client and server share the machine, which a reader should know.

use crate::world::{Stage, World, WorldConfig};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use teller_conversation::OpenRequest;
use teller_kernel::event::Ownership;
use teller_kernel::{Actor, ConversationId, CustomerId, EventBody, Level, Locale, NewEvent, Problem};
use teller_store::{Append, Expected, WriteSet};

/// What one kind of thing took.
#[derive(Debug, Serialize)]
pub struct Line {
    pub what: String,
    pub count: usize,
    pub callers: usize,
    pub per_s: f64,
    pub p50_ms: f64,
    pub p99_ms: f64,
    pub max_ms: f64,
    /// Mean of each traced stage of a turn, in microseconds.
    #[serde(skip_serializing_if = "Stages::is_empty")]
    pub stages_us: Stages,
}

/// Means by name of the stage.
pub type Stages = BTreeMap<String, f64>;

impl Line {
    fn of(what: &str, callers: usize, mut took: Vec<Duration>, over: Duration) -> Self {
        took.sort_unstable();
        let at = |share: f64| {
            let place = ((took.len() as f64 * share) as usize).min(took.len().saturating_sub(1));
            took.get(place).map_or(0.0, |took| took.as_secs_f64() * 1_000.0)
        };
        Self {
            what: what.to_owned(),
            count: took.len(),
            callers,
            per_s: took.len() as f64 / over.as_secs_f64(),
            p50_ms: at(0.50),
            p99_ms: at(0.99),
            max_ms: took.last().map_or(0.0, |took| took.as_secs_f64() * 1_000.0),
            stages_us: Stages::new(),
        }
    }
}

/// Which turns are measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mix {
    /// Inside a flow: answers to its questions and corrections; nothing is
    /// asked of the core.
    Flow,
    /// New wishes, understood from scratch.
    Fresh,
    /// Questions to the knowledge base.
    Knowledge,
}

impl Mix {
    pub const ALL: [Self; 3] = [Self::Flow, Self::Fresh, Self::Knowledge];

    fn name(self) -> &'static str {
        match self {
            Self::Flow => "turn inside a flow",
            Self::Fresh => "turn with a new wish",
            Self::Knowledge => "turn answered from knowledge",
        }
    }

    /// What is said in the `n`-th turn.
    fn says(self, n: usize) -> String {
        const WISHES: [&str; 6] = [
            "看看我账户里的余额",
            "查一下上个月的交易明细",
            "我的转账限额还剩多少",
            "这期信用卡账单要还多少",
            "定期存款啥时候到期",
            "美元今天什么价",
        ];
        const QUESTIONS: [&str; 6] = [
            "跨行转账要收手续费吗",
            "存款保险最多赔多少",
            "信用卡晚还一天算不算逾期",
            "大额存单起存多少钱",
            "消费贷的钱能拿去炒股吗",
            "手机银行字太小怎么调大",
        ];
        match self {
            // A loan to be worked out: amount and term are corrected for ever,
            // the rate is never given.
            Self::Flow if n == 0 => "帮我算一笔贷款的月供，贷30万".to_owned(),
            Self::Flow if n % 2 == 1 => format!("{}年", 1 + n % 30),
            Self::Flow => format!("不对，是贷{}万", 10 + n % 80),
            Self::Fresh => WISHES[n % WISHES.len()].to_owned(),
            Self::Knowledge => QUESTIONS[n % QUESTIONS.len()].to_owned(),
        }
    }
}

/// Turns of one conversation before another is opened.
const TURNS_PER_CONVERSATION: usize = 40;

/// Plays `turns` turns of one kind with as many `callers` at once, each in a
/// conversation of its own.
pub async fn turns(stage: Arc<Stage>, mix: Mix, turns: usize, callers: usize) -> Result<Line, Problem> {
    let world = Arc::new(World::open(stage, WorldConfig { seed: 42, durable: true }).await?);
    let begun = Instant::now();
    let mut playing = tokio::task::JoinSet::new();
    for caller in 0..callers.max(1) {
        let world = world.clone();
        playing.spawn(async move { call(&world, mix, turns / callers.max(1), caller).await });
    }
    let (mut took, mut opened) = (Vec::new(), Vec::new());
    while let Some(done) = playing.join_next().await {
        let (one, conversations) = done.map_err(|_| Problem::new(teller_kernel::Code::Internal))??;
        took.extend(one);
        opened.extend(conversations);
    }
    let line = Line::of(mix.name(), callers, took, begun.elapsed());
    Ok(Line { stages_us: stages(&world, &opened).await?, ..line })
}

/// What the traces say about where the time went.
async fn stages(world: &World, opened: &[ConversationId]) -> Result<Stages, Problem> {
    let (mut sums, mut turns) = (Stages::new(), 0_u32);
    for conversation in opened {
        // The first turn sets the scene.
        let mut first = true;
        let mut pages = world.conversations().ports().store.event_pages(conversation, 0);
        while let Some(events) = pages.next().await? {
            for event in events {
                let EventBody::TurnCompleted { trace, .. } = event.body else { continue };
                if std::mem::take(&mut first) {
                    continue;
                }
                turns += 1;
                for stage in &trace.stages {
                    *sums.entry(stage.name.clone()).or_default() += stage.micros as f64;
                }
            }
        }
    }
    sums.values_mut().for_each(|sum| *sum /= f64::from(turns.max(1)));
    Ok(sums)
}

type Called = (Vec<Duration>, Vec<ConversationId>);

async fn call(world: &World, mix: Mix, turns: usize, caller: usize) -> Result<Called, Problem> {
    let customer = CustomerId::parse(&format!("cu_10{:02}", 1 + caller % 8)).ok();
    let (mut took, mut opened) = (Vec::with_capacity(turns), Vec::new());
    let mut id: Option<ConversationId> = None;
    for turn in 0..turns {
        let n = turn % TURNS_PER_CONVERSATION;
        let conversation = match id.take().filter(|_| n != 0) {
            Some(open) => open,
            None => {
                let customer = customer.clone().map(|customer| (customer, Level::L1));
                let request = OpenRequest {
                    channel: "bench".to_owned(),
                    ownership: Ownership::Own,
                    locale: Locale::Zh,
                    customer,
                };
                let conversation = world.conversations().open(request).await?.conversation;
                opened.push(conversation.clone());
                conversation
            }
        };
        let text = mix.says(n);
        let begun = Instant::now();
        world.conversations().say(&conversation, &format!("b{turn}"), &text).await?;
        world.conversations().finish_turns(&conversation).await?;
        // The first of a conversation sets the scene and is not what is measured.
        if n != 0 {
            took.push(begun.elapsed());
        }
        id = Some(conversation);
    }
    Ok((took, opened))
}

/// Appends events durably for a while, with as many callers at once.
pub async fn appends(stage: Arc<Stage>, callers: usize, over: Duration) -> Result<Line, Problem> {
    let world = Arc::new(World::open(stage, WorldConfig { seed: 43, durable: true }).await?);
    let begun = Instant::now();
    let mut appending = tokio::task::JoinSet::new();
    for _ in 0..callers.max(1) {
        let world = world.clone();
        appending.spawn(async move { append(&world, begun + over).await });
    }
    let mut took = Vec::new();
    while let Some(done) = appending.join_next().await {
        took.extend(done.map_err(|_| Problem::new(teller_kernel::Code::Internal))??);
    }
    Ok(Line::of("durable append of one event", callers, took, begun.elapsed()))
}

/// Events of one conversation before another is opened.
const EVENTS_PER_CONVERSATION: usize = 2_000;

async fn append(world: &World, until: Instant) -> Result<Vec<Duration>, Problem> {
    let mut took = Vec::new();
    let mut id: Option<ConversationId> = None;
    while Instant::now() < until {
        let conversation = match id.take().filter(|_| took.len() % EVENTS_PER_CONVERSATION != 0) {
            Some(open) => open,
            None => {
                let request = OpenRequest {
                    channel: "bench".to_owned(),
                    ownership: Ownership::Own,
                    locale: Locale::Zh,
                    customer: None,
                };
                world.conversations().open(request).await?.conversation
            }
        };
        let body = EventBody::AgentReplied {
            client_id: "b".to_owned(),
            text: "好的，已经为您登记，稍后会有同事联系您。".to_owned(),
        };
        let mut set = WriteSet::new();
        set.append(Append {
            conversation: conversation.clone(),
            expected: Expected::Any,
            events: vec![NewEvent::new(Actor::system("bench"), body)],
            client: None,
        });
        let begun = Instant::now();
        world.conversations().ports().store.commit(set).await?;
        took.push(begun.elapsed());
        id = Some(conversation);
    }
    Ok(took)
}
