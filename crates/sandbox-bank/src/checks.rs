//! Checks of identifiers: Luhn (ISO/IEC 7812-1), IBAN (ISO 13616), BIC (ISO 9362).

/// Longest IBAN.
const IBAN_MAX: usize = 34;

/// Appends the Luhn digit to a run of digits.
pub fn with_luhn(body: &str) -> String {
    let sum: u32 = body
        .bytes()
        .rev()
        .enumerate()
        .map(|(at, byte)| {
            let digit = u32::from(byte.saturating_sub(b'0'));
            if at % 2 == 1 { digit } else { (digit * 2) / 10 + (digit * 2) % 10 }
        })
        .sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}

/// Upper case without blanks.
pub fn compact(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_uppercase()).collect()
}

/// Shape and check digits (mod 97 = 1) of an IBAN without blanks.
pub fn is_iban(iban: &str) -> bool {
    let bytes = iban.as_bytes();
    let shaped = (15..=IBAN_MAX).contains(&bytes.len())
        && bytes[..2].iter().all(u8::is_ascii_uppercase)
        && bytes[2..4].iter().all(u8::is_ascii_digit)
        && bytes.iter().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase());
    let rest = |rest: u32, byte: &u8| match byte {
        b'0'..=b'9' => (rest * 10 + u32::from(byte - b'0')) % 97,
        letter => (rest * 100 + u32::from(letter - b'A') + 10) % 97,
    };
    shaped && bytes[4..].iter().chain(&bytes[..4]).fold(0, rest) == 1
}

/// Shape of a BIC: bank (4), country (2), place (2), branch (3, optional).
pub fn is_bic(bic: &str) -> bool {
    let bytes = bic.as_bytes();
    matches!(bytes.len(), 8 | 11)
        && bytes.iter().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
        && bytes[4..6].iter().all(u8::is_ascii_uppercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_identifiers() {
        assert_eq!(with_luhn("622588000000000"), "6225880000000001");
        assert_eq!(with_luhn("621226000000000000"), "6212260000000000000");
        assert!(is_iban(&compact("GB82 West 1234 5698 7654 32")));
        assert!(!is_iban("GB82WEST12345698765433"));
        assert!(is_bic("DEUTDEFF500"));
        assert!(!is_bic("DEUTDEF"));
    }
}
