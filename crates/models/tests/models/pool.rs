//! The pool in front of the semantic encoder: everybody gets one answer, in
//! time or not; nothing is lost, mixed up or left waiting.
//!
//! Most tests use an encoder that the test holds and lets go, so that nothing
//! depends on how fast a machine is.

use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

use proptest::prelude::*;
use teller_models::{
    BatchEncoder, Busy, Catalogue, Pool, PoolConfig, PoolCounts, SEMANTIC_VECTORS, SemanticEncoder, SemanticPool,
    Silent,
};

/// Long enough that no request of a test is late by chance.
const PATIENT_MS: u64 = 10_000;

/// An encoder whose vector says the text, and which waits while it is held.
#[derive(Default)]
struct Held {
    held: Mutex<bool>,
    changed: Condvar,
    entered: AtomicUsize,
    seen: Mutex<Vec<Vec<String>>>,
}

fn vector_of(text: &str) -> Vec<f32> {
    text.chars().map(|c| c as u32 as f32).collect()
}

impl BatchEncoder for Held {
    fn embed_all(&self, texts: &[&str]) -> Vec<Vec<f32>> {
        self.seen.lock().expect("whole").push(texts.iter().map(|&text| text.to_owned()).collect());
        self.entered.fetch_add(1, Ordering::SeqCst);
        self.changed.notify_all();
        let held = self.held.lock().expect("whole");
        drop(self.changed.wait_while(held, |held| *held).expect("whole"));
        assert!(!texts.contains(&"panic"), "as asked");
        texts.iter().map(|text| vector_of(text)).collect()
    }
}

impl Held {
    fn hold(&self) {
        *self.held.lock().expect("whole") = true;
    }

    fn let_go(&self) {
        *self.held.lock().expect("whole") = false;
        self.changed.notify_all();
    }

    /// Waits until the encoder runs for the `times`-th time.
    fn wait_for_entry(&self, times: usize) {
        while self.entered.load(Ordering::SeqCst) < times {
            thread::yield_now();
        }
    }

    fn sizes(&self) -> Vec<usize> {
        self.seen.lock().expect("whole").iter().map(Vec::len).collect()
    }
}

fn config() -> PoolConfig {
    PoolConfig { workers: 1, queue_max: 64, batch_max: 8, gather_us: 0, deadline_ms: PATIENT_MS }
}

fn pool(config: PoolConfig) -> (Arc<Held>, Pool<Held>) {
    let encoder = Arc::new(Held::default());
    let pool = Pool::start(encoder.clone(), config).expect("threads");
    (encoder, pool)
}

/// A pool whose worker is busy with the text "first" until it is let go.
fn busy_pool(config: PoolConfig) -> (Arc<Held>, Pool<Held>, teller_models::Pending) {
    let (encoder, pool) = pool(config);
    encoder.hold();
    let first = pool.submit("first").expect("an idle pool takes a text");
    encoder.wait_for_entry(1);
    (encoder, pool, first)
}

fn settled(counts: &PoolCounts) -> u64 {
    counts.served + counts.degraded() + counts.taken_back
}

#[test]
fn texts_that_wait_together_go_through_the_encoder_together() {
    let (encoder, pool, first) = busy_pool(config());
    let texts: Vec<String> = (0..11).map(|number| format!("text {number}")).collect();
    let waiting: Vec<_> = texts.iter().map(|text| pool.submit(text).expect("room")).collect();
    assert_eq!(pool.counts().waiting, 11);
    encoder.let_go();
    assert_eq!(first.wait(), Ok(vector_of("first")));
    for (text, pending) in texts.iter().zip(waiting) {
        assert_eq!(pending.wait(), Ok(vector_of(text)), "each caller gets its own");
    }
    assert_eq!(encoder.sizes(), [1, 8, 3]);
    let counts = pool.counts();
    assert_eq!((counts.asked, counts.queued, counts.served, counts.degraded()), (12, 12, 12, 0));
    assert_eq!((counts.batches, counts.texts, counts.waiting), (3, 12, 0));
    assert_eq!(counts.batch_sizes, [1, 0, 1, 1, 0, 0, 0]);
}

#[test]
fn a_worker_waits_a_moment_for_company() {
    // The longest moment; two texts asked for one after the other fit into it,
    // and if not each is answered alone all the same.
    let (encoder, pool) = pool(PoolConfig { gather_us: u64::MAX, batch_max: 2, ..config() });
    for _ in 0..50 {
        let pair = [pool.submit("a").expect("room"), pool.submit("b").expect("room")];
        let [a, b] = pair.map(|pending| pending.wait());
        assert_eq!((a, b), (Ok(vector_of("a")), Ok(vector_of("b"))));
    }
    assert!(encoder.sizes().contains(&2), "not one pair of fifty went together");
}

#[test]
fn a_full_queue_degrades_at_once_and_a_place_given_up_is_free() {
    let (encoder, pool, first) = busy_pool(PoolConfig { queue_max: 2, ..config() });
    let second = pool.submit("second").expect("room");
    let third = pool.submit("third").expect("room");
    assert_eq!(pool.submit("fourth").err(), Some(Busy::Full));
    drop(second);
    let fourth = pool.submit("fourth").expect("the second's place");
    assert_eq!(pool.submit("fifth").err(), Some(Busy::Full));
    encoder.let_go();
    for (pending, text) in [(first, "first"), (third, "third"), (fourth, "fourth")] {
        assert_eq!(pending.wait(), Ok(vector_of(text)));
    }
    let counts = pool.counts();
    assert_eq!((counts.full, counts.taken_back, counts.served), (2, 1, 3));
    assert!(!encoder.seen.lock().expect("whole").concat().contains(&"second".to_owned()), "work for nobody");
}

#[test]
fn a_deadline_holds_whether_the_text_waits_or_runs() {
    let (encoder, pool, _first) = busy_pool(config());
    let waits = pool.submit_within("waits", Duration::from_millis(1)).expect("room");
    assert_eq!(waits.wait(), Err(Busy::Late), "while the worker is held");
    // The one behind it has time, and gets its vector.
    let patient = pool.submit("patient").expect("room");
    encoder.let_go();
    assert_eq!(patient.wait(), Ok(vector_of("patient")));

    encoder.hold();
    let runs = pool.submit_within("runs", Duration::from_millis(1)).expect("an idle pool takes a text");
    assert_eq!(runs.wait(), Err(Busy::Late), "in the encoder or before it");
    encoder.let_go();
    assert_eq!(pool.embed("again"), Ok(vector_of("again")));
    assert_eq!(pool.counts().late, 2);
}

#[test]
fn what_would_be_late_is_refused_before_it_waits() {
    struct Slow(Held);
    impl BatchEncoder for Slow {
        fn embed_all(&self, texts: &[&str]) -> Vec<Vec<f32>> {
            thread::sleep(Duration::from_millis(20));
            self.0.embed_all(texts)
        }
    }
    let encoder = Arc::new(Slow(Held::default()));
    let pool = Pool::start(encoder.clone(), config()).expect("threads");
    pool.embed("so the pool knows what a text costs").expect("in time");
    encoder.0.hold();
    let running = pool.submit_within("an idle pool always takes one", Duration::from_millis(1));
    let running = running.expect("however late it will be");
    let refused = pool.submit_within("the next knows better", Duration::from_millis(1));
    assert_eq!(refused.err(), Some(Busy::WouldBeLate));
    assert_eq!(running.wait(), Err(Busy::Late));
    encoder.0.let_go();
}

#[test]
fn work_that_would_be_late_is_not_begun() {
    let (encoder, pool, first) = busy_pool(config());
    // Nothing is known of the cost yet, so both may wait.
    let long = "很".repeat(90);
    let hasty = pool.submit_within(&long, Duration::from_millis(1_500)).expect("room");
    let patient = pool.submit("patient").expect("room");
    // The few characters of the first take so long that ninety cannot be in time.
    thread::sleep(Duration::from_millis(300));
    encoder.let_go();
    assert_eq!(first.wait(), Ok(vector_of("first")));
    assert_eq!((hasty.wait(), patient.wait()), (Err(Busy::Late), Ok(vector_of("patient"))));
    assert_eq!(*encoder.seen.lock().expect("whole"), [["first"], ["patient"]]);
}

#[test]
fn an_encoder_that_panics_costs_its_batch_and_nothing_else() {
    let (encoder, pool, first) = busy_pool(config());
    let together = ["one", "panic", "two"].map(|text| pool.submit(text).expect("room"));
    encoder.let_go();
    assert_eq!(first.wait(), Ok(vector_of("first")));
    assert_eq!(together.map(|pending| pending.wait()), [Err(Busy::Broken), Err(Busy::Broken), Err(Busy::Broken)]);
    assert_eq!(pool.embed("after"), Ok(vector_of("after")));
}

#[test]
fn closing_answers_what_waits_and_takes_no_more() {
    let (encoder, pool, first) = busy_pool(PoolConfig { workers: 2, ..config() });
    encoder.hold();
    let waiting: Vec<_> = ["a", "b", "c"].into_iter().map(|text| (text, pool.submit(text).expect("room"))).collect();
    pool.close();
    assert_eq!(pool.submit("too late").err(), Some(Busy::Closed));
    encoder.let_go();
    assert_eq!(first.wait(), Ok(vector_of("first")));
    for (text, pending) in waiting {
        assert_eq!(pending.wait(), Ok(vector_of(text)));
    }
}

#[test]
fn dropping_a_pool_leaves_no_caller_waiting() {
    let (encoder, pool, first) = busy_pool(config());
    let waiting: Vec<_> = (0..20).map(|number| pool.submit(&number.to_string()).expect("room")).collect();
    let late = pool.submit_within("late", Duration::ZERO).expect("room");
    let dropped = thread::spawn(move || drop(pool));
    assert_eq!(late.wait(), Err(Busy::Late));
    encoder.let_go();
    dropped.join().expect("the threads end");
    assert_eq!(first.wait(), Ok(vector_of("first")));
    for (number, pending) in waiting.into_iter().enumerate() {
        assert_eq!(pending.wait(), Ok(vector_of(&number.to_string())));
    }
}

/// Runs a future on this thread, parking between polls.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(out) => return out,
            Poll::Pending => thread::park(),
        }
    }
}

#[test]
fn tasks_await_vectors_and_deadlines_alike() {
    let (encoder, pool, first) = busy_pool(config());
    let second = pool.submit("second").expect("room");
    let late = pool.submit_within("late", Duration::from_millis(1)).expect("room");
    assert_eq!(block_on(late), Err(Busy::Late), "woken by the clock while the worker is held");
    let holder = thread::spawn(move || encoder.let_go());
    assert_eq!(block_on(async { (first.await, second.await) }), (Ok(vector_of("first")), Ok(vector_of("second"))));
    holder.join().expect("no panic");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever the sizes, and whoever gives up: one right answer each.
    #[test]
    fn many_threads_get_one_right_answer_each(
        workers in 1_usize..4,
        queue_max in 1_usize..12,
        batch_max in 1_usize..6,
        gather_us in 0_u64..200,
        deadlines_us in proptest::collection::vec(0_u64..3_000, 1..5),
    ) {
        let config = PoolConfig { workers, queue_max, batch_max, gather_us, deadline_ms: PATIENT_MS };
        let (encoder, pool) = pool(config);
        thread::scope(|scope| {
            for caller in 0..8_usize {
                let (pool, deadlines_us) = (&pool, &deadlines_us);
                scope.spawn(move || for round in 0..40 {
                    let text = format!("{caller} {round}");
                    let deadline = Duration::from_micros(deadlines_us[(caller + round) % deadlines_us.len()]);
                    let asked = match round % 3 {
                        0 => pool.submit(&text),
                        _ => pool.submit_within(&text, deadline),
                    };
                    let answer = match (asked, round % 7) {
                        (Ok(given_up), 6) => {
                            drop(given_up);
                            continue;
                        }
                        (Ok(pending), 1 | 4) => block_on(pending),
                        (Ok(pending), _) => pending.wait(),
                        (Err(busy), _) => Err(busy),
                    };
                    match answer {
                        Ok(vector) => assert_eq!(vector, vector_of(&text)),
                        Err(busy) => assert!(matches!(busy, Busy::Full | Busy::Late | Busy::WouldBeLate), "{busy}"),
                    }
                });
            }
        });
        let counts = pool.counts();
        prop_assert_eq!(counts.asked, 8 * 40);
        prop_assert_eq!(settled(&counts), counts.asked, "{:?}", counts);
        prop_assert!(counts.served <= counts.texts && counts.texts <= counts.queued, "{:?}", counts);
        prop_assert_eq!(counts.batch_sizes.iter().sum::<u64>(), counts.batches);
        prop_assert!(encoder.sizes().iter().all(|size| (1..=batch_max).contains(size)));
    }
}

#[test]
fn the_real_encoder_gives_every_conversation_its_own_vector() {
    let catalogue = Catalogue::embedded().expect("a cache folder");
    let folder = catalogue.installed(SEMANTIC_VECTORS).or_else(|_| catalogue.fetch(SEMANTIC_VECTORS, &Silent));
    let folder = folder.unwrap_or_else(|error| panic!("this test needs the model {SEMANTIC_VECTORS}: {error}"));
    let encoder = Arc::new(SemanticEncoder::open(&folder).unwrap_or_else(|error| panic!("{error}")));
    let texts = ["查一下余额", "我想转五百块给我妈", "lost my card", "定期存款三年利率多少", "", "人工"];
    let alone = texts.map(|text| encoder.embed(text));
    let config = PoolConfig { workers: 2, queue_max: 64, gather_us: 300, ..config() };
    let pool = SemanticPool::start(encoder, config).expect("threads");
    thread::scope(|scope| {
        for caller in 0..6 {
            let (pool, texts, alone) = (&pool, &texts, &alone);
            scope.spawn(move || {
                for round in 0..6 {
                    let which = (caller + round) % texts.len();
                    assert_eq!(pool.embed(texts[which]).as_ref(), Ok(&alone[which]), "{}", texts[which]);
                }
            });
        }
    });
    assert_eq!(pool.counts().served, 36);
}
