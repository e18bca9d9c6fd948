//! Do the core's books balance? Read off its exported journal, entry by entry,
//! in whole minor units.

use std::collections::BTreeMap;

/// Sums each entry of an hledger journal by currency; the first that does not
/// come to nothing is named.
pub fn check(journal: &str) -> Result<(), String> {
    let mut entry = String::new();
    let mut sums: BTreeMap<String, i128> = BTreeMap::new();
    for line in journal.lines().chain([""]) {
        match line.strip_prefix("    ") {
            Some(posting) => add(&mut sums, posting).map_err(|what| format!("{entry}: {what}"))?,
            None => {
                if let Some((currency, sum)) = sums.iter().find(|(_, sum)| **sum != 0) {
                    return Err(format!("entry `{entry}` is off by {sum} {currency}"));
                }
                sums.clear();
                line.clone_into(&mut entry);
            }
        }
    }
    Ok(())
}

fn add(sums: &mut BTreeMap<String, i128>, posting: &str) -> Result<(), String> {
    let bad = || format!("`{posting}` is no posting");
    // `account  CUR amount`, maybe with a balance assertion after `=`.
    let amount = posting.split_once("  ").map(|(_, amount)| amount).ok_or_else(bad)?;
    let amount = amount.split('=').next().unwrap_or_default().trim();
    if amount.is_empty() {
        return Ok(());
    }
    let (currency, number) = amount.split_once(' ').ok_or_else(bad)?;
    let minor: i128 = number.replace(['.', ','], "").trim().parse().map_err(|_| bad())?;
    *sums.entry(currency.to_owned()).or_default() += minor;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_that_does_not_balance_is_named() {
        let journal = "; x\n2026-11-20 (1) transfer\n    a:b  CNY 10.00\n    c:d  CNY -10.00\n\n2026-11-20 (2) fee\n    a:b  CNY 0.10\n    c:d  CNY -0.01\n";
        assert!(check(journal).unwrap_err().contains("(2) fee"));
        assert!(check(&journal.replace("-0.01", "-0.10")).is_ok());
        assert!(check("2026-11-20 (3) assertion\n    a:b  CNY 0.00 = CNY 9.99\n").is_ok());
    }
}
