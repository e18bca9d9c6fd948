//! Sentences from the corpora, and names exchanged for other names.

use crate::crf::next_random;
use serde_json::Value;
use std::path::Path;
use teller_privacy::tagger::{KINDS, tag_begin};
use teller_privacy::{PiiKind, PiiSpan};

type Failure = Box<dyn std::error::Error>;

#[derive(Clone)]
pub struct Sentence {
    pub chars: Vec<char>,
    pub spans: Vec<PiiSpan>,
}

impl Sentence {
    fn plain(text: &str) -> Self {
        Self { chars: text.chars().collect(), spans: Vec::new() }
    }

    pub fn tags(&self) -> Vec<u8> {
        let mut tags = vec![0u8; self.chars.len()];
        for span in &self.spans {
            let kind = KINDS.iter().position(|k| *k == span.kind).unwrap_or(0);
            let begin = tag_begin(kind) as u8;
            tags[span.start] = begin;
            tags[span.start + 1..span.end].fill(begin + 1);
        }
        tags
    }

    pub fn shown(&self, span: &PiiSpan) -> String {
        let value: String = self.chars[span.start..span.end.min(self.chars.len())].iter().collect();
        format!("{}:{value}", span.kind.as_str())
    }
}

pub fn marked(corpus: &Path) -> Result<Vec<Sentence>, Failure> {
    let text = std::fs::read_to_string(corpus.join("pii/pii.jsonl"))?;
    text.lines()
        .map(|line| {
            let row: Value = serde_json::from_str(line)?;
            let mut sentence = Sentence::plain(row["text"].as_str().ok_or("text")?);
            for span in row["spans"].as_array().ok_or("spans")? {
                let kind = KINDS.iter().find(|k| Some(k.as_str()) == span[2].as_str()).ok_or("an unknown type")?;
                let place = |at: usize| span[at].as_u64().map(|n| n as usize).ok_or("a place");
                sentence.spans.push(PiiSpan { start: place(0)?, end: place(1)?, kind: *kind, doubtful: false });
            }
            Ok(sentence)
        })
        .collect()
}

/// Sentences of the slot corpus whose only personal data is a payee's full name.
pub fn slots(corpus: &Path) -> Result<Vec<Sentence>, Failure> {
    let text = std::fs::read_to_string(corpus.join("slots/slots.jsonl"))?;
    let mut out = Vec::new();
    for line in text.lines() {
        let row: Value = serde_json::from_str(line)?;
        let text = row["text"].as_str().ok_or("text")?;
        let slots = &row["slots"];
        if slots.get("phone").is_some() || slots.get("payee_account").is_some() {
            continue;
        }
        let mut sentence = Sentence::plain(text);
        if let Some(name) = slots["payee_name"].as_str() {
            let chars: Vec<char> = name.chars().collect();
            let firm = ["公司", "厂", "店", "部", "中心", "行", "校", "院", "社", "場", "紡織", "快递", "贸易"];
            let english = ["Ltd", "Clinic", "Academy", "College", "Games", "Centre", "Inc", "Co"];
            let person = if name.is_ascii() {
                name.contains(' ') && !english.iter().any(|w| name.contains(w))
            } else {
                (2..=4).contains(&chars.len()) && !firm.iter().any(|w| name.ends_with(w)) || name.contains('·')
            };
            let starts: Vec<usize> = text.match_indices(name).map(|(byte, _)| text[..byte].chars().count()).collect();
            if !person || starts.is_empty() {
                continue;
            }
            let span = |start: usize| PiiSpan { start, end: start + chars.len(), kind: PiiKind::Name, doubtful: false };
            sentence.spans = starts.into_iter().map(span).collect();
        }
        out.push(sentence);
    }
    Ok(out)
}

/// Talk of the other corpora, as it is.
pub fn plain(corpus: &Path) -> Result<Vec<Sentence>, Failure> {
    let mut lines: Vec<String> = Vec::new();
    let mut intents: Vec<_> = std::fs::read_dir(corpus.join("intents"))?.collect::<Result<_, _>>()?;
    intents.sort_by_key(std::fs::DirEntry::path);
    for file in intents {
        let text = std::fs::read_to_string(file.path())?;
        lines.extend(text.lines().filter_map(|l| l.split_once('\t').map(|(_, text)| text.to_owned())));
    }
    for set in ["oos/part1.csv", "oos/part2.csv", "oos/part3.csv", "guard/guard.csv", "emotion/emotion.csv"] {
        let text = std::fs::read_to_string(corpus.join(set))?;
        lines.extend(text.lines().skip(1).map(|line| match line.strip_prefix('"') {
            Some(quoted) => quoted.rsplit_once("\",").map_or(quoted, |(text, _)| text).replace("\"\"", "\""),
            None => line.split(',').next().unwrap_or(line).to_owned(),
        }));
    }
    Ok(lines.iter().map(|line| Sentence::plain(line)).collect())
}

const FAMILIES: &str = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文";
const GIVEN: &str = "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂文辉玲华红建国海波宁鹏飞凤琴春梅玉莲云龙志永新林宇浩子涵欣怡梓轩晨佳雨嘉诗雪琪俊博思远天雅婷倩莉燕颖慧琳洁瑞睿泽熙皓翰瑶瑾萱彤妍婉淑惠珍珠翠菊香荣富贵福寿康安和清雯晓小光亮东南元兴成德义礼智信忠善诚民胜利全家宝金铁山江河松柏菲蕾薇萍蓉莹如然可心悦乐恩灵灿炜";

/// The sentences and `copies` more of those with names, each name exchanged.
pub fn multiply_names(marked: &[Sentence], copies: usize) -> Vec<Sentence> {
    let mut names: Vec<Vec<char>> = Vec::new();
    for sentence in marked {
        for span in sentence.spans.iter().filter(|s| s.kind == PiiKind::Name) {
            let name = &sentence.chars[span.start..span.end];
            if (2..=3).contains(&name.len()) && name.iter().all(|c| !c.is_ascii()) {
                names.push(name.to_vec());
            }
        }
    }
    let families: Vec<char> = FAMILIES.chars().collect();
    let given: Vec<char> = GIVEN.chars().collect();
    let mut state = 7u64;
    let mut out = marked.to_vec();
    for sentence in marked.iter().filter(|s| s.spans.iter().any(|s| s.kind == PiiKind::Name)) {
        for _ in 0..copies {
            out.push(exchanged(sentence, |name| {
                let mut pick = |from: &[char]| from[(next_random(&mut state) % from.len() as u64) as usize];
                if !(2..=3).contains(&name.len()) || name.iter().any(char::is_ascii) {
                    return name.to_vec();
                }
                let family = if pick(&['a', 'b', 'c']) == 'a' { name[0] } else { pick(&families) };
                let mut new = vec![family];
                let other = if pick(&['a', 'b']) == 'a' {
                    let at = next_random(&mut state) % names.len() as u64;
                    names[at as usize][1..].to_vec()
                } else {
                    let size = if pick(&['a', 'b', 'c', 'd']) == 'a' { 1 } else { 2 };
                    (0..size).map(|_| pick(&given)).collect()
                };
                new.extend(other);
                new
            }));
        }
    }
    out
}

fn exchanged(sentence: &Sentence, mut other: impl FnMut(&[char]) -> Vec<char>) -> Sentence {
    let mut out = Sentence { chars: Vec::new(), spans: Vec::new() };
    let mut at = 0;
    for span in &sentence.spans {
        out.chars.extend(&sentence.chars[at..span.start]);
        let value = &sentence.chars[span.start..span.end];
        let value = if span.kind == PiiKind::Name { other(value) } else { value.to_vec() };
        let start = out.chars.len();
        out.chars.extend(value);
        out.spans.push(PiiSpan { start, end: out.chars.len(), ..*span });
        at = span.end;
    }
    out.chars.extend(&sentence.chars[at..]);
    out
}
