//! Checks of identifiers that need no look-up: Luhn, IBAN, BIC, resident id.
//!
//! Sources: ISO/IEC 7812-1 (Luhn), ISO 13616 (IBAN, mod 97 = 1), ISO 9362
//! (BIC), GB 11643 (resident id). A district code of a resident id is no
//! reason to refuse: districts come and go, the check digit and the date do not.

use jiff::civil::Date;

/// Shortest and longest card number.
const CARD_DIGITS: std::ops::RangeInclusive<usize> = 13..=19;
/// Longest IBAN.
const IBAN_MAX: usize = 34;

/// Does the number end in its Luhn digit, with 13 to 19 digits?
pub fn is_card_number(number: &str) -> bool {
    CARD_DIGITS.contains(&number.len())
        && number.bytes().all(|b| b.is_ascii_digit())
        && luhn_sum(number).is_multiple_of(10)
}

fn luhn_sum(number: &str) -> u32 {
    number
        .bytes()
        .rev()
        .enumerate()
        .map(|(at, byte)| {
            let digit = u32::from(byte - b'0');
            match (at % 2, digit * 2) {
                (0, _) => digit,
                (_, doubled) if doubled > 9 => doubled - 9,
                (_, doubled) => doubled,
            }
        })
        .sum()
}

/// Is it a well-formed IBAN with the right check digits? Spaces are ignored.
pub fn is_iban(text: &str) -> bool {
    let iban: String = text.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_uppercase()).collect();
    let bytes = iban.as_bytes();
    let shaped = (15..=IBAN_MAX).contains(&bytes.len())
        && bytes[..2].iter().all(u8::is_ascii_uppercase)
        && bytes[2..4].iter().all(u8::is_ascii_digit)
        && bytes.iter().all(u8::is_ascii_alphanumeric);
    shaped && bytes[4..].iter().chain(&bytes[..4]).fold(0u32, |rest, byte| mod97(rest, *byte)) == 1
}

fn mod97(rest: u32, byte: u8) -> u32 {
    match byte {
        b'0'..=b'9' => (rest * 10 + u32::from(byte - b'0')) % 97,
        letter => (rest * 100 + u32::from(letter - b'A') + 10) % 97,
    }
}

/// Is it a BIC: four letters or digits of the bank, two of the country, two of
/// the place, and optionally three of the branch?
pub fn is_bic(text: &str) -> bool {
    let bytes = text.as_bytes();
    matches!(bytes.len(), 8 | 11)
        && bytes.iter().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
        && bytes[4..6].iter().all(u8::is_ascii_uppercase)
}

/// Does a resident id have a real birth date and the right check character?
pub fn is_resident_id(text: &str) -> bool {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const CHECK: &[u8; 11] = b"10X98765432";
    let bytes = text.as_bytes();
    if bytes.len() != 18 || !bytes[..17].iter().all(u8::is_ascii_digit) {
        return false;
    }
    let sum: u32 = bytes[..17].iter().zip(WEIGHTS).map(|(byte, weight)| u32::from(byte - b'0') * weight).sum();
    let number = |from: usize, to: usize| text[from..to].parse::<i16>().unwrap_or(0);
    let month = i8::try_from(number(10, 12)).unwrap_or(0);
    let day = i8::try_from(number(12, 14)).unwrap_or(0);
    CHECK[(sum % 11) as usize] == bytes[17].to_ascii_uppercase() && Date::new(number(6, 10), month, day).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_domain_vectors() {
        assert!(is_card_number("6225880000000001"));
        assert!(is_card_number("6212260000000000000"));
        assert!(!is_card_number("6225880000000002"));
        assert!(is_iban("GB82WEST12345698765432"));
        assert!(is_iban("gb82 west 1234 5698 7654 32"));
        assert!(!is_iban("GB83WEST12345698765432"));
        assert!(is_resident_id("110101199003070011"));
        // A district younger than the person: valid by check digit and date.
        assert!(is_resident_id("440306198512123454"));
        assert!(!is_resident_id("110101199013070011"));
    }

    #[test]
    fn bics_have_eight_or_eleven_places() {
        assert!(is_bic("YSHNCNS0XXX"));
        assert!(is_bic("YSHNCNS0"));
        assert!(!is_bic("YSHN1NS0"));
        assert!(!is_bic("YSHNCNS0X"));
        assert!(!is_bic("yshncns0"));
    }

    proptest! {
        #[test]
        fn checks_never_panic(text in ".{0,40}") {
            let _ = (is_card_number(&text), is_iban(&text), is_bic(&text), is_resident_id(&text));
        }

        #[test]
        fn a_changed_digit_is_noticed(at in 0usize..16, by in 1u8..10) {
            let mut number = *b"6225880000000001";
            number[at] = (number[at] - b'0' + by) % 10 + b'0';
            prop_assert!(!is_card_number(std::str::from_utf8(&number).unwrap()));
        }
    }
}
