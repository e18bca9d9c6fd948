//! How Chinese sounds: syllables without tones, and how close two names are.
//!
//! A character may have several readings; two texts sound the same when some
//! reading of each character agrees. *Near* also forgives the pairs that
//! accents and recognisers mix up: zh/z, ch/c, sh/s, n/l, f/h, ang/an, eng/en, ing/in.

use crate::normal::is_han;
use pinyin::{ToPinyin, ToPinyinMulti};

/// How two texts of equal length sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sound {
    Different,
    Near,
    Same,
}

/// Readings of one character, without tones; the character itself when it has none.
pub(crate) fn readings(c: char) -> Vec<String> {
    let Some(multi) = c.to_pinyin_multi() else {
        return vec![c.to_pinyin().map_or_else(|| c.to_string(), |p| p.plain().to_owned())];
    };
    let mut all: Vec<String> = multi.into_iter().map(|p| p.plain().to_owned()).collect();
    all.dedup();
    all
}

/// The first reading of each character, joined: for sorting and keys.
pub fn key(text: &str) -> String {
    text.chars().filter(|c| is_han(*c)).filter_map(|c| c.to_pinyin()).map(|p| p.plain()).collect::<Vec<_>>().join(" ")
}

/// A syllable with accents' mix-ups folded together.
pub(crate) fn blurred(syllable: &str) -> String {
    let head = match syllable {
        s if s.starts_with("zh") => format!("z{}", &s[2..]),
        s if s.starts_with("ch") => format!("c{}", &s[2..]),
        s if s.starts_with("sh") => format!("s{}", &s[2..]),
        s if s.starts_with('n') => format!("l{}", &s[1..]),
        s if s.starts_with('f') => format!("h{}", &s[1..]),
        s => s.to_owned(),
    };
    match head.strip_suffix('g') {
        Some(rest) if rest.ends_with("an") || rest.ends_with("en") || rest.ends_with("in") => rest.to_owned(),
        _ => head,
    }
}

/// How two characters sound next to each other.
pub fn compare_chars(a: char, b: char) -> Sound {
    if a == b {
        return Sound::Same;
    }
    if !is_han(a) || !is_han(b) {
        return Sound::Different;
    }
    let (ra, rb) = (readings(a), readings(b));
    if ra.iter().any(|x| rb.contains(x)) {
        return Sound::Same;
    }
    let near = ra.iter().any(|x| rb.iter().any(|y| blurred(x) == blurred(y)));
    if near { Sound::Near } else { Sound::Different }
}

/// How two texts sound: the worst of their characters; different when of different
/// length. A name in Latin letters sounds like the Chinese one that it spells.
pub fn compare(a: &str, b: &str) -> Sound {
    let latin = |text: &str| text.chars().all(|c| c.is_ascii_alphabetic() || " '-".contains(c));
    match (latin(a), latin(b)) {
        (true, false) => return spelled(a, b),
        (false, true) => return spelled(b, a),
        _ => {}
    }
    if a.chars().count() != b.chars().count() {
        return Sound::Different;
    }
    a.chars().zip(b.chars()).map(|(x, y)| compare_chars(x, y)).min().unwrap_or(Sound::Different)
}

/// Does `latin` spell the name `han` in pinyin, with the family name first or,
/// as abroad, last?
fn spelled(latin: &str, han: &str) -> Sound {
    /// Characters of the longest name that is compared.
    const NAME_CHARS_MAX: usize = 6;
    let chars: Vec<char> = han.chars().collect();
    if !(2..=NAME_CHARS_MAX).contains(&chars.len()) || !chars.iter().all(|c| is_han(*c)) {
        return Sound::Different;
    }
    let letters: String = latin.chars().filter(char::is_ascii_alphabetic).map(|c| c.to_ascii_lowercase()).collect();
    let family_last = |family: usize| [&chars[family..], &chars[..family]].concat();
    let orders = [chars.clone(), family_last(1), family_last(2.min(chars.len() - 1))];
    if orders.iter().any(|order| spells(&letters, order)) { Sound::Same } else { Sound::Different }
}

/// Do the letters spell the characters, one reading each?
fn spells(letters: &str, chars: &[char]) -> bool {
    match chars.split_first() {
        None => letters.is_empty(),
        Some((first, rest)) => readings(*first)
            .iter()
            // On paper ü is written v or u.
            .map(|reading| reading.replace('ü', "v"))
            .any(|reading| letters.strip_prefix(reading.as_str()).is_some_and(|behind| spells(behind, rest))),
    }
}

/// The best sound of any stretch of `text` that is as long as `name`.
pub fn heard_in(text: &str, name: &str) -> Sound {
    let text: Vec<char> = text.chars().collect();
    let name: Vec<char> = name.chars().collect();
    if name.is_empty() || name.len() > text.len() {
        return Sound::Different;
    }
    let stretch =
        |w: &[char]| w.iter().zip(&name).map(|(x, y)| compare_chars(*x, *y)).min().unwrap_or(Sound::Different);
    text.windows(name.len()).map(stretch).max().unwrap_or(Sound::Different)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn homophones_and_accents() {
        assert_eq!(compare("张伟", "章伟"), Sound::Same);
        assert_eq!(compare("张三", "张山"), Sound::Near);
        assert_eq!(compare("李娜", "李拉"), Sound::Near);
        assert_eq!(compare("张伟", "李伟"), Sound::Different);
        assert_eq!(compare("单田芳", "善田方"), Sound::Same);
        assert_eq!(compare("Wang Fang", "王芳"), Sound::Same);
        assert_eq!(compare("fang wang", "王芳"), Sound::Same);
        assert_eq!(compare("OUYANG Na", "欧阳娜"), Sound::Same);
        assert_eq!(compare("Na Ouyang", "欧阳娜"), Sound::Same);
        assert_eq!(compare("Wang Fan", "王芳"), Sound::Different);
        assert_eq!(compare("", "王芳"), Sound::Different);
        assert_eq!(heard_in("给章伟转钱", "张伟"), Sound::Same);
        assert_eq!(key("云杉"), "yun shan");
    }
}
