//! Check digits: resident identity card (GB 11643), unified social credit code
//! (GB 32100), bank card (Luhn), IBAN (ISO 13616). Pure arithmetic over characters.

use jiff::civil::Date;

const ID_WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const ID_CHECKS: &[u8; 11] = b"10X98765432";
const USCC_ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// First digits of provinces and regions that issue identity cards.
const REGIONS: &str =
    "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83";

/// What a valid identity number says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResidentId {
    pub born: Date,
    /// The first two digits are of no known region. Only a warning: codes of
    /// districts come and go after a holder's birth.
    pub region_unknown: bool,
}

/// An 18-character identity number whose date exists and whose check digit fits.
pub fn resident_id(number: &str) -> Option<ResidentId> {
    let bytes = number.as_bytes();
    if bytes.len() != 18 || !bytes[..17].iter().all(u8::is_ascii_digit) {
        return None;
    }
    let sum: u32 = bytes.iter().zip(ID_WEIGHTS).map(|(b, weight)| u32::from(b - b'0') * weight).sum();
    let check = *ID_CHECKS.get(usize::try_from(sum % 11).ok()?)?;
    if bytes[17].to_ascii_uppercase() != check {
        return None;
    }
    let born = birth_date(number.get(6..14)?)?;
    Some(ResidentId { born, region_unknown: !REGIONS.split(' ').any(|r| number.starts_with(r)) })
}

/// The fifteen-digit number of before 1999: no check digit, a date of the 1900s.
pub fn old_resident_id(number: &str) -> bool {
    number.len() == 15
        && number.bytes().all(|b| b.is_ascii_digit())
        && REGIONS.split(' ').any(|r| number.starts_with(r))
        && number.get(6..12).and_then(|d| birth_date(&format!("19{d}"))).is_some()
}

/// A number of an identity card's region and birth date whose check digit is wrong
/// or missing: somebody's slip, and no other number either.
pub fn malformed_resident_id(number: &str) -> bool {
    matches!(number.len(), 17 | 18)
        && resident_id(number).is_none()
        && !uscc(number)
        && number.get(..17).is_some_and(|body| body.bytes().all(|b| b.is_ascii_digit()))
        && REGIONS.split(' ').any(|r| number.starts_with(r))
        && number.get(6..14).and_then(birth_date).is_some_and(|born| (1900..=2026).contains(&born.year()))
}

fn birth_date(digits: &str) -> Option<Date> {
    let year: i16 = digits.get(..4)?.parse().ok()?;
    let month = digits.get(4..6)?.parse().ok()?;
    let day = digits.get(6..8)?.parse().ok()?;
    (1850..=2099).contains(&year).then(|| Date::new(year, month, day).ok()).flatten()
}

/// A unified social credit code whose check character fits. Upper case.
pub fn uscc(code: &str) -> bool {
    let bytes = code.as_bytes();
    let value = |b: u8| USCC_ALPHABET.iter().position(|a| *a == b);
    if bytes.len() != 18 {
        return false;
    }
    let mut weight = 1usize;
    let mut sum = 0usize;
    for byte in &bytes[..17] {
        let Some(v) = value(*byte) else { return false };
        sum += v * weight;
        weight = weight * 3 % 31;
    }
    USCC_ALPHABET[(31 - sum % 31) % 31] == bytes[17]
}

/// Whether 13 to 19 digits satisfy Luhn's sum.
pub fn luhn(digits: &str) -> bool {
    let bytes = digits.as_bytes();
    if !(13..=19).contains(&bytes.len()) || !bytes.iter().all(u8::is_ascii_digit) {
        return false;
    }
    let sum: u32 = bytes
        .iter()
        .rev()
        .enumerate()
        .map(|(at, b)| {
            let digit = u32::from(b - b'0');
            match (at % 2, digit) {
                (0, d) => d,
                (_, d) if d > 4 => d * 2 - 9,
                (_, d) => d * 2,
            }
        })
        .sum();
    sum.is_multiple_of(10)
}

/// ISO 13616: letters become 10 to 35, the first four characters move to the
/// end, and the remainder by 97 is 1. Upper case, no spaces.
pub fn iban(code: &str) -> bool {
    if !(15..=34).contains(&code.len()) || !code.is_ascii() {
        return false;
    }
    let (head, tail) = code.split_at(4);
    let remainder = tail.chars().chain(head.chars()).try_fold(0u32, |sum, c| {
        let value = c.to_digit(36)?;
        Some(if value > 9 { (sum * 100 + value) % 97 } else { (sum * 10 + value) % 97 })
    });
    remainder == Some(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identity_numbers_are_checked_by_digit_and_date_not_by_district() {
        // Districts newer than the birth date stay valid.
        for valid in ["440306198512123454", "31011519491231002X", "31011519491231002x", "11010519491231002X"] {
            assert!(resident_id(valid).is_some(), "{valid}");
        }
        for wrong in ["440306198512123455", "110105194902310021", "1101051949123100", "11010519491231002Y"] {
            assert!(resident_id(wrong).is_none(), "{wrong}");
        }
        assert!(old_resident_id("110105491231002"));
        assert!(!old_resident_id("110105491331002"));
    }

    #[test]
    fn credit_codes_and_cards() {
        assert!(uscc("91350211M000100Y46"));
        assert!(uscc("91110000600037341L"));
        assert!(!uscc("91110000600037341M"));
        assert!(luhn("4111111111111111"));
        assert!(!luhn("4111111111111112"));
        assert!(!luhn("411111111111"));
        assert!(iban("DE89370400440532013000"));
        assert!(!iban("DE88370400440532013000"));
    }
}
