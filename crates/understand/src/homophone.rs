//! Misheard words put right: 「挂事」 sounds like 挂失 and means nothing itself.
//!
//! Speech recognisers and pinyin keyboards write another word of the same sound.
//! A stretch of a message that is no word of the bank, does not stand in the
//! pack's own samples and is no everyday word is replaced by the word of the bank
//! that sounds like it. What comes out is one more reading of the message for the
//! ranking of intents, never the message: names, amounts and slots are read from
//! what was written.
//!
//! Invariants: pure; the reading is as long as the text's normal form, in
//! characters; characters of the spans to be kept, of words of the bank and of grammar stay as they are; a text
//! without such a stretch gives nothing. Not here: when the reading is used.

use crate::normal::{Normal, is_han};
use crate::pinyin::{Sound, blurred, readings};
use std::collections::{BTreeSet, HashMap, HashSet};

/// Characters of the words that are looked for.
const WORD_CHARS_MIN: usize = 2;
const WORD_CHARS_MAX: usize = 4;
/// Words that one list holds.
const WORDS_MAX: usize = 20_000;
/// Characters of a message that are looked at.
const TEXT_CHARS_MAX: usize = 200;
/// Words put right in one message.
const SWAPS_MAX: usize = 4;
/// Ways to read one stretch aloud that are tried.
const READINGS_MAX: usize = 8;
/// A run of characters counts as a word of the samples when so many of one intent hold it…
const SAMPLES_MIN: usize = 5;
/// …and they are this share of all that hold it.
const SHARE_MIN: f64 = 0.7;

/// Words of every bank.
const HOUSE: &str = "挂失 解挂 补卡 换卡 销户 开户 销卡 致电 来电 质押 抵押 余额 明细 流水 转账 汇款 收款 付款 取款 存款 贷款 还款 借款 扣款 退款 到账 入账 限额 额度 提额 利率 利息 年化 汇率 牌价 购汇 结汇 外汇 理财 基金 保险 国债 存单 定期 活期 通知存款 大额存单 结构性存款 赎回 申购 净值 账户 账号 账单 对账 卡号 密码 验证码 短信 手机银行 网银 网上银行 电子银行 柜台 柜面 网点 支行 分行 客服 人工 投诉 挂号 预约 取号 排队 手续费 年费 滞纳金 违约金 逾期 分期 最低还款 积分 额度 征信 冻结 解冻 止付 盗刷 激活 启用 锁卡 解锁 吞卡 取现 提现 转出 转入 代扣 缴费 水电费 工资卡 社保卡 信用卡 储蓄卡 借记卡 银行卡 附属卡 公积金 房贷 车贷 月供 提前还款 等额本息 等额本金 评估 担保 电子回单 回单 凭证 印鉴 对公 基本户 一般户 收款人 付款人 开户行 行号 身份证 人脸识别 动态口令 口令 令牌 双录 风险测评 受益人 存折 零钱 现金 假币 兑换 跨行 同行 实时 延时 次日";

/// Everyday words that sound like one of a bank.
const EVERYDAY: &str = "支点 指点 直点 理睬 立方 恶毒 带宽 回款 会款 鸡精 激进 自尽 紫金 几分 分歧 分批 预期 语气 玉器 体现 曲线 低压 克服 网瘾 深情 平整 诚心 离席 利于 来店 来点 交费 交付 手快 首款 长号 实施 事实 适时 及时 同志 统治 动机 预定 余地 玉米 严正 研制 验资 断线 队长 收据 数据 首批 授权 售前 先进 陷阱 环境 缓解 患者 撞上 装上 专业 节省 街上 结果 借机 接触 恢复 回归 任何 认可 一半 一班 贵客 流失 预览 与其 于是 遇事 雨伞 鱼儿 资历 自理 解雇 结过 接过 余约 长期 常驻 即或 济南 基准 计算 及格 即将 今儿 进入 仅限 致富 制服 支书 指数 治疗 制约 智能 高速 通知 洞穴 动静 现今 县境 此日 刺入 时效 实效 失效 逝世 史诗 试试 画费 花费 化肥 工号 公号 存照 村民 汇报 回报 会报 挂式 关系 官司 兴趣 信箱 心细 讯息 信心";

/// Characters of grammar, which nobody mishears into a word of a bank.
const GRAMMAR: &str = "的了吗呢吧啊么嘛我你您他她它们是不没有在就也都要很这那哪谁个几";

/// Characters of bank talk with more than one reading that people use.
const POLYPHONES: &str = "行还长重调率转得数";

/// Words of the bank by how they sound.
#[derive(Debug, Default)]
pub struct Homophones {
    by_sound: HashMap<String, Vec<Box<str>>>,
    words: HashSet<Box<str>>,
    /// Neighbours in the pack's own samples.
    pairs: HashSet<(char, char)>,
}

/// Another reading of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Corrected {
    pub text: String,
    /// What was written and what it became.
    pub swaps: Vec<(String, String)>,
}

impl Homophones {
    /// From words of the pack, and its samples with the intent of each. Words of
    /// every bank are always among them.
    #[must_use]
    pub fn of<'a>(
        words: impl IntoIterator<Item = &'a str>,
        samples: impl Iterator<Item = (&'a str, &'a str)> + Clone,
    ) -> Self {
        let mut book = Self::default();
        let telling = telling(samples.clone());
        let listed = HOUSE.split(' ').chain(words).map(str::to_owned).chain(telling);
        listed.filter(|word| is_word(word)).take(WORDS_MAX).for_each(|word| book.add(&word));
        for (_, text) in samples {
            let chars: Vec<char> = text.chars().collect();
            book.pairs.extend(chars.windows(2).map(|pair| (pair[0], pair[1])));
        }
        book.by_sound.values_mut().for_each(|words| words.sort_unstable());
        book
    }

    fn add(&mut self, word: &str) {
        if self.words.insert(word.into()) {
            for sound in sounds(&word.chars().collect::<Vec<_>>()) {
                self.by_sound.entry(sound).or_default().push(word.into());
            }
        }
    }

    /// The message's normal form with misheard words put right; `None` when there
    /// are none. `keep` are spans, in characters as written, that stay as they are.
    #[must_use]
    pub fn correct(&self, text: &str, keep: &[(usize, usize)]) -> Option<Corrected> {
        let normal = Normal::of(text);
        let mut chars: Vec<char> = normal.chars().to_vec();
        let end = chars.len().min(TEXT_CHARS_MAX);
        let kept = |at: usize| {
            let (from, to) = normal.original(at, at + 1);
            keep.iter().any(|(start, end)| from < *end && *start < to)
        };
        let fixed = self.fixed(&chars[..end], kept);
        let (mut at, mut swaps) = (0, Vec::new());
        while at < end && swaps.len() < SWAPS_MAX {
            let longest = WORD_CHARS_MAX.min(end - at);
            let found = (WORD_CHARS_MIN..=longest).rev().find_map(|length| {
                let free = fixed[at..at + length].iter().all(|fixed| !fixed);
                free.then(|| self.meant(&chars[at..at + length])).flatten()
            });
            let Some(word) = found else {
                at += 1;
                continue;
            };
            let length = word.chars().count();
            swaps.push((chars[at..at + length].iter().collect(), word.to_owned()));
            chars.splice(at..at + length, word.chars());
            at += length;
        }
        (!swaps.is_empty()).then(|| Corrected { text: chars.into_iter().collect(), swaps })
    }

    /// Places that stay: what is to be kept, words of the bank as written, grammar.
    fn fixed(&self, chars: &[char], kept: impl Fn(usize) -> bool) -> Vec<bool> {
        let stays = |(at, c): (usize, &char)| !is_han(*c) || GRAMMAR.contains(*c) || kept(at);
        let mut fixed: Vec<bool> = chars.iter().enumerate().map(stays).collect();
        let mut fix = |start: usize, end: usize| {
            if let Some(places) = fixed.get_mut(start..end.min(chars.len())) {
                places.fill(true);
            }
        };
        for start in 0..chars.len() {
            for length in WORD_CHARS_MIN..=WORD_CHARS_MAX.min(chars.len() - start) {
                let stretch: String = chars[start..start + length].iter().collect();
                if self.words.contains(stretch.as_str()) {
                    fix(start, start + length);
                }
            }
        }
        fixed
    }

    /// The word of the bank that a stretch sounds like, if it is no word itself.
    fn meant(&self, stretch: &[char]) -> Option<&str> {
        if stretch.windows(2).all(|pair| self.pairs.contains(&(pair[0], pair[1]))) {
            return None;
        }
        let written: String = stretch.iter().collect();
        let candidates = sounds(stretch).into_iter().filter_map(|sound| self.by_sound.get(&sound)).flatten();
        let heard = candidates.filter_map(|word| {
            let same = word.chars().zip(stretch).filter(|(a, b)| a == *b).count();
            let sound = word.chars().zip(stretch).map(|(a, b)| heard(a, *b)).min()?;
            // Sounds that only accents mix up need a character that is right.
            let near_enough = sound == Sound::Same || (sound == Sound::Near && same > 0);
            near_enough.then_some((sound, same, std::cmp::Reverse(word), &**word))
        });
        let everyday = || EVERYDAY.split(' ').any(|word| written.contains(word));
        heard.max().map(|(.., word)| word).filter(|_| !everyday())
    }
}

fn is_word(word: &str) -> bool {
    (WORD_CHARS_MIN..=WORD_CHARS_MAX).contains(&word.chars().count()) && word.chars().all(is_han)
}

/// How a stretch may sound, accents' mix-ups folded together.
fn sounds(stretch: &[char]) -> Vec<String> {
    let mut all = vec![String::new()];
    for c in stretch {
        let syllables: BTreeSet<String> = spoken(*c).iter().map(|syllable| blurred(syllable)).collect();
        let longer = all.iter().flat_map(|head| syllables.iter().map(move |tail| format!("{head} {tail}")));
        all = longer.take(READINGS_MAX).collect();
    }
    all
}

/// The readings of a character that people use. Dictionaries list rare ones too,
/// with which almost anything sounds like anything.
fn spoken(c: char) -> Vec<String> {
    let mut all = readings(c);
    if !POLYPHONES.contains(c) {
        all.truncate(1);
    }
    all
}

/// How two characters sound next to each other.
fn heard(a: char, b: char) -> Sound {
    let (a, b) = (spoken(a), spoken(b));
    match () {
        () if a.iter().any(|one| b.contains(one)) => Sound::Same,
        () if a.iter().any(|one| b.iter().any(|other| blurred(one) == blurred(other))) => Sound::Near,
        () => Sound::Different,
    }
}

/// Runs of characters that samples of one intent share and others hardly hold.
fn telling<'a>(samples: impl Iterator<Item = (&'a str, &'a str)>) -> BTreeSet<String> {
    let mut counts: HashMap<String, HashMap<&str, usize>> = HashMap::new();
    for (intent, text) in samples {
        let chars: Vec<char> = text.chars().collect();
        let runs = (WORD_CHARS_MIN..=3).flat_map(|length| chars.windows(length));
        let runs: HashSet<String> =
            runs.filter(|run| run.iter().all(|c| is_han(*c))).map(|run| run.iter().collect()).collect();
        for run in runs {
            *counts.entry(run).or_default().entry(intent).or_default() += 1;
        }
    }
    let tells = |by_intent: &HashMap<&str, usize>| {
        let (most, all) = (by_intent.values().max().copied().unwrap_or(0), by_intent.values().sum::<usize>());
        most >= SAMPLES_MIN && most as f64 >= SHARE_MIN * all as f64
    };
    let fit = |run: &String| !run.chars().any(|c| GRAMMAR.contains(c));
    counts.into_iter().filter(|(run, by_intent)| tells(by_intent) && fit(run)).map(|(run, _)| run).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn book() -> Homophones {
        let samples =
            [("A", "我的卡丢了要挂失"), ("A", "银行卡找不到了"), ("B", "查一下余额还有多少"), ("C", "怎么话费充值")];
        Homophones::of(["安居贷"], samples.into_iter())
    }

    #[test]
    fn misheard_words_of_the_bank_are_put_right() {
        let book = book();
        for (heard, meant) in [
            ("我要挂事", "我要挂失"),
            ("我要质店客服", "我要致电客服"),
            ("查一下鱼额", "查一下余额"),
            ("给张三转帐五百", "给张三转账五百"),
            ("有什么里财", "有什么理财"),
            ("信用咖还宽", "信用卡还款"),
            ("存宽利绿多少", "存款利率多少"),
            ("安居带怎么申请", "安居贷怎么申请"),
            ("卡被动结了", "卡被冻结了"),
            ("挂丝以后怎么办", "挂失以后怎么办"),
        ] {
            assert_eq!(book.correct(heard, &[]).map(|it| it.text).as_deref(), Some(meant), "{heard}");
        }
    }

    #[test]
    fn words_that_are_words_stay() {
        let book = book();
        for text in [
            "我要挂失",
            "话费怎么充",
            "你们怎么不理睬我",
            "能不能指点一下",
            "几分钟能到",
            "太恶毒了",
            "查詢餘額",
            "轉賬５００",
            "带宽不够",
            "要验证吗",
            "hello, 5000 yuan",
            "",
            "今天天气不错",
        ] {
            assert_eq!(book.correct(text, &[]), None, "{text}");
        }
    }

    #[test]
    fn what_is_to_be_kept_is_kept() {
        // 余娥 is a name here, 7 and 8 its places.
        let book = book();
        assert_eq!(book.correct("给余娥打五百", &[(1, 3)]), None);
        assert!(book.correct("给余娥打五百", &[]).is_some());
        let long = "里财".repeat(500);
        assert_eq!(book.correct(&long, &[]).unwrap().swaps.len(), SWAPS_MAX, "bounded");
    }

    proptest! {
        #[test]
        fn a_reading_keeps_length_and_all_but_its_swaps(text in "[挂事鱼额转帐的理财里我要查一下a1，卡了余失]{0,40}") {
            let book = book();
            if let Some(corrected) = book.correct(&text, &[]) {
                let text = crate::normalise(&text);
                prop_assert_eq!(corrected.text.chars().count(), text.chars().count());
                let swapped: usize = corrected.swaps.iter().map(|(from, _)| from.chars().count()).sum();
                let changed = text.chars().zip(corrected.text.chars()).filter(|(a, b)| a != b).count();
                prop_assert!(changed >= 1 && changed <= swapped);
                prop_assert!(corrected.swaps.iter().all(|(from, to)| from != to && from.chars().count() == to.chars().count()));
            }
        }

        #[test]
        fn text_of_the_banks_own_words_is_unchanged(words in proptest::collection::vec(0_usize..HOUSE.split(' ').count(), 1..6)) {
            let text: String = words.iter().filter_map(|at| HOUSE.split(' ').nth(*at)).collect();
            prop_assert_eq!(book().correct(&text, &[]), None, "{}", text);
        }

        #[test]
        fn any_text_is_survived(text in ".{0,80}", start in 0_usize..90, end in 0_usize..90) {
            let _ = book().correct(&text, &[(start, end)]);
        }
    }
}
