use super::*;
use proptest::prelude::*;

fn read(text: &str) -> Emotion {
    Emotions::embedded().read(text, None)
}

#[test]
fn clear_moods_are_read_without_an_encoder() {
    for (text, want) in [
        ("请问定期存款利率是多少", EmotionClass::Neutral),
        ("太感谢了，钱追回来了，真的太开心了", EmotionClass::Happy),
        ("会不会追不回来啊，我好害怕，睡不着", EmotionClass::Anxious),
        ("你们这群骗子，凭什么扣我的钱！我要投诉！", EmotionClass::Angry),
        ("老伴上个月走了，我一看到这张卡就想哭", EmotionClass::Sad),
        ("算了，我对你们彻底失望，以后不会再来了", EmotionClass::Disappointed),
        ("到底是哪个？一会儿说要一会儿说不要，我看不懂", EmotionClass::Confused),
        ("快！马上把卡锁了，他正在转钱！！", EmotionClass::Urgent),
    ] {
        assert_eq!(read(text).class, want, "{text}: {:?}", read(text));
    }
}

#[test]
fn a_stronger_voice_is_no_milder() {
    let (mild, strong) = (read("有点失望"), read("失望透顶！这辈子再也不会相信你们，全部销户！！"));
    assert!(strong.intensity > mild.intensity, "{mild:?} {strong:?}");
    assert_eq!(strong.intensity, 3);
}

#[test]
fn marks_alone_have_a_mood_only_when_they_repeat() {
    assert_eq!(read("？？？").class, EmotionClass::Confused);
    assert_eq!(read("。").class, EmotionClass::Neutral);
    assert_eq!(read("").intensity, 0);
}

#[test]
fn names_go_there_and_back() {
    for class in EmotionClass::ALL {
        assert_eq!(EmotionClass::parse(class.name()), Some(class));
    }
    assert_eq!(EmotionClass::parse("bored"), None);
}

proptest! {
    #[test]
    fn calm_has_no_intensity_and_a_mood_has_one(text in ".{0,60}") {
        let emotion = read(&text);
        prop_assert_eq!(emotion.intensity == 0, emotion.class == EmotionClass::Neutral);
        prop_assert!(emotion.intensity <= 3 && (0.0..=1.0).contains(&emotion.probability));
        prop_assert_eq!(Emotions::embedded().read(&text, Some(&[1.0, 2.0])), emotion, "a strange vector is none");
    }
}
