//! The filters and tests that a template or expression names. The template
//! engine looks them up only when it renders, so a misspelt one would first be
//! met by a customer; here they are found without rendering.
//!
//! This is no parser: what does not parse is found by the engine itself.

use minijinja::{Environment, ErrorKind};

/// A name the engine does not know, said as an author would look for it.
pub fn unknown_in_template(environment: &Environment<'_>, template: &str) -> Option<String> {
    // Inside a raw block code is text; whoever writes one knows what they do.
    if template.contains("{% raw") {
        return None;
    }
    code_of(template).into_iter().find_map(|code| unknown_in_expression(environment, code))
}

pub fn unknown_in_expression(environment: &Environment<'_>, code: &str) -> Option<String> {
    let code = without_strings(code);
    let filters = code.split('|').skip(1).filter_map(|rest| first_word(rest)).map(|name| ("filter", name));
    let words: Vec<&str> = words(&code).collect();
    let tests = (0..words.len()).filter(|at| words[*at] == "is").filter_map(|at| {
        let after = words.get(at + 1)?;
        let name = if *after == "not" { words.get(at + 2)? } else { after };
        Some(("test", *name))
    });
    filters
        .chain(tests)
        .find(|(what, name)| !is_known(environment, what, name))
        .map(|(what, name)| format!("unknown {what} `{name}`"))
}

/// Asked of the engine itself, so that the list is never out of date.
fn is_known(environment: &Environment<'_>, what: &str, name: &str) -> bool {
    let probe = if what == "filter" { format!("none | {name}") } else { format!("none is {name}") };
    let tried = environment.compile_expression(&probe).and_then(|compiled| compiled.eval(()));
    !matches!(tried, Err(error) if matches!(error.kind(), ErrorKind::UnknownFilter | ErrorKind::UnknownTest))
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

fn words(code: &str) -> impl Iterator<Item = &str> {
    code.split(|character| !is_word(character)).filter(|word| !word.is_empty())
}

fn first_word(code: &str) -> Option<&str> {
    code.trim_start().split(|character| !is_word(character)).next().filter(|word| !word.is_empty())
}

/// What stands between `{{ }}` and `{% %}`.
fn code_of(template: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = template;
    while let Some(at) = rest.find('{') {
        rest = &rest[at + 1..];
        if let Some(code) = rest.strip_prefix(['{', '%']) {
            let end = end_of(code);
            found.push(&code[..end]);
            rest = &code[end..];
        } else if let Some(comment) = rest.strip_prefix('#') {
            rest = comment.split_once("#}").map_or("", |(_, after)| after);
        }
    }
    found
}

/// Where the code ends: at `}}` or `%}` outside of strings and braces.
fn end_of(code: &str) -> usize {
    let bare = without_strings(code);
    let mut depth = 0_usize;
    for (at, character) in bare.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            '}' => return at,
            '%' if bare[at..].starts_with("%}") => return at,
            _ => {}
        }
    }
    code.len()
}

/// The same code, as long in bytes, with every string blanked out.
fn without_strings(code: &str) -> String {
    let mut bare = String::with_capacity(code.len());
    let mut open: Option<char> = None;
    let mut escaped = false;
    for character in code.chars() {
        let blank = match open {
            Some(quote) => {
                if character == quote && !escaped {
                    open = None;
                }
                escaped = character == '\\' && !escaped;
                true
            }
            None if character == '\'' || character == '"' => {
                open = Some(character);
                true
            }
            None => false,
        };
        if blank {
            bare.extend(std::iter::repeat_n(' ', character.len_utf8()));
        } else {
            bare.push(character);
        }
    }
    bare
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unknown(template: &str) -> Option<String> {
        let mut environment = Environment::new();
        crate::filters::register(&mut environment);
        unknown_in_template(&environment, template)
    }

    #[test]
    fn only_what_is_code_is_looked_at() {
        for sound in [
            "a | b, {x | y} is odd",
            "{{ amount | money }}",
            "{{ a | default('| nothing is amiss }}') }}",
            "{{ {'a': {'b': 1}}['a'] | default(\"it\\\"s | so\") }}",
            "{% if a is defined and b is not none %}x{% endif %}",
            "{# a | nonsense #}",
            "{{",
        ] {
            assert_eq!(unknown(sound), None, "{sound}");
        }
    }

    #[test]
    fn a_misspelt_filter_or_test_is_named() {
        assert_eq!(unknown("{{ a | money }}{{ b | mony }}").as_deref(), Some("unknown filter `mony`"));
        assert_eq!(unknown("{% if a is not definde %}{% endif %}").as_deref(), Some("unknown test `definde`"));
        assert_eq!(unknown("{{ {'a': {}} | tial }}").as_deref(), Some("unknown filter `tial`"));
    }
}
