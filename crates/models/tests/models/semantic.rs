//! The semantic encoder against the published package.
//!
//! `reference/semantic.json` holds the package's answers (see the script beside
//! it). The weights are fetched into the default cache if they are absent.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;
use teller_models::{
    Adapter, Catalogue, SEMANTIC_DIM, SEMANTIC_MAX_TOKENS, SEMANTIC_VECTORS, SemanticEncoder, Silent, bench_semantic,
    dot_product,
};

/// The least cosine with the published vector.
const LEAST_COSINE: f32 = 0.9995;
/// The steps of the recorded vectors, see the script.
const STEPS: f32 = 32767.0;
/// How far two cosines may lie apart: 4-bit weights and 8-bit activations round
/// alike here and there, the order of sums differs.
const COSINE_TOLERANCE: f32 = 2e-3;

#[derive(Deserialize)]
struct Reference {
    texts: Vec<Recorded>,
    pairs: Vec<Pair>,
}

#[derive(Deserialize)]
struct Recorded {
    text: String,
    tokens: usize,
    first: Vec<f32>,
    vector: String,
}

#[derive(Deserialize)]
struct Pair {
    a: usize,
    b: usize,
    cosine: f32,
}

fn encoder() -> SemanticEncoder {
    let catalogue = Catalogue::embedded().expect("a cache folder");
    let folder = catalogue.installed(SEMANTIC_VECTORS).or_else(|_| catalogue.fetch(SEMANTIC_VECTORS, &Silent));
    let folder = folder.unwrap_or_else(|error| panic!("this test needs the model {SEMANTIC_VECTORS}: {error}"));
    SemanticEncoder::open(&folder).unwrap_or_else(|error| panic!("{error}"))
}

fn reference() -> Reference {
    serde_json::from_str(include_str!("../reference/semantic.json")).expect("the script's format")
}

fn recorded_vector(recorded: &Recorded) -> Vec<f32> {
    let bytes = BASE64_STANDARD.decode(&recorded.vector).expect("base64");
    let steps = bytes.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]]));
    steps.map(|step| f32::from(step) / STEPS).collect()
}

fn cosine(encoder: &SemanticEncoder, a: &str, b: &str) -> f32 {
    dot_product(&encoder.embed(a), &encoder.embed(b))
}

#[test]
fn vectors_are_those_of_the_package() {
    let encoder = encoder();
    let reference = reference();
    assert!(reference.texts.len() >= 40);
    for recorded in &reference.texts {
        let text = &recorded.text;
        assert_eq!(encoder.piece_ids(text).len(), recorded.tokens, "{text:?}");
        let found = encoder.embed(text);
        assert_eq!(found.len(), SEMANTIC_DIM);
        let length = dot_product(&found, &found).sqrt();
        assert!((length - 1.0).abs() < 1e-5, "{text:?} has length {length}");
        let cosine = dot_product(&found, &recorded_vector(recorded));
        assert!(cosine >= LEAST_COSINE, "{text:?}: {cosine}; {:?} and {:?}", &found[..8], recorded.first);
    }
    for pair in &reference.pairs {
        let (a, b) = (&reference.texts[pair.a].text, &reference.texts[pair.b].text);
        let found = cosine(&encoder, a, b);
        assert!((found - pair.cosine).abs() < COSINE_TOLERANCE, "{a:?} {b:?}: {found}, not {}", pair.cosine);
    }
}

#[test]
fn a_batch_gives_what_each_text_gives_alone() {
    let encoder = encoder();
    let texts: Vec<String> = reference().texts.into_iter().map(|recorded| recorded.text).collect();
    // More pieces than go through the network at a time, in another order.
    let texts: Vec<&str> = texts.iter().rev().cycle().take(3 * texts.len()).map(String::as_str).collect();
    let together = encoder.embed_all(&texts);
    assert_eq!(together.len(), texts.len());
    for (text, vector) in texts.iter().zip(&together) {
        assert_eq!(vector, &encoder.embed(text), "{text:?}");
    }
    assert!(encoder.embed_all(&[]).is_empty());
}

#[test]
fn meaning_counts_more_than_letters() {
    let encoder = encoder();
    let lost = "信用卡丢了怎么办";
    assert!(cosine(&encoder, lost, "我的信用卡不见了，怎么挂失？") > cosine(&encoder, lost, "信用卡额度怎么提升"));
    assert!(cosine(&encoder, lost, "I lost my credit card") > cosine(&encoder, lost, "What is the weather today"));
    assert!(cosine(&encoder, "查一下余额", "查一下餘額") > 0.95);
}

#[test]
fn writings_of_the_same_text_have_the_same_pieces() {
    let encoder = encoder();
    for (a, b) in [("e\u{301}te\u{301}", "été"), ("ｶﾞｽ代", "ガス代"), ("余额\r\n", "余额"), ("１０００元", "1000元")]
    {
        assert_eq!(encoder.piece_ids(a), encoder.piece_ids(b), "{a:?} {b:?}");
    }
}

#[test]
fn text_cannot_spell_the_marks_and_length_is_bounded() {
    let encoder = encoder();
    let ids = encoder.piece_ids("余额</s><s><pad><mask>忽略以上");
    let marks = |id| ids.iter().filter(|other| **other == id).count();
    assert_eq!((marks(0), marks(1), marks(2), marks(250_001)), (1, 0, 1, 0), "{ids:?}");
    let long = "余额不足".repeat(50_000);
    assert_eq!(encoder.piece_ids(&long).len(), SEMANTIC_MAX_TOKENS);
    assert_eq!(encoder.embed(&long).len(), SEMANTIC_DIM);
}

#[test]
fn threads_share_one_encoder_and_agree() {
    let encoder = encoder();
    let texts = ["信用卡丢了怎么办", "查一下余额", "I lost my credit card"];
    let alone = encoder.embed_all(&texts);
    std::thread::scope(|scope| {
        for _ in 0..3 {
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
    let report = bench_semantic(&encoder(), 20);
    assert_eq!(report.sentences, 20);
    assert!(report.mean_tokens > 8.0 && report.mean_tokens < 25.0, "{report:?}");
    assert!(report.p50_us <= report.p99_us && report.p99_us <= report.max_us, "{report:?}");
    assert_eq!(report.model_version.len(), 64);
}

/// What full precision makes of a sentence with the adapter, see the script
/// `reference/make_adapter_reference.py`.
#[derive(Deserialize)]
struct Adapted {
    text: String,
    vector: Vec<f32>,
}

#[test]
fn the_adapter_does_here_what_it_did_where_it_was_trained() {
    /// Activations are eight bits here; twelve layers of rounding add up.
    const LEAST_ADAPTED_COSINE: f32 = 0.99;
    let plain = encoder();
    let folder = Catalogue::embedded().expect("a cache folder").installed(SEMANTIC_VECTORS).expect("fetched above");
    let adapted = SemanticEncoder::open_with(&folder, Some(Adapter::embedded())).expect("a sound model");
    let rows: Vec<Adapted> =
        serde_json::from_str(include_str!("../reference/adapter.json")).expect("the script's format");
    for row in rows {
        let vector = adapted.embed(&row.text);
        let cosine = dot_product(&vector, &row.vector);
        assert!(cosine >= LEAST_ADAPTED_COSINE, "{}: {cosine}", row.text);
        assert!(dot_product(&vector, &plain.embed(&row.text)) < LEAST_ADAPTED_COSINE, "the adapter changes nothing");
        let company = adapted.embed_all(&[&row.text, "别的话"]);
        assert_eq!(company[0], vector, "{}: a text in company is another", row.text);
    }
    assert_ne!(adapted.version(), plain.version());
}
