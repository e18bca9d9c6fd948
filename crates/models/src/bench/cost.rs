//! What each model costs: processor time for short, usual and long sentences,
//! memory, time to open; and what the pool gives on so many workers.
//!
//! Processor time is that of the measuring thread (for the pool: of the whole
//! process), so that a busy machine does not spoil it. Memory is what Linux says
//! of this process; where it says nothing the figure is absent.
//!
//! Invariant: sentences are fixed. Not here: a verdict.

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};
use serde::Serialize;

use super::{SENTENCES, memory, percentile};
use crate::{Busy, FastEncoder, Lac, ModelError, Pool, PoolConfig, SemanticEncoder, simd};

/// Texts of one word or two.
const SHORT: [&str; 8] = ["人工", "查余额", "挂失", "改密码", "转账", "你好", "账单", "提额"];
/// Texts as a customer writes them who tells the whole story.
const LONG: [&str; 4] = [
    "我上个月二十号在你们网点办了一张信用卡，当时客户经理说首年免年费，结果这个月账单里扣了我三百块年费，\
     我打电话问了两次都说要等回复，到现在也没人理我，麻烦帮我查一下是怎么回事，能不能把钱退回来",
    "您好，我父亲上周在老家摔了一跤住院了，他的工资卡和存折都在我这里，可是密码他记不清了，\
     现在医院催着交押金两万元，请问我能不能代他去柜台取钱，需要带哪些证件，要不要去开什么证明",
    "我是做餐饮的小店老板，想申请一笔三十万左右的经营贷，营业执照办了四年，流水主要走的是微信和支付宝，\
     房子还在按揭，请问这种情况能贷多少，利率大概是多少，可以随借随还吗，提前还款收不收违约金",
    "昨天晚上十一点多我收到一条短信说我的账户在外地消费了四千八百元，可是卡一直在我身上，\
     我马上就在手机银行里把卡锁了，现在想问这笔钱能不能追回来，需不需要报警，后面我还能不能继续用这张卡",
];
/// Most rounds over a list of sentences.
const MAX_ROUNDS: usize = 100_000;
/// Rounds before the clock counts.
const WARM_UP_ROUNDS: usize = 3;
/// Callers that keep the pool busy when its throughput is measured.
const STEADY_CALLERS: usize = 16;
/// Callers when there are far too many.
const CROWD: usize = 96;
/// Longest that a pool is measured.
const MAX_POOL_TIME: Duration = Duration::from_secs(60);
const PATIENT_MS: u64 = 10_000;
/// How long a caller of the crowd keeps away after it was refused.
const PAUSE: Duration = Duration::from_millis(100);

/// What sentences of one length cost, in milliseconds.
#[derive(Debug, Clone, Serialize)]
pub struct Cost {
    pub sentences: usize,
    pub mean_chars: f64,
    pub cpu_ms_mean: f64,
    pub cpu_ms_p95: f64,
    pub wall_ms_p50: f64,
    pub wall_ms_p99: f64,
}

/// What one model costs.
#[derive(Debug, Clone, Serialize)]
pub struct ModelCost {
    pub model: String,
    /// From the folder to the first call, on the clock.
    pub load_ms: f64,
    /// Memory of the process after opening and after the last sentence, less
    /// what it was before.
    pub resident_added_bytes: Option<i64>,
    pub resident_used_bytes: Option<i64>,
    /// Most memory that the process had while this model was measured.
    pub peak_bytes: Option<u64>,
    pub short: Cost,
    pub typical: Cost,
    pub long: Cost,
    pub instructions: &'static str,
    /// The model's `version`.
    pub model_version: String,
}

/// What the pool gives.
#[derive(Debug, Clone, Serialize)]
pub struct PoolCost {
    pub workers: usize,
    /// Callers that ask again as soon as they are answered.
    pub callers: usize,
    pub deadline_ms: u64,
    pub seconds: f64,
    /// Vectors a second.
    pub served_per_second: f64,
    /// Share of requests that were told to use the fast tier.
    pub degraded_share: f64,
    pub cpu_ms_per_vector: f64,
    pub mean_batch: f64,
    /// From asking to the answer, whichever it was.
    pub wall_ms_p50: f64,
    pub wall_ms_p99: f64,
}

/// A model as the benchmark sees it.
trait Costed {
    fn run(&self, text: &str);
    fn version(&self) -> String;
    fn instructions(&self) -> &'static str;
}

impl Costed for FastEncoder {
    fn run(&self, text: &str) {
        black_box(self.embed(text));
    }
    fn version(&self) -> String {
        Self::version(self)
    }
    fn instructions(&self) -> &'static str {
        simd::variant()
    }
}

impl Costed for SemanticEncoder {
    fn run(&self, text: &str) {
        black_box(self.embed(text));
    }
    fn version(&self) -> String {
        Self::version(self)
    }
    fn instructions(&self) -> &'static str {
        crate::semantic::wide::variant()
    }
}

impl Costed for Lac {
    fn run(&self, text: &str) {
        black_box(self.entities(text));
    }
    fn version(&self) -> String {
        Self::version(self)
    }
    fn instructions(&self) -> &'static str {
        simd::variant()
    }
}

/// Opens a model and runs about `sentences` of each length on this thread.
///
/// # Errors
/// The model is not installed, or cannot be opened.
pub fn model_cost(catalogue: &crate::Catalogue, name: &str, sentences: usize) -> Result<ModelCost, ModelError> {
    let folder = catalogue.candidate(name)?;
    match name {
        crate::FAST_VECTORS => cost_of(name, || FastEncoder::open(&folder), sentences),
        crate::SEMANTIC_VECTORS => cost_of(name, || SemanticEncoder::open(&folder), sentences),
        crate::NAMED_ENTITIES => cost_of(name, || Lac::open(&folder), sentences),
        _ => Err(ModelError::Refused { name: name.to_owned(), why: "it is not one that runs by itself".to_owned() }),
    }
}

fn cost_of<M: Costed>(
    name: &str,
    open: impl FnOnce() -> Result<M, ModelError>,
    sentences: usize,
) -> Result<ModelCost, ModelError> {
    memory::forget_peak();
    let before = memory::resident_bytes();
    let begin = Instant::now();
    let model = open()?;
    let load_ms = begin.elapsed().as_secs_f64() * 1e3;
    let resident_added_bytes = grown(before, memory::resident_bytes());
    let [short, typical, long] =
        [&SHORT[..], &SENTENCES, &LONG].map(|texts| lengths_cost(texts, sentences, |text| model.run(text)));
    Ok(ModelCost {
        model: name.to_owned(),
        load_ms,
        resident_added_bytes,
        resident_used_bytes: grown(before, memory::resident_bytes()),
        peak_bytes: memory::peak_bytes(),
        short,
        typical,
        long,
        instructions: model.instructions(),
        model_version: model.version(),
    })
}

fn grown(before: Option<u64>, after: Option<u64>) -> Option<i64> {
    after?.checked_signed_diff(before?)
}

fn lengths_cost(texts: &[&str], sentences: usize, run: impl Fn(&str)) -> Cost {
    let rounds = sentences.div_ceil(texts.len()).clamp(1, MAX_ROUNDS);
    texts.iter().cycle().take(WARM_UP_ROUNDS * texts.len()).for_each(|text| run(text));
    let (mut cpu_ms, mut wall_ms) = (Vec::new(), Vec::new());
    for text in texts.iter().cycle().take(rounds * texts.len()) {
        let (begin, used) = (Instant::now(), clock_ms(ClockId::ThreadCPUTime));
        run(black_box(text));
        cpu_ms.push(clock_ms(ClockId::ThreadCPUTime) - used);
        wall_ms.push(begin.elapsed().as_secs_f64() * 1e3);
    }
    let chars: usize = texts.iter().map(|text| text.chars().count()).sum();
    let cpu_ms_mean = cpu_ms.iter().sum::<f64>() / cpu_ms.len() as f64;
    cpu_ms.sort_by(f64::total_cmp);
    wall_ms.sort_by(f64::total_cmp);
    Cost {
        sentences: cpu_ms.len(),
        mean_chars: chars as f64 / texts.len() as f64,
        cpu_ms_mean,
        cpu_ms_p95: percentile(&cpu_ms, 95),
        wall_ms_p50: percentile(&wall_ms, 50),
        wall_ms_p99: percentile(&wall_ms, 99),
    }
}

fn clock_ms(clock: ClockId) -> f64 {
    let now = clock_gettime(clock);
    now.tv_sec as f64 * 1e3 + now.tv_nsec as f64 / 1e6
}

/// Two readings for a pool of `workers`, each over `seconds` (at most a minute):
/// callers enough to keep it busy, who wait; and a crowd with the deadline that
/// conversations have.
///
/// # Errors
/// [`ModelError::Io`] when the system gives no threads.
pub fn pool_cost(encoder: &Arc<SemanticEncoder>, workers: usize, seconds: u64) -> Result<[PoolCost; 2], ModelError> {
    let patient = PoolConfig { workers, deadline_ms: PATIENT_MS, ..PoolConfig::default() };
    let crowded = PoolConfig { workers, ..PoolConfig::default() };
    let time = Duration::from_secs(seconds).min(MAX_POOL_TIME);
    Ok([one_pool(encoder, patient, STEADY_CALLERS, time)?, one_pool(encoder, crowded, CROWD, time)?])
}

fn one_pool(
    encoder: &Arc<SemanticEncoder>,
    config: PoolConfig,
    callers: usize,
    time: Duration,
) -> Result<PoolCost, ModelError> {
    let pool = Pool::start(encoder.clone(), config)?;
    let (begin, used) = (Instant::now(), clock_ms(ClockId::ProcessCPUTime));
    let mut wall_ms: Vec<f64> = std::thread::scope(|scope| {
        let ask = |caller: usize| {
            let pool = &pool;
            move || callers_times(pool, caller, begin + time)
        };
        let threads: Vec<_> = (0..callers).map(|caller| scope.spawn(ask(caller))).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap_or_default()).collect()
    });
    let (elapsed, used_ms) = (begin.elapsed(), clock_ms(ClockId::ProcessCPUTime) - used);
    let counts = pool.counts();
    wall_ms.sort_by(f64::total_cmp);
    let share = |part: u64, whole: u64| part as f64 / whole.max(1) as f64;
    Ok(PoolCost {
        workers: config.workers,
        callers,
        deadline_ms: config.deadline_ms,
        seconds: elapsed.as_secs_f64(),
        served_per_second: counts.served as f64 / elapsed.as_secs_f64(),
        degraded_share: share(counts.degraded(), counts.asked),
        cpu_ms_per_vector: used_ms / counts.served.max(1) as f64,
        mean_batch: share(counts.texts, counts.batches),
        wall_ms_p50: percentile(&wall_ms, 50),
        wall_ms_p99: percentile(&wall_ms, 99),
    })
}

/// Asks for one sentence after the other until `end`; how long each took.
fn callers_times(pool: &Pool<SemanticEncoder>, caller: usize, end: Instant) -> Vec<f64> {
    let mut times_ms = Vec::new();
    let texts = SENTENCES.iter().cycle().skip(caller % SENTENCES.len());
    for text in texts {
        let begin = Instant::now();
        let answer = pool.embed(text);
        times_ms.push(begin.elapsed().as_secs_f64() * 1e3);
        if matches!(answer, Err(Busy::Full | Busy::WouldBeLate)) {
            // As a conversation goes on with the fast tier, and asks again later.
            std::thread::sleep(PAUSE);
        }
        if Instant::now() >= end {
            break;
        }
    }
    times_ms
}
