//! Cases are written with their spans marked: `电话[PHONE:13812345678]`.

use proptest::prelude::*;
use teller_privacy::detect;

/// The plain text and the spans its marks stand for.
fn parse(marked: &str) -> (String, Vec<(usize, usize, String)>) {
    let (mut text, mut spans, mut rest) = (String::new(), Vec::new(), marked);
    while let Some(open) = rest.find('[') {
        text.push_str(&rest[..open]);
        let close = open + rest[open..].find(']').expect("a mark is closed");
        let (kind, value) = rest[open + 1..close].split_once(':').expect("a mark names its kind");
        let start = text.chars().count();
        text.push_str(value);
        spans.push((start, start + value.chars().count(), kind.to_owned()));
        rest = &rest[close + 1..];
    }
    text.push_str(rest);
    (text, spans)
}

fn check(rows: &[&str]) {
    let wrong: Vec<String> = rows
        .iter()
        .filter_map(|row| {
            let (text, want) = parse(row);
            let got: Vec<(usize, usize, String)> =
                detect(&text).iter().map(|s| (s.start, s.end, s.kind.as_str().to_owned())).collect();
            let show = |spans: &[(usize, usize, String)]| {
                spans
                    .iter()
                    .map(|(a, b, k)| format!("{k}:{}", text.chars().skip(*a).take(b - a).collect::<String>()))
                    .collect::<Vec<_>>()
                    .join(" | ")
            };
            (got != want).then(|| format!("{text}\n    want {}\n    got  {}", show(&want), show(&got)))
        })
        .collect();
    assert!(wrong.is_empty(), "{} of {} rows differ:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}

#[test]
fn phones() {
    check(&[
        "我手机号是[PHONE:13812345678]",
        "打我电话[PHONE:138 1234 5678]",
        "[PHONE:138-1234-5678]给我回电",
        "电话：[PHONE:１３８１２３４５６７８]",
        "手机号[PHONE:幺三八零零幺三八零零零]",
        "我的号是[PHONE:一三八一二三四五六七八]",
        "[PHONE:+86 13812345678]",
        "[PHONE:+8613812345678]是我的",
        "[PHONE:86-13812345678]",
        "家里座机[PHONE:021-62345678]",
        "[PHONE:010 88886666]找我",
        "固话[PHONE:0571-87654321]",
        "家里电话[PHONE:87654321]",
        "my cell is [PHONE:+1 415 555 2671]",
        "call me at [PHONE:+44 20 7946 0958]",
        "两个号码[PHONE:13912345678]和[PHONE:18800001111]",
        "把短信发到[PHONE:13700001234]。",
    ]);
}

#[test]
fn hotlines_and_plain_numbers_are_nobody() {
    check(&[
        "打95566没人接",
        "我拨打95588了",
        "客服电话400-820-8820",
        "打了400 810 5555还是不行",
        "报警打110",
        "打12378投诉",
        "打96110了",
        "转5000块",
        "转1380000元",
        "余额还有12345678.90元",
        "订单号20261121123456789",
        "流水号2026112100012345",
        "2026-11-21 10:30:15",
        "2026年11月21日",
        "20261121",
        "利率3.85%",
        "尾号1234的卡",
        "第13页",
        "工单号138123456789",
        "存了10000000元",
        "从2026-01-01到2026-03-31的流水",
        "快递单号SF1234567890123",
        "贷款30万36期",
        "我今年65岁",
        "基金代码000001",
        "手机银行怎么登录",
        "12306上买票扣款失败",
        "卡号前六位是622202",
        "订单号 6228480402564890018",
        "手机号码是138****1234",
        "保单号PDAA202611000123456",
        "100 200 300",
        "余额 1 2 3",
        "股票代码600036",
    ]);
}

#[test]
fn cards_and_accounts() {
    check(&[
        "卡号[BANK_CARD:6222020200112233444]",
        "我的卡[BANK_CARD:6222 0202 0011 2233 444]",
        "card [BANK_CARD:4111 1111 1111 1111] was declined",
        "[BANK_CARD:4111-1111-1111-1111]",
        "卡号是[BANK_CARD:６２２２０２０２００１１２２３３４４４]",
        "转到账号[ACCOUNT_NO:0200001234567]",
        "账户：[ACCOUNT_NO:110923456710]",
        "my account number is [ACCOUNT_NO:123456789]",
        "公积金账号[ACCOUNT_NO:3301234567]",
    ]);
}

#[test]
fn identities() {
    check(&[
        "身份证[ID_CARD:11010519491231002X]",
        "身份证 [ID_CARD:4 4 0 3 0 6 1 9 8 5 1 2 1 2 3 4 5 4]",
        "身份证号码320106198803154524",
        "身份证号[ID_CARD:440306198512123454]",
        "[ID_CARD:31011519491231002x]",
        "护照号[PASSPORT:E12345678]",
        "护照[PASSPORT:EA1234567]",
        "passport [PASSPORT:G12345678]",
        "我的护照是[PASSPORT:E87654321]，过期了",
        "港澳通行证[HK_MACAO_PERMIT:C12345678]",
        "回乡证号[HK_MACAO_PERMIT:H1234567801]",
        "统一社会信用代码[USCC:91350211M000100Y46]",
        "我们公司的代码是[USCC:91110000600037341L]",
        "车牌[PLATE:京A12345]",
        "我的车是[PLATE:沪AD12345]",
        "ETC绑的[PLATE:粤B·88888]",
    ]);
}

#[test]
fn names() {
    check(&[
        "我叫[NAME:张三]",
        "我是[NAME:李小明]，想查余额",
        "户名：[NAME:王芳]",
        "收款人[NAME:欧阳娜娜]",
        "收款人是[NAME:陈建国]，卡号[BANK_CARD:6222020200112233444]",
        "转给[NAME:赵六]五千",
        "给[NAME:张三]转三千二",
        "[NAME:张伟]先生的卡被锁了",
        "转五百给[NAME:李四]",
        "我老板叫[NAME:马大胜]",
        "收件人[NAME:李梅]",
        "给[NAME:钟南山]医生转500",
        "谢谢李先生",
        "花呗可以转给花呗吗",
        "姓名和身份证都填了",
        "叫好不叫座",
        "我朋友高兴坏了",
        "给我妈[NAME:王秀英]转500",
        "帮[NAME:李四]还款",
        "my name is [NAME:John Smith]",
        "transfer 500 to [NAME:Mary Jane Watson] please",
        "我叫[NAME:張偉]",
        "联系人：[NAME:诸葛亮]",
        "我是张先生",
        "给老王转五百",
        "给我妈转钱",
        "给王总转账",
        "我姓李",
        "李女士你好",
        "我是高级客户",
        "我是你们的老客户",
        "给我转人工",
        "我是新用户",
        "和平路支行在哪",
        "我叫不到车",
        "给房东转房租",
        "小李帮我查下",
        "I am very angry",
    ]);
}

#[test]
fn secrets_and_the_rest() {
    check(&[
        "验证码是[OTP:123456]",
        "验证码[OTP:8 8 6 6 1 2]",
        "我收到的动态码[OTP:4567]",
        "[OTP:652341]是我的验证码",
        "the OTP is [OTP:998877]",
        "密码是[PASSWORD:abc123]",
        "密码我设的是 [PASSWORD:888888]",
        "CVV 是 [PASSWORD:123]",
        "the pin is [PASSWORD:4821]",
        "the code you sent is [OTP:445566]",
        "刚收到短信验证码，是 [OTP:8 7 6 5 4 3]",
        "出生于[DOB:一九八五年三月]",
        "我是[DOB:92年8月15号]出生的",
        "微信[WECHAT:wx123456789]",
        "IBAN [ACCOUNT_NO:DE89 3704 0044 0532 0130 00]",
        "我的取款密码[PASSWORD:246810]",
        "password: [PASSWORD:Hunter2!x]",
        "登录密码改成[PASSWORD:Qwer@1234]",
        "我的微信[WECHAT:zhang_san88]",
        "微信号：[WECHAT:wxid_abc123]",
        "加我vx [WECHAT:lily2020]",
        "邮箱[EMAIL:zhang.san@example.com]",
        "发到[EMAIL:abc123@qq.com]吧",
        "[EMAIL:ｔｅｓｔ＠ｅｘａｍｐｌｅ．ｃｏｍ]",
        "我的生日是[DOB:1990年5月12日]",
        "出生日期[DOB:1985-12-03]",
        "生日5月12日",
        "[DOB:1990年5月12日]出生",
        "忘记密码怎么办",
        "密码输错三次",
        "密码是6位数字吗",
        "收不到验证码",
        "验证码过期了",
        "I forgot my password",
        "how do I reset my password?",
        "微信支付限额多少",
        "微信转账5000元",
        "验证码多久有效",
        "密码错误",
        "公司e-banking的operator被lock了",
        "这个email的sender是service@yunshan那个，real吗",
        "Good morning from Shanghai",
    ]);
}

#[test]
fn addresses() {
    check(&[
        "我住在[ADDRESS:北京市海淀区中关村大街27号]",
        "地址是[ADDRESS:上海市浦东新区世纪大道100号5楼]",
        "寄到[ADDRESS:杭州市西湖区文三路478号华星时代3单元501室]",
        "家住[ADDRESS:朝阳区望京街道花家地西里12号楼3单元502]",
        "账单寄到[ADDRESS:深圳市南山区科技园路1号]",
        "my address is [ADDRESS:221 Baker Street]",
        "我家在[ADDRESS:天津市和平区南京路 88 号]",
        "住址 [ADDRESS:广东省广州市天河区体育西路103号维多利广场A座15楼]",
        "I live at [ADDRESS:88 Queen's Road Central]",
        "你们北京朝阳区建国路88号那个网点还在吗",
        "最近的网点在哪",
        "中山路支行几点开门",
        "南京西路100号的支行几点关门",
        "我在上海",
        "北京市朝阳区有网点吗",
        "我要改地址",
        "地铁2号线怎么走",
        "3号窗口",
    ]);
}

proptest! {
    #[test]
    fn spans_are_inside_ordered_and_apart(text in "\\PC{0,60}|[0-9幺零一二三 -]{0,40}|[张李王电话卡号密码是0-9a-zA-Z@.:：路号区]{0,40}") {
        let total = text.chars().count();
        let mut last = 0;
        for span in detect(&text) {
            prop_assert!(span.start >= last && span.start < span.end && span.end <= total);
            last = span.end;
        }
    }

    #[test]
    fn any_mobile_in_any_dress_is_found(tail in 0u64..1_000_000_000, second in 3u8..=9, dress in 0usize..4, lead in "[我你的电话是：]{0,6}") {
        let digits = format!("1{second}{tail:09}");
        let said = match dress {
            0 => digits.clone(),
            1 => format!("{} {} {}", &digits[..3], &digits[3..7], &digits[7..]),
            2 => digits.chars().map(|c| char::from_u32(u32::from(c) + 0xfee0).unwrap()).collect(),
            _ => digits.chars().map(|c| "零幺二三四五六七八九".chars().nth(c.to_digit(10).unwrap() as usize).unwrap()).collect(),
        };
        let spans = detect(&format!("{lead}{said}"));
        prop_assert_eq!(spans.len(), 1, "{}", said);
        prop_assert_eq!(spans[0].kind.as_str(), "PHONE");
    }
}
