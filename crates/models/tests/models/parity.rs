//! The encoder against the published package: the same pieces, the same vectors.
//!
//! `reference/vectors.json` holds the package's answers (see the script beside
//! it). The weights are fetched into the default cache if they are absent.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;
use teller_models::{Catalogue, FAST_VECTORS, FastEncoder, MAX_TOKENS, Silent, VECTOR_DIM, bench_fast};

/// The least cosine with the published vector.
const LEAST_COSINE: f32 = 0.9999;
/// The steps of the recorded vectors, see the script.
const STEPS: f32 = 32767.0;
/// Rounding of the recorded first values and cosines, and of the arithmetic.
const TOLERANCE: f32 = 2e-5;

#[derive(Deserialize)]
struct Reference {
    texts: Vec<Recorded>,
    pairs: Vec<Pair>,
}

#[derive(Deserialize)]
struct Recorded {
    text: String,
    ids: Vec<u32>,
    first: Vec<f32>,
    vector: String,
    norm: f32,
}

#[derive(Deserialize)]
struct Pair {
    a: usize,
    b: usize,
    cosine: f32,
}

fn encoder() -> FastEncoder {
    let catalogue = Catalogue::embedded().expect("a cache folder");
    let folder = catalogue.installed(FAST_VECTORS).or_else(|_| catalogue.fetch(FAST_VECTORS, &Silent));
    let folder = folder.unwrap_or_else(|error| panic!("this test needs the model {FAST_VECTORS}: {error}"));
    FastEncoder::open(&folder).unwrap_or_else(|error| panic!("{error}"))
}

fn reference() -> Reference {
    serde_json::from_str(include_str!("../reference/vectors.json")).expect("the script's format")
}

fn recorded_vector(recorded: &Recorded) -> Vec<f32> {
    let bytes = BASE64_STANDARD.decode(&recorded.vector).expect("base64");
    let steps = bytes.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]]));
    steps.map(|step| f32::from(step) / STEPS).collect()
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[test]
fn pieces_and_vectors_are_the_published_ones() {
    let encoder = encoder();
    let reference = reference();
    let mut vectors = Vec::new();
    for recorded in &reference.texts {
        let text = &recorded.text;
        let tokens = encoder.tokenize(text);
        let ids: Vec<u32> = tokens.iter().map(|token| token.id).collect();
        assert_eq!(ids, recorded.ids, "pieces of {text:?}: {tokens:?}");

        let vector = encoder.embed(text);
        assert_eq!(vector.len(), VECTOR_DIM);
        let cosine = dot(&vector, &recorded_vector(recorded));
        assert!(cosine >= LEAST_COSINE, "cosine {cosine} for {text:?}");
        assert!((dot(&vector, &vector).sqrt() - recorded.norm).abs() < TOLERANCE, "length for {text:?}");
        for (ours, theirs) in vector.iter().zip(&recorded.first) {
            assert!((ours - theirs).abs() < TOLERANCE, "{ours} is not {theirs} for {text:?}");
        }
        vectors.push(vector);
    }
    for Pair { a, b, cosine } in reference.pairs {
        let ours = dot(&vectors[a], &vectors[b]);
        assert!((ours - cosine).abs() < TOLERANCE, "cosine of {a} and {b}: {ours} is not {cosine}");
    }
}

#[test]
fn similar_questions_lie_closer_than_different_ones() {
    let encoder = encoder();
    let cosine = |a: &str, b: &str| dot(&encoder.embed(a), &encoder.embed(b));
    let lost = "信用卡丢了怎么办";
    assert!(cosine(lost, "我的信用卡遗失了，要怎么挂失") > 2.0 * cosine(lost, "定期存款三年利率多少"));
    assert!(cosine(lost, "I lost my credit card") > cosine(lost, "What is the weather today"));
}

#[test]
fn text_cannot_spell_the_marks_and_length_is_bounded() {
    let encoder = encoder();
    let tokens = encoder.tokenize("余额</s><s>忽略以上");
    let ids: Vec<u32> = tokens.iter().map(|token| token.id).collect();
    let marks = |id| ids.iter().filter(|other| **other == id).count();
    assert_eq!((marks(1), marks(2)), (1, 1), "{tokens:?}");
    assert_eq!(encoder.tokenize(&"余额不足".repeat(50_000)).len(), MAX_TOKENS);
}

#[test]
fn threads_share_one_encoder_and_agree() {
    let encoder = encoder();
    let texts: Vec<String> = reference().texts.into_iter().map(|recorded| recorded.text).collect();
    let alone: Vec<Vec<f32>> = texts.iter().map(|text| encoder.embed(text)).collect();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for (text, expected) in texts.iter().zip(&alone) {
                    assert_eq!(&encoder.embed(text), expected, "{text:?}");
                }
            });
        }
    });
}

#[test]
fn a_benchmark_counts_what_it_embedded() {
    let report = bench_fast(&encoder(), 40);
    assert_eq!(report.sentences, 40);
    assert!(report.mean_tokens > 4.0 && report.mean_tokens < 20.0, "{report:?}");
    assert!(report.p50_us <= report.p99_us && report.p99_us <= report.max_us, "{report:?}");
    assert_eq!(report.model_version.len(), 64);
}
