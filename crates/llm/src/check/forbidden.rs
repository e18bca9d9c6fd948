//! What no answer of a bank says because a model came up with it: orders, roles,
//! questions for secrets, promises, links, numbers to call.

use super::clauses::Sentence;
use super::{Fault, lists};

/// Marks of ordinary sentences, besides letters, digits and space.
const MARKS: &str = "，。！？；：、“”‘’（）《》【】「」〔〕—…·%％‰¥￥$€£℃°+-−×/=~～.,!?;:'\"()[]&#*@±²³⟦⟧";

/// Only letters, digits and the marks of ordinary sentences.
pub(crate) fn plain(text: &str) -> Result<(), Fault> {
    let fits = |c: char| c.is_alphanumeric() || c == ' ' || c == '\u{3000}' || MARKS.contains(c);
    if text.chars().all(fits) { Ok(()) } else { Err(Fault::NotPlain) }
}

/// Does a text in normal form give orders to a model?
pub(crate) fn orders_a_model(text: &str) -> bool {
    lists::ORDERS.iter().any(|(one, other)| text.contains(one) && text.contains(other))
        || lists::ROLES.iter().any(|word| text.contains(word))
}

/// Orders and questions for secrets are said in no words, evidence or not.
pub(crate) fn orders(sentence: &Sentence) -> Result<(), Fault> {
    if orders_a_model(&sentence.text) {
        return Err(Fault::Injection);
    }
    let has = |words: &[&str]| words.iter().any(|word| sentence.text.contains(word));
    let denied = sentence.clauses.iter().any(|clause| clause.negations % 2 == 1);
    if has(lists::SECRETS) && has(lists::GIVING) && !denied { Err(Fault::Secret) } else { Ok(()) }
}

/// Words that only the evidence may bring in.
pub(crate) fn beyond(sentence: &Sentence, carriers: &[&Sentence]) -> Result<(), Fault> {
    let carried = |word: &str| carriers.iter().any(|carrier| carrier.text.contains(word));
    let brings_in = |words: &[&str]| words.iter().any(|word| sentence.text.contains(word) && !carried(word));
    if brings_in(lists::TALK_OF_MODELS) {
        return Err(Fault::Injection);
    }
    if brings_in(lists::SECRETS) {
        return Err(Fault::Secret);
    }
    if brings_in(lists::PROMISES) {
        return Err(Fault::Promise);
    }
    if brings_in(lists::PLACES_TO_TURN_TO) || !tokens(&sentence.text).all(|token| carried(&token)) {
        return Err(Fault::Address);
    }
    // One of a kind is not put in another's place.
    if lists::ALTERNATIVES.iter().any(|kind| brings_in(kind)) {
        return Err(Fault::Unsupported);
    }
    let chinese = carriers.iter().any(|carrier| carrier.text.chars().any(super::words::is_han));
    let foreign = |word: &str| word.len() > 1 && !carried(word);
    let mut latin = sentence.text.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| !word.is_empty());
    if chinese && latin.any(foreign) { Err(Fault::Unsupported) } else { Ok(()) }
}

/// What looks like a link, an address or a number to call: letters with dots
/// inside, an `@`, and runs of five digits that no unit follows.
fn tokens(text: &str) -> impl Iterator<Item = String> + '_ {
    let token = |c: char| c.is_ascii_alphanumeric() || "@.:/-_#".contains(c);
    text.split(move |c: char| !token(c)).filter_map(|token| {
        let token = token.trim_matches(|c: char| !c.is_ascii_alphanumeric());
        let digits = token.chars().filter(char::is_ascii_digit).count();
        let letters = token.chars().any(|c| c.is_ascii_alphabetic());
        let dotted = letters && token.contains(['@', '.', '/']);
        let callable = !letters && digits >= 5 && token.contains(['-']);
        (dotted || callable).then(|| token.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_an_address() {
        let found: Vec<String> = tokens("见 www.bank.cn/x 或 a@b.c,拨打400-123-4567,限额50000元,3.5%").collect();
        assert_eq!(found, ["www.bank.cn/x", "a@b.c", "400-123-4567"]);
        assert!(plain("手续费2元（含税）。").is_ok());
        for text in ["<b>免费</b>", "{\"a\":1}", "免\u{200b}费", "a\u{202e}b", "`rm`", "好😀", "a\\b"] {
            assert_eq!(plain(text), Err(Fault::NotPlain), "{text}");
        }
    }
}
