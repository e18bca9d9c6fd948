//! A reply taken apart: what of it is meant to be read, its sentences, and the
//! clauses of one.

/// The reply without what models wrap around it: thinking aloud, emphasis,
/// bullets, numbering. Thinking without an end hides everything.
pub(crate) fn visible(reply: &str) -> String {
    let trimmed = reply.trim_start();
    let said = match trimmed.strip_prefix("<think>") {
        Some(thinking) => thinking.split_once("</think>").map_or("", |(_, said)| said),
        None => trimmed,
    };
    let lines = said.lines().map(|line| bare(line).replace("**", "").replace("__", ""));
    lines.filter(|line| !line.trim().is_empty()).collect::<Vec<_>>().join("\n")
}

/// A line without the marks at its head.
fn bare(line: &str) -> &str {
    let mut rest = line.trim();
    loop {
        let before = rest;
        rest = rest.trim_start_matches(['#', '>', '•', '·']).trim_start();
        for mark in ["- ", "* ", "+ "] {
            rest = rest.strip_prefix(mark).unwrap_or(rest).trim_start();
        }
        rest = unnumbered(rest);
        if rest == before {
            return rest;
        }
    }
}

/// `1. `, `2、`, `3)`: a number of one or two digits that only counts lines.
fn unnumbered(line: &str) -> &str {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    if !(1..=2).contains(&digits) {
        return line;
    }
    let rest = &line[digits..];
    let after = ["、", ". ", ") ", "）", "．"].into_iter().find_map(|mark| rest.strip_prefix(mark));
    // 「1.5倍」 is a figure; 「1. 」 and 「1、」 count.
    after.map_or(line, str::trim_start)
}

/// Sentences with their closing marks.
pub(crate) fn sentences(text: &str) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let (mut found, mut now) = (Vec::new(), String::new());
    let mut at = 0;
    while at < chars.len() {
        let c = chars[at];
        let next = chars.get(at + 1).copied();
        if c == '\n' {
            close(&mut found, &mut now);
        } else {
            now.push(c);
            let ends = match c {
                '。' | '！' | '？' | '!' | '?' | '；' | ';' => true,
                '.' => next.is_none_or(char::is_whitespace),
                _ => false,
            };
            // A closing quote or bracket belongs to what it closes.
            if ends && !next.is_some_and(|next| matches!(next, '”' | '’' | '"' | ')' | '）' | '」')) {
                close(&mut found, &mut now);
            }
        }
        at += 1;
    }
    close(&mut found, &mut now);
    found
}

fn close(found: &mut Vec<String>, now: &mut String) {
    let sentence = std::mem::take(now).trim().to_owned();
    if sentence.chars().any(char::is_alphanumeric) {
        found.push(sentence);
    }
}

/// Clauses of a sentence in normal form. The comma of thousands parts nothing.
pub(crate) fn clauses(normal: &[char]) -> Vec<Vec<char>> {
    let (mut found, mut now) = (Vec::new(), Vec::new());
    for (at, &c) in normal.iter().enumerate() {
        let digit = |at: Option<usize>| at.and_then(|at| normal.get(at)).is_some_and(char::is_ascii_digit);
        let inside = matches!(c, ',' | ':' | '.') && digit(at.checked_sub(1)) && digit(Some(at + 1));
        let parts = matches!(c, ',' | ':' | ';' | '(' | ')' | '。' | '!' | '?' | '；' | '—') && !inside;
        if parts {
            found.push(std::mem::take(&mut now));
        } else {
            now.push(c);
        }
    }
    found.push(now);
    found.retain(|clause: &Vec<char>| clause.iter().any(|c| c.is_alphanumeric()));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrapped_around_goes() {
        assert_eq!(visible("<think>\n收5元?\n</think>\n\n**免费**的。"), "免费的。");
        assert_eq!(visible("<think>没有结束，免费。"), "");
        assert_eq!(visible("# 答复\n- 一句。\n2、两句。\n3. 三句。\n1.5倍。"), "答复\n一句。\n两句。\n三句。\n1.5倍。");
    }

    #[test]
    fn sentences_and_clauses() {
        let text = "转账2.5元。“免费！”另有；Free. CNY 1,000.50 each.\n。";
        assert_eq!(sentences(text), ["转账2.5元。", "“免费！”另有；", "Free.", "CNY 1,000.50 each."]);
        let normal: Vec<char> = "满1,000元,免费(不含2:30以后):好".chars().collect();
        let clauses: Vec<String> = clauses(&normal).iter().map(|clause| clause.iter().collect()).collect();
        assert_eq!(clauses, ["满1,000元", "免费", "不含2:30以后", "好"]);
    }
}
