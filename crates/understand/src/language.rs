//! The language of a message, by its script and a few function words.
//!
//! A message of figures and marks alone has no language of its own: `Unknown`
//! leaves it to the conversation.

use crate::normal::is_han;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Language {
    Chinese,
    English,
    Japanese,
    /// Chinese and English words together (`帮我查balance`).
    Mixed,
    /// Letters of another script, or Latin words that are not English.
    Other,
    /// Nothing to tell by.
    Unknown,
}

/// Latin words that stand in Chinese sentences without making them mixed.
const AT_HOME: &str = "app atm pos ok vip wifi nfc pin cvv cvn etc id qq sim usd rmb cny hkd eur jpy gbp lpr swift bic iban \
    pdf sms ai k w u apple pay visa mastercard iphone a b c x otp pc hi hello bye";

/// Commonest words of English, enough to tell it from its neighbours.
const ENGLISH: &str = "the a an i my me you your to is are was do does did can could how what when where why who please \
    want need have has not no yes and or for of in on at from with it this that card account money \
    transfer balance help hello hi hey thanks thank ok okay send pay loan bank rate limit statement \
    check lost change cancel human agent last next month week year day today tomorrow yesterday show all \
    open close credit debit deposit exchange usd dollars sure stop repeat someone speak talk \
    representative operator cash fee interest";

/// Latin words that are common in a neighbour and foreign to English.
const NOT_ENGLISH: &str = "el la los las de que por para mi cuenta tarjeta hola gracias le les je mon ma est une bonjour merci \
    carte compte der die das ich mein meine nicht und ist bitte konto karte danke hallo o meu minha \
    conta cartão obrigado il mio conto ciao saya akun rekening tôi";

/// The language of a text in any form.
pub fn detect(text: &str) -> Language {
    let (mut han, mut kana, mut foreign) = (0usize, 0usize, 0usize);
    for c in text.chars() {
        match c {
            'ぁ'..='ゟ' | '゠'..='ヿ' | 'ｦ'..='ﾝ' => kana += 1,
            c if is_han(c) => han += 1,
            c if c.is_alphabetic() && !is_latin(c) => foreign += 1,
            _ => {}
        }
    }
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !is_latin(c)).filter(|w| !w.is_empty()).collect();
    if kana >= 2 || (kana == 1 && han <= 4) {
        return Language::Japanese;
    }
    if han > 0 {
        let strange = words.iter().filter(|w| w.len() > 1 && !lists(AT_HOME, w)).count();
        let letters: usize = words.iter().filter(|w| !lists(AT_HOME, w)).map(|w| w.chars().count()).sum();
        let names_only = words.iter().all(|w| !lists(ENGLISH, w)) && strange <= 2;
        return match () {
            () if foreign > han => Language::Other,
            () if strange == 0 || names_only => Language::Chinese,
            () if han <= 2 && letters > 12 => Language::English,
            () => Language::Mixed,
        };
    }
    if foreign > 0 {
        return Language::Other;
    }
    latin(&words)
}

fn lists(words: &str, word: &str) -> bool {
    words.split(' ').any(|w| w == word)
}

fn is_latin(c: char) -> bool {
    c.is_ascii_alphabetic() || matches!(c, '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}')
}

fn latin(words: &[&str]) -> Language {
    if words.is_empty() {
        return Language::Unknown;
    }
    let english = words.iter().filter(|w| lists(ENGLISH, w)).count();
    let other = words.iter().filter(|w| lists(NOT_ENGLISH, w) || !w.is_ascii()).count();
    if other > english { Language::Other } else { Language::English }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_of_customers() {
        for (text, want) in [
            ("帮我查一下余额", Language::Chinese),
            ("幫我查一下餘額", Language::Chinese),
            ("我的ATM卡被吞了", Language::Chinese),
            ("给John Smith转五百", Language::Chinese),
            ("帮我check一下balance", Language::Mixed),
            ("what is my balance", Language::English),
            ("transfer 500 to 张三 please and thank you", Language::English),
            ("残高を教えてください", Language::Japanese),
            ("カードをなくした", Language::Japanese),
            ("сколько денег на счете", Language::Other),
            ("잔액 조회", Language::Other),
            ("quiero saber el saldo de mi cuenta", Language::Other),
            ("5000", Language::Unknown),
            ("？？？", Language::Unknown),
            ("", Language::Unknown),
            ("ok", Language::English),
        ] {
            assert_eq!(detect(text), want, "{text}");
        }
    }
}
