//! How fast a caller may go: token buckets by address and by conversation.
//!
//! Invariants: a bucket holds at most its burst and fills at its rate; the
//! table of buckets is bounded: when it is full, buckets that are full again
//! (and so say nothing) go first, and if none is, the newcomer is let through
//! rather than refused for the others' sake.

use parking_lot::Mutex;
use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;
use teller_kernel::{Clock, Code, ConversationId, Problem};

/// Buckets kept in one part of the table.
const BUCKETS_MAX: usize = 16_384;
/// Independent parts of the table.
const SHARDS: usize = 8;

/// How much of something is allowed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Allowance {
    /// At once.
    pub burst: f64,
    /// On and on.
    pub per_second: f64,
}

/// Any request of one address.
pub const REQUESTS: Allowance = Allowance { burst: 400.0, per_second: 50.0 };
/// Conversations opened or resumed from one address.
pub const OPENINGS: Allowance = Allowance { burst: 40.0, per_second: 0.5 };
/// Staff sign-ins tried from one address.
pub const SIGN_INS: Allowance = Allowance { burst: 15.0, per_second: 0.1 };
/// Messages and actions in one conversation.
pub const SAYINGS: Allowance = Allowance { burst: 20.0, per_second: 1.0 };
/// Reads of one conversation by REST.
pub const READS: Allowance = Allowance { burst: 60.0, per_second: 10.0 };
/// Calls with one API key.
pub const API_CALLS: Allowance = Allowance { burst: 60.0, per_second: 10.0 };
/// "Typing" frames in one conversation; more are dropped in silence.
pub const TYPINGS: Allowance = Allowance { burst: 5.0, per_second: 1.0 };

/// What a bucket is for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Subject {
    Requests(IpAddr),
    Openings(IpAddr),
    SignIns(IpAddr),
    Sayings(ConversationId),
    Reads(ConversationId),
    Typings(ConversationId),
    /// By the id of the key.
    ApiCalls(String),
}

impl Subject {
    fn allowance(&self) -> Allowance {
        match self {
            Self::Requests(_) => REQUESTS,
            Self::Openings(_) => OPENINGS,
            Self::SignIns(_) => SIGN_INS,
            Self::Sayings(_) => SAYINGS,
            Self::Reads(_) => READS,
            Self::Typings(_) => TYPINGS,
            Self::ApiCalls(_) => API_CALLS,
        }
    }
}

/// One household or office has a whole /64 to itself.
pub fn network_of(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => IpAddr::V4(v4),
            None => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX))),
        },
    }
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    left: f64,
    at_ms: i64,
}

impl Bucket {
    fn now(self, allowance: Allowance, now_ms: i64) -> f64 {
        // A clock set back gives nothing and takes nothing.
        let passed_s = (now_ms - self.at_ms).max(0) as f64 / 1_000.0;
        (self.left + passed_s * allowance.per_second).min(allowance.burst)
    }
}

type Shard = Mutex<HashMap<Subject, Bucket>>;

pub struct Limiter {
    clock: Arc<dyn Clock>,
    shards: [Shard; SHARDS],
    on: bool,
}

impl Limiter {
    pub fn new(clock: Arc<dyn Clock>, on: bool) -> Self {
        Self { clock, shards: std::array::from_fn(|_| Mutex::new(HashMap::new())), on }
    }

    /// Takes one from the bucket.
    ///
    /// # Errors
    /// `rate_limited` when it is empty.
    pub fn take(&self, subject: Subject) -> Result<(), Problem> {
        if !self.on || self.allows(subject) { Ok(()) } else { Err(Code::RateLimited.into()) }
    }

    fn allows(&self, subject: Subject) -> bool {
        let allowance = subject.allowance();
        let now_ms = self.clock.now_ms();
        let mut shard = self.shard(&subject).lock();
        if let Some(bucket) = shard.get_mut(&subject) {
            let left = bucket.now(allowance, now_ms);
            let granted = left >= 1.0;
            *bucket = Bucket { left: if granted { left - 1.0 } else { left }, at_ms: now_ms };
            return granted;
        }
        if shard.len() >= BUCKETS_MAX {
            shard.retain(|subject, bucket| {
                let allowance = subject.allowance();
                bucket.now(allowance, now_ms) < allowance.burst
            });
        }
        if shard.len() < BUCKETS_MAX {
            shard.insert(subject, Bucket { left: allowance.burst - 1.0, at_ms: now_ms });
        }
        true
    }

    fn shard(&self, subject: &Subject) -> &Shard {
        let mut hasher = std::hash::DefaultHasher::new();
        subject.hash(&mut hasher);
        #[expect(clippy::cast_possible_truncation, reason = "the remainder is below the number of shards")]
        let at = (hasher.finish() % SHARDS as u64) as usize;
        &self.shards[at]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use teller_kernel::ports::fixed::ManualClock;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_burst_passes_then_the_rate_holds() {
        let clock = Arc::new(ManualClock::new(0));
        let limiter = Limiter::new(clock.clone(), true);
        let from = || Subject::SignIns(ip("10.0.0.1"));
        let passed = (0..100).filter(|_| limiter.take(from()).is_ok()).count();
        assert_eq!(passed, SIGN_INS.burst as usize);
        clock.advance_ms(10_000);
        assert!(limiter.take(from()).is_ok());
        assert!(limiter.take(from()).is_err());
        assert!(limiter.take(Subject::SignIns(ip("10.0.0.2"))).is_ok());
        clock.advance_ms(-100_000);
        assert!(limiter.take(from()).is_err());
    }

    #[test]
    fn switched_off_it_counts_nothing() {
        let limiter = Limiter::new(Arc::new(ManualClock::new(0)), false);
        assert!((0..1_000).all(|_| limiter.take(Subject::Openings(ip("10.0.0.1"))).is_ok()));
    }

    #[test]
    fn one_network_is_one_caller() {
        assert_eq!(network_of(ip("2001:db8::1:2:3:4")), ip("2001:db8::"));
        assert_eq!(network_of(ip("::ffff:10.0.0.1")), ip("10.0.0.1"));
    }
}
