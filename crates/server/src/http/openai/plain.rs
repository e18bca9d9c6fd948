//! A reply as plain text: what a page shows as cards and buttons, said in lines.

use teller_kernel::part::{Row, Table};
use teller_kernel::{Locale, Part};

/// One part as text; nothing for a part that says nothing.
pub fn plain(part: &Part, locale: Locale) -> String {
    let zh = locale == Locale::Zh;
    match part {
        Part::Text { text } => text.clone(),
        Part::Answer { sentences, citations } => {
            let space = if zh { "" } else { " " };
            let said: Vec<&str> = sentences.iter().map(|sentence| sentence.text.as_str()).collect();
            let sources = citations.iter().map(|citation| match locale {
                Locale::Zh => format!("来源：《{}》", citation.title),
                Locale::En => format!("Source: {}", citation.title),
            });
            lines([said.join(space)].into_iter().chain(sources))
        }
        Part::Card { title, rows, table, note, .. } => {
            let table = table.iter().flat_map(table_lines);
            lines(
                [title.clone()]
                    .into_iter()
                    .chain(rows.iter().map(|row| line(row, locale)))
                    .chain(table)
                    .chain(note.clone()),
            )
        }
        Part::Choices { options, .. } => lines(options.iter().enumerate().map(|(at, option)| {
            let detail = option.detail.as_ref().map(|detail| format!(" ({detail})")).unwrap_or_default();
            format!("{}. {}{detail}", at + 1, option.label)
        })),
        Part::Confirm { title, rows, warning, .. } => {
            let ask = if zh { "请回复“确认”或“取消”。" } else { "Reply \"confirm\" or \"cancel\"." };
            let rows = rows.iter().map(|row| line(row, locale));
            lines([title.clone()].into_iter().chain(rows).chain(warning.clone()).chain([ask.to_owned()]))
        }
        Part::Otp { authorises, .. } => {
            let ask = if zh {
                "验证码请在银行应用里输入，不要发到这里。"
            } else {
                "Enter the code in the bank's app; never send it here."
            };
            lines([authorises.clone(), ask.to_owned()])
        }
        Part::Jump { label, url } => format!("{label}: {url}"),
        Part::Handoff { position, wait_s, .. } => match locale {
            Locale::Zh => format!("排队第{position}位，预计等待{}分钟。", wait_s.div_ceil(60)),
            Locale::En => format!("Number {position} in the queue, about {} min.", wait_s.div_ceil(60)),
        },
        Part::Progress { title, steps } => {
            lines([title.clone()].into_iter().chain(steps.iter().map(|step| format!("- {}", step.label))))
        }
    }
}

fn line(row: &Row, locale: Locale) -> String {
    let colon = if locale == Locale::Zh { "：" } else { ": " };
    format!("{}{colon}{}", row.label, row.value)
}

fn table_lines(table: &Table) -> impl Iterator<Item = String> + '_ {
    [&table.columns].into_iter().chain(&table.rows).map(|cells| cells.join(" | "))
}

fn lines(lines: impl IntoIterator<Item = String>) -> String {
    let said: Vec<String> = lines.into_iter().filter(|line| !line.trim().is_empty()).collect();
    said.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use teller_kernel::part::{CardStyle, ChoiceOption, Citation, CitedSentence};

    #[test]
    fn cards_answers_and_choices_are_lines() {
        let row = |label: &str, value: &str| Row { label: label.into(), value: value.into(), strong: false };
        let table =
            Table { columns: vec!["日期".into(), "金额".into()], rows: vec![vec!["1月".into(), "2".into()]] };
        let card = Part::Card {
            style: CardStyle::Info,
            title: "余额".into(),
            rows: vec![row("活期", "¥1.00")],
            table: Some(table),
            note: None,
        };
        assert_eq!(plain(&card, Locale::Zh), "余额\n活期：¥1.00\n日期 | 金额\n1月 | 2");
        let sentence = |text: &str| CitedSentence { text: text.into(), citation: 0 };
        let citation = Citation { article: "a".into(), version: "v".into(), title: "Fees".into() };
        let answer = Part::Answer { sentences: vec![sentence("One."), sentence("Two.")], citations: vec![citation] };
        assert_eq!(plain(&answer, Locale::En), "One. Two.\nSource: Fees");
        let option = ChoiceOption { id: "x".into(), label: "张伟".into(), detail: Some("0013".into()) };
        assert_eq!(plain(&Part::Choices { slot: "s".into(), options: vec![option] }, Locale::Zh), "1. 张伟 (0013)");
    }
}
