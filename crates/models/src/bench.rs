//! How fast the models are on this machine: what `teller bench models` prints
//! (`cost`), and the times of one encoder in a row.
//!
//! Invariant: sentences are fixed, so two reports differ by machine and code
//! alone. Not here: a verdict; no test asserts a time.

mod cost;
mod memory;

use std::hint::black_box;
use std::time::Instant;

use serde::Serialize;

use crate::semantic::wide;
use crate::{FastEncoder, SemanticEncoder, simd};
pub use cost::{Cost, ModelCost, PoolCost, model_cost, pool_cost};
pub use memory::resident_bytes;

/// Most sentences one benchmark embeds.
const MAX_SENTENCES: usize = 1_000_000;
/// Rounds over all sentences before the clock counts, to warm caches and page
/// in the table.
const WARM_UP_ROUNDS: usize = 3;

/// What customers of a bank type, from a word to two clauses.
const SENTENCES: [&str; 16] = [
    "信用卡丢了怎么办",
    "查一下余额",
    "我想转五百块给我妈",
    "提前还房贷要不要违约金",
    "为什么我的卡被冻结了",
    "手机号换了怎么改预留信息",
    "这笔扣款不是我本人操作的",
    "人工",
    "定期存款三年利率多少",
    "境外取现手续费怎么收",
    "账单日和还款日有什么区别",
    "帮我把上个月的流水发到邮箱",
    "我爸去世了他的存款怎么取出来",
    "网上银行登录密码连续输错被锁住了要去柜台吗",
    "刚才转错人了能不能撤回来，对方我不认识",
    "积分什么时候到期，可以换什么",
];

/// Times of one thread embedding one sentence after the other.
#[derive(Debug, Clone, Serialize)]
pub struct BenchReport {
    /// Sentences embedded while the clock ran.
    pub sentences: usize,
    /// Mean word pieces a sentence, the two marks included.
    pub mean_tokens: f64,
    pub mean_us: f64,
    pub p50_us: f64,
    pub p99_us: f64,
    pub max_us: f64,
    /// Sentences a second on one thread.
    pub per_second: f64,
    /// Memory of the whole process that lies in RAM after the run, mapped files
    /// included; `None` where the system does not tell.
    pub resident_bytes: Option<u64>,
    /// The processor instructions that were used.
    pub instructions: &'static str,
    /// Which weights: the encoder's `version`.
    pub model_version: String,
}

/// Embeds `n` short Chinese sentences (at least one, at most a million) on this
/// thread and reports the times.
#[must_use]
pub fn bench_fast(encoder: &FastEncoder, n: usize) -> BenchReport {
    bench(n, |text| encoder.embed(text), |text| encoder.tokenize(text).len(), simd::variant(), encoder.version())
}

/// The same for the semantic encoder, one sentence after the other.
#[must_use]
pub fn bench_semantic(encoder: &SemanticEncoder, n: usize) -> BenchReport {
    bench(n, |text| encoder.embed(text), |text| encoder.piece_ids(text).len(), wide::variant(), encoder.version())
}

fn bench(
    n: usize,
    embed: impl Fn(&str) -> Vec<f32>,
    count_tokens: impl Fn(&str) -> usize,
    instructions: &'static str,
    model_version: String,
) -> BenchReport {
    let n = n.clamp(1, MAX_SENTENCES);
    for sentence in SENTENCES.iter().cycle().take(WARM_UP_ROUNDS * SENTENCES.len()) {
        black_box(embed(sentence));
    }
    let mut tokens = 0;
    let mut times_us = Vec::with_capacity(n);
    for sentence in SENTENCES.iter().cycle().take(n) {
        let begin = Instant::now();
        black_box(embed(black_box(sentence)));
        times_us.push(begin.elapsed().as_secs_f64() * 1e6);
        tokens += count_tokens(sentence);
    }
    let total_us: f64 = times_us.iter().sum();
    times_us.sort_by(f64::total_cmp);
    BenchReport {
        sentences: n,
        mean_tokens: tokens as f64 / n as f64,
        mean_us: total_us / n as f64,
        p50_us: percentile(&times_us, 50),
        p99_us: percentile(&times_us, 99),
        max_us: percentile(&times_us, 100),
        per_second: n as f64 * 1e6 / total_us,
        resident_bytes: memory::resident_bytes(),
        instructions,
        model_version,
    }
}

/// The least time that `percent` of the sorted times do not exceed (nearest
/// rank); 0 of none.
fn percentile(sorted: &[f64], percent: usize) -> f64 {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.max(1) - 1).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_nearest_ranks() {
        let hundred: Vec<f64> = (1..=100).map(f64::from).collect();
        assert_eq!(percentile(&hundred, 50), 50.0);
        assert_eq!(percentile(&hundred, 99), 99.0);
        assert_eq!(percentile(&hundred, 100), 100.0);
        assert_eq!(percentile(&[3.0], 50), 3.0);
        assert_eq!(percentile(&[1.0, 2.0, 3.0], 50), 2.0);
    }
}
