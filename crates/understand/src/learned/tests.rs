use super::*;

const LABELS: [&str; 3] = ["lost_card", "loan_rate", "oos"];

/// A vector per encoder that points to the label, a little aside.
fn lesson(text: &str, label: usize, aside: f32, said: bool) -> Lesson {
    let mut first = vec![0.1; 4];
    first[label] += 1.0;
    first[3] += aside;
    Lesson { normal: crate::normalise(text), vectors: vec![first, vec![1.0, label as f32]], label, said }
}

fn lessons() -> Vec<Lesson> {
    let said = [["卡丢了", "找不到卡"], ["贷款利率", "房贷几个点"], ["今天天气", "讲个笑话"]];
    let of = |label: usize| {
        (0..24).map(move |at| lesson(&format!("{}{at}", said[label][at % 2]), label, at as f32 / 100.0, true))
    };
    let named = (0..2).filter_map(|label| Some(lesson(&spelt_out(LABELS[label])?, label, 0.0, false)));
    (0..3).flat_map(of).chain(named).collect()
}

fn learned() -> (Learned, Vec<HeldOut>) {
    Learned::learn(LABELS.map(str::to_owned).to_vec(), &lessons(), Plan { seed: 7, outside: &["oos"] }, |_| {})
}

#[test]
fn what_was_learned_is_known_again_and_strangers_lie_below_the_bound() {
    let (learned, held_out) = learned();
    assert!(!held_out.is_empty() && held_out.iter().all(|one| lessons()[one.lesson].said));
    let shares = learned.shares("我的卡丢了呀", &[&[1.1, 0.1, 0.1, 0.2], &[1.0, 0.0]]);
    assert!((shares.iter().sum::<f32>() - 1.0).abs() < 1e-4);
    assert!(shares[0] > 0.6, "{shares:?}");
    let strange = learned.shares("天气怎么样", &[&[0.1, 0.1, 1.1, 0.2], &[1.0, 2.0]]);
    assert!(strange[0].max(strange[1]) < learned.bound(), "{strange:?} {}", learned.bound());
}

#[test]
fn good_neighbours_are_heard_and_wrong_ones_are_not() {
    let lessons = lessons();
    let middles = middles(&lessons);
    let examples: Vec<Example> = lessons.iter().map(|lesson| example(lesson, &middles)).collect();
    let neighbours = Neighbours::of(&examples.iter().collect::<Vec<_>>(), 3);
    let judged = |turn: usize| -> Vec<Judged> {
        let of = |one: &Example| Judged {
            shares: vec![1.0 / 3.0; 3],
            near: neighbours.near(&direction(one)),
            right: (one.label + turn) % 3,
        };
        examples.iter().map(of).collect()
    };
    assert!(neighbours.fit(&judged(0)).weight > 0.8);
    assert!(neighbours.fit(&judged(1)).weight < 0.05);
}

#[test]
fn the_file_gives_back_what_was_learned_and_refuses_anything_else() {
    let (learned, _) = learned();
    let bytes = learned.to_bytes();
    assert_eq!(Learned::from_bytes(&bytes), Ok(learned));
    for length in (0..bytes.len()).step_by(211) {
        assert!(Learned::from_bytes(&bytes[..length]).is_err(), "{length} bytes are no file");
    }
    assert!(Learned::from_bytes(&[bytes.as_slice(), &[0]].concat()).is_err());
    let mut strange = bytes.clone();
    strange[8] = 0xff;
    strange[9] = 0xff;
    assert!(Learned::from_bytes(&strange).is_err());
}
