//! Names, cards, accounts, phones, terms, rates, places and bare answers.

use crate::facts::{TODAY, check, line};
use teller_kernel::SlotType;
use teller_understand::{Role, SlotContext, extract};

#[test]
fn names_that_a_word_introduces() {
    check(
        &[
            ("收款人李四", "name:李四"),
            ("收款人是王小明，金额五百", "name:王小明 CNY50000"),
            ("户名：欧阳娜娜", "name:欧阳娜娜"),
            ("转给陈建国8000", "name:陈建国 CNY800000"),
            ("给张三尾号1234的卡转500", "name:张三 tail:1234 CNY50000"),
            ("向赵六汇款三万", "name:赵六 CNY3000000"),
            ("打给李明两千块", "name:李明 CNY200000"),
            ("给我妈王秀英转1000", "name:王秀英 CNY100000"),
            ("给我妈转1000", "CNY100000"),
            ("给老王转1000", "CNY100000"),
            ("给小李打500", "CNY50000"),
            ("给张总转5万", "CNY5000000"),
            ("给李老师转200", "CNY20000"),
            ("给房东转房租", ""),
            ("我叫王小明，想查余额", "name:王小明"),
            ("我是张伟", "name:张伟"),
            ("我是高级会员", ""),
            ("转给杭州云溪科技有限公司十万", "name:杭州云溪科技有限公司 CNY10000000"),
            ("给王者荣耀充值", ""),
            ("给我查一下", ""),
            ("给个方便的时间", ""),
            ("转给诸葛亮一百", "name:诸葛亮 CNY10000"),
            ("给赵小三转五千", "name:赵小三 CNY500000"),
            ("给张三三千", "name:张三 CNY300000"),
            ("汇款给阿卜杜拉·买买提五千", "name:阿卜杜拉·买买提 CNY500000"),
            ("给Tom转200", "name:Tom CNY20000"),
            ("send 500 to Mary Jane", "CNY50000 name:Mary Jane"),
            ("pay john smith 200 dollars", "name:john smith USD20000"),
            ("transfer 300 to my mom", "CNY30000"),
            ("transfer money to savings account", ""),
            ("my name is Li Wei", "name:Li Wei"),
            ("the payee is Wang Fang", "name:Wang Fang"),
            ("I am angry", ""),
            ("I want to speak to someone", ""),
            ("转给张三，不对，李四", "name:李四!"),
            ("收款人不是李四，是王五", "name:王五!"),
            ("给张伟明天转三千", "name:张伟 2026-11-22 CNY300000"),
            ("转給張偉3000", "name:張偉 CNY300000"),
            ("帮我给刘洋建行卡转2000", "name:刘洋 CNY200000"),
            ("和平路支行在哪", ""),
            ("给我转人工", ""),
            ("叫你们经理来", ""),
            ("收款方：北京四季青商贸有限公司", "name:北京四季青商贸有限公司"),
            ("帮我转给工行的王磊5000", "name:王磊 CNY500000"),
            ("给陈晨发两百红包", "name:陈晨 CNY20000"),
            ("给钟南山医生转500", "name:钟南山 CNY50000"),
            ("转 3000 块 给 韩梅梅", "CNY300000 name:韩梅梅"),
            ("sending 2000 euros to Germany", "EUR200000 land:DE"),
        ],
        None,
    );
}

#[test]
fn roles_tell_payee_from_self() {
    let ctx = SlotContext::new(TODAY);
    let roles = |text: &str| extract(text, &ctx).iter().filter_map(|e| e.role).collect::<Vec<_>>();
    assert_eq!(roles("给张三转五百"), [Role::Payee]);
    assert_eq!(roles("我叫王小明"), [Role::Own]);
    assert_eq!(roles("取五万以上"), [Role::AtLeast]);
    assert_eq!(roles("不超过两万"), [Role::AtMost]);
}

#[test]
fn cards_accounts_and_phones() {
    check(
        &[
            ("尾号1234的卡", "tail:1234"),
            ("尾号是六六八八", "tail:6688"),
            ("卡号后四位5678", "tail:5678"),
            ("末四位是0012", "tail:0012"),
            ("最后四位9876那张", "tail:9876"),
            ("1234那张卡", "tail:1234"),
            ("尾号四个八", "tail:8888"),
            ("the card ending in 4321", "tail:4321"),
            ("last four digits are 1122", "tail:1122"),
            ("card ending 9 8 7 6", "tail:9876"),
            ("尾号1234和5678的卡", "tail:1234 tail:5678"),
            ("挂失尾号幺二三四的卡", "tail:1234"),
            ("转到6222020200112233444", "acct:6222020200112233444"),
            ("账号6222 0202 0011 2233 444转五千", "acct:6222020200112233444 CNY500000"),
            ("对方账号0200001234567", "acct:0200001234567"),
            ("account number 12345678", "acct:12345678"),
            ("卡号六二二二零二零二零零幺幺二二三三四四四", "acct:6222020200112233444"),
            ("我手机号13812345678", "tel:13812345678"),
            ("手机138 1234 5678", "tel:13812345678"),
            ("电话幺三八零零幺三八零零零", "tel:13800138000"),
            ("+86 13812345678", "tel:13812345678"),
            ("座机021-62345678", "tel:02162345678"),
            ("１３８１２３４５６７８", "tel:13812345678"),
            ("my phone is +1 415 555 2671", "tel:14155552671"),
            ("给13812345678转100", "tel:13812345678 CNY10000"),
            ("IBAN DE89 3704 0044 0532 0130 00", "iban:DE89370400440532013000"),
            ("iban gb82west12345698765432 please", "iban:GB82WEST12345698765432"),
            ("swift code 是 DEUTDEFF", "bic:DEUTDEFF"),
            ("BIC: CHASUS33XXX", "bic:CHASUS33XXX"),
            ("DE00 3704 0044 0532 0130 00", ""),
            ("身份证11010519491231002X", ""),
            ("换新手机号了，新号是18900001111", "tel:18900001111"),
            ("尾号1234，不对，5678", "tail:5678!"),
            ("尾号不是1234，是4321", "tail:4321!"),
        ],
        None,
    );
}

#[test]
fn terms_and_rates() {
    check(
        &[
            ("存一年半", "18mo"),
            ("贷三十年", "360mo"),
            ("分十二期", "12mo"),
            ("分24期还", "24mo"),
            ("半年期利率", "6mo"),
            ("三个月定期", "3mo"),
            ("存90天", "3mo"),
            ("180天的", "6mo"),
            ("两年零三个月", "27mo"),
            ("三年期利息多少", "36mo"),
            ("五年", "60mo"),
            ("7天通知存款", ""),
            ("利率3.85%", "3.85%"),
            ("三点八五个点", "3.85%"),
            ("3.85个点", "3.85%"),
            ("百分之三点八", "3.8%"),
            ("年化4.20%", "4.2%"),
            ("千分之五", "0.5%"),
            ("利率是三点二", "3.2%"),
            ("按年利率3.1算", "3.1%"),
            ("for 2 years", "24mo"),
            ("18 months", "18mo"),
            ("a year and a half", "18mo"),
            ("in twelve installments", "12mo"),
            ("at 4.2 percent", "4.2%"),
            ("每年一次", ""),
            ("第三期账单", ""),
            ("20年房贷", "240mo"),
            ("借十万，分三年还", "CNY10000000 36mo"),
            ("30万3年4.5%", "CNY30000000 36mo 4.5%"),
        ],
        None,
    );
}

#[test]
fn currencies_places_and_direction() {
    check(
        &[
            ("美元汇率多少", "cur:USD"),
            ("换点日元", "cur:JPY"),
            ("人民币换港币", "cur:HKD"),
            ("USD to EUR", "cur:USD cur:EUR"),
            ("汇到美国", "land:US"),
            ("往英国汇三千英镑", "land:GB GBP300000"),
            ("send money to Japan", "land:JP"),
            ("中国银行的卡", ""),
            ("查一下收入", "in"),
            ("只看支出", "out"),
            ("进账明细", "in"),
            ("收入和支出都看", ""),
            ("开收入证明", ""),
            ("消费贷怎么申请", ""),
            ("多久到账", ""),
            ("how much did I spend", "out"),
            ("show incoming payments", "in"),
            ("收款人是谁", ""),
            ("工资到账了吗", "in"),
            ("转账给张三", "name:张三"),
        ],
        None,
    );
    let cities = ["上海".to_owned(), "杭州市".to_owned()];
    let ctx = SlotContext { cities: &cities, ..SlotContext::new(TODAY) };
    assert_eq!(line(&extract("我在杭州，附近有网点吗", &ctx)), "city:杭州市");
}

#[test]
fn bare_answers() {
    check(&[("12", "int:12"), ("三次", "int:3"), ("twenty five", "int:25"), ("不知道", "")], Some(SlotType::Integer));
    check(
        &[("12", "12mo"), ("三年", "36mo"), ("一年吧", "12mo"), ("十二个月", "12mo"), ("半年", "6mo")],
        Some(SlotType::Term),
    );
    check(&[("3.85", "3.85%"), ("四点二", "4.2%"), ("百分之三", "3%")], Some(SlotType::Rate));
    check(
        &[
            ("1234", "tail:1234"),
            ("幺二三四", "tail:1234"),
            ("尾号1234", "tail:1234"),
            ("0012", "tail:0012"),
            ("三个八一个六", "tail:8886"),
            ("12345", ""),
            ("是6688那张", "tail:6688"),
        ],
        Some(SlotType::CardTail),
    );
    check(
        &[
            ("张三", "name:张三"),
            ("是李小明", "name:李小明"),
            ("转给王芳吧", "name:王芳"),
            ("John Smith", "name:John Smith"),
            ("我妈", ""),
            ("取消", ""),
            ("欧阳锋", "name:欧阳锋"),
            ("云溪科技有限公司", "name:云溪科技有限公司"),
        ],
        Some(SlotType::Name),
    );
    check(
        &[
            ("要", "bool:true"),
            ("不用", "bool:false"),
            ("需要", "bool:true"),
            ("不要", "bool:false"),
            ("yes please", "bool:true"),
            ("no", "bool:false"),
            ("好的", "bool:true"),
            ("没有", "bool:false"),
            ("什么意思", ""),
        ],
        Some(SlotType::Boolean),
    );
    check(
        &[("6222020200112233444", "acct:6222020200112233444"), ("12345678", "acct:12345678")],
        Some(SlotType::AccountNo),
    );
    check(
        &[("13812345678", "tel:13812345678"), ("幺三八，零零幺三，八零零零", "tel:13800138000")],
        Some(SlotType::Phone),
    );
    check(&[("欧元", "cur:EUR"), ("人民币", "cur:CNY"), ("usd", "cur:USD")], Some(SlotType::Currency));
    check(&[("支出", "out"), ("收入的", "in"), ("进账", "in")], Some(SlotType::Direction));
    check(&[("deutdeff", "bic:DEUTDEFF"), ("CHASUS33", "bic:CHASUS33")], Some(SlotType::Bic));
    check(&[("美国", "land:US"), ("the UK", "land:GB")], Some(SlotType::Country));
}
