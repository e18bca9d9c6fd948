use super::*;
use proptest::prelude::*;

const VECTOR_DIM: usize = 3;

fn example(text: &str, label: usize, vector: [f32; VECTOR_DIM]) -> Example {
    Example {
        terms: terms(text),
        vector: Some(vector.to_vec()),
        cues: vec![text.len() as f32 / 100.0],
        label,
        weight: 1.0,
    }
}

fn samples() -> Vec<Example> {
    let cards = ["卡丢了", "我的卡丢了怎么办", "卡掉了", "lost my card", "银行卡丢了"];
    let loans = ["贷款利率", "我想贷款", "贷款多少", "need a loan", "房贷利率"];
    let of = |texts: [&str; 5], label| texts.map(|text| example(text, label, [label as f32, 0.5, 0.0]));
    [of(cards, 0), of(loans, 1)].concat()
}

fn learn(vector_dim: usize) -> TextModel {
    let samples = samples();
    let recipe = Recipe { labels: 2, vector_dim, penalty: 0.1, term_texts_min: 1 };
    train(&samples.iter().collect::<Vec<_>>(), &recipe)
}

fn likeliest(model: &TextModel, text: &str, vector: Option<&[f32]>) -> (usize, f32) {
    let probabilities = model.probabilities(&model.features(&terms(text), vector, &[text.len() as f32 / 100.0]));
    let best = probabilities.iter().copied().enumerate().max_by(|a, b| a.1.total_cmp(&b.1));
    best.unwrap()
}

#[test]
fn new_texts_get_the_label_of_those_they_resemble() {
    let words = learn(0);
    assert_eq!(likeliest(&words, "卡丢了吗", None).0, 0);
    assert_eq!(likeliest(&words, "贷款的利率高吗", None).0, 1);
    assert_eq!(likeliest(&words, "i lost it", None).0, 0);
    let vectors = learn(VECTOR_DIM);
    assert_eq!(likeliest(&vectors, "完全没见过", Some(&[1.0, 0.5, 0.0])).0, 1);
    assert_eq!(likeliest(&vectors, "完全没见过", Some(&[0.0, 0.5, 0.0])).0, 0);
    assert_eq!(
        vectors.probabilities(&vectors.features(&terms("卡"), Some(&[1.0]), &[0.1])),
        vectors.probabilities(&vectors.features(&terms("卡"), None, &[0.1])),
        "a vector of another length counts as none"
    );
}

#[test]
fn training_twice_gives_the_same_model_and_the_file_keeps_it() {
    let model = learn(VECTOR_DIM);
    assert_eq!(model, learn(VECTOR_DIM));
    let file = ModelFile {
        made_from: "ten texts".to_owned(),
        models: [("one".to_owned(), model), ("two".to_owned(), learn(0))].into(),
        numbers: [("bound".to_owned(), 0.25)].into(),
    };
    let bytes = file.to_bytes();
    assert_eq!(ModelFile::from_bytes(&bytes), Ok(file));
    for length in (0..bytes.len()).step_by(7) {
        assert!(ModelFile::from_bytes(&bytes[..length]).is_err(), "{length} bytes are no file");
    }
    assert_eq!(ModelFile::from_bytes(b"something else"), Err(FileError::OtherKind));
    let longer = [bytes, vec![0]].concat();
    assert_eq!(ModelFile::from_bytes(&longer), Err(FileError::Length("behind the last model")));
}

#[test]
fn folds_spread_every_label_and_depend_on_the_seed() {
    let labels: Vec<usize> = (0..100).map(|at| usize::from(at % 5 == 0)).collect();
    let parts = folds(&labels, 10, 7);
    for part in 0..10 {
        let members: Vec<usize> = (0..100).filter(|at| parts[*at] == part).collect();
        assert_eq!(members.len(), 10);
        assert_eq!(members.iter().filter(|at| labels[**at] == 1).count(), 2);
    }
    assert_eq!(parts, folds(&labels, 10, 7));
    assert_ne!(parts, folds(&labels, 10, 8));
}

#[test]
fn the_temperature_cools_values_that_are_too_sure() {
    // Certain each time, right three times of four: the right probability is 0.75.
    let sure: Vec<(Vec<f32>, usize)> = (0..40).map(|at| (vec![6.0, 0.0], usize::from(at % 4 == 0))).collect();
    let found = temperature(&sure);
    let calibrated = softmax(&[6.0, 0.0], found)[0];
    assert!((softmax(&[6.0, 0.0], 1.0)[0] - 0.75).abs() > 0.2);
    assert!(calibrated < 0.85, "{calibrated} at {found}");
}

proptest! {
    #[test]
    fn probabilities_are_such_for_any_text(text in ".{0,80}") {
        let model = learn(0);
        let probabilities = model.probabilities(&model.features(&terms(&text), None, &[0.3]));
        prop_assert!((probabilities.iter().sum::<f32>() - 1.0).abs() < 1e-4);
        prop_assert!(probabilities.iter().all(|one| (0.0..=1.0).contains(one)));
    }

    #[test]
    fn any_bytes_are_a_file_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = ModelFile::from_bytes(&bytes);
        let _ = ModelFile::from_bytes(&[b"TLTEXTM1".to_vec(), bytes].concat());
    }
}
