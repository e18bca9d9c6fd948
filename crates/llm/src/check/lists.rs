//! The word lists of the check, in normal form (simplified, lower case, half
//! width). They are words of the language and of the trade, no facts of a bank.
//! Where one word begins with another, the longer stands first.

/// Characters that only hold words together.
pub(super) const GLUE_CHARS: &str =
    "的了是在和与及或就都也还要您你我们请吧呢哦啊呀嘛哈而但则这那又很且即等按地得着过其该此之于";
/// Left alone between gaps, these say nothing either.
pub(super) const LONE_GLUE: &str =
    "可能会需须应将把被对把从到为由向给让用去来再才只仅以该做每个也每后时前内上下中里有可经凭均若如当收付要为至";
/// Longest entry of `GLUE` and `LEXICAL`, in characters.
pub(super) const GLUE_CHARS_MAX: usize = 6;
pub(super) const GLUE: &[&str] = &[
    "可以的话", "就可以了", "也可以", "都可以", "就可以", "可以", "能够", "就能", "都能", "也能", "需要", "都需要",
    "通过", "进行", "使用", "如果", "的话", "的时候", "时候", "因此", "所以", "并且", "而且", "以及", "同时", "另外",
    "此外", "其中", "对于", "关于", "至于", "根据", "按照", "这样", "那么", "即可", "就行", "方可", "才能", "才可",
    "将会", "都会", "也会", "还会", "为您", "帮您", "给您", "向您", "跟您", "您好", "如下", "具体", "来说", "不过",
    "只要", "只需要", "只需", "还有", "还是", "或者", "然后", "接着", "首先", "其次", "最后", "也就是", "就是",
    "是指", "指的是", "来讲", "而言", "方面", "之后", "以后", "之前", "以前", "期间", "这里", "这个", "那个", "这种",
    "这些", "一般来说", "简单来说", "总的来说", "好的", "没问题", "没关系", "不用担心", "无论", "不管", "不论",
    "不仅", "不但", "哪里", "哪些", "什么", "怎么", "一下", "一些", "一个", "一种", "直接", "而是", "分别", "来",
    "去", "会", "能", "可", "需", "须", "应", "将", "把", "被", "让", "并", "想",
];
/// Words that hold a character of denial and deny nothing.
pub(super) const LEXICAL: &[&str] = &[
    "不动产", "不良", "不同", "不断", "不满意", "未成年", "未来", "未婚", "非常", "非柜面", "非接触", "非居民",
    "非工作日", "非本人", "非本行", "除非", "并非常", "无卡", "无感", "无障碍", "无线", "无人", "无偿", "无固定",
    "无抵押", "无形", "无忧", "特别", "区别", "级别", "分别", "个别", "识别", "类别", "性别", "辨别", "鉴别", "别人",
    "别名", "别墅", "告别", "差不多", "不好意思", "对不起", "没问题", "没关系", "不用担心", "不管", "不论", "无论",
    "不仅", "不但", "不过", "不限", "不一",
];
pub(super) const NEGATORS: &str = "不没无未非勿别禁拒";
pub(super) const NEGATING_WORDS: &[&str] =
    &["not", "no", "never", "without", "cannot", "neither", "nor", "unable", "none", "nothing"];
/// Bounds that are said by denying.
pub(super) const BOUNDS_WITH_NEGATORS: &[&str] = &[
    "不得超过", "不能超过", "不可超过", "不超过", "未超过", "不高于", "不多于", "不大于", "不低于", "不少于",
    "不小于", "不满", "未满", "不足", "no more than", "not more than", "no less than", "not less than", "not over",
];

/// Being free, as a figure.
pub(super) const FREE: &[&str] = &[
    "不收取任何手续费", "不收取任何费用", "不收任何手续费", "不收任何费用", "不收取手续费", "不收取费用",
    "不收手续费", "不收费用", "不收取", "不另收费", "不收费", "不另外收费", "没有手续费", "无需手续费", "不用手续费",
    "不需要手续费", "不需手续费", "无手续费", "零手续费", "零费用", "不要钱", "不用钱", "不花钱", "不用付费",
    "无需付费", "不需要付费", "免收手续费", "免手续费", "免收费用", "免费", "免收", "免年费", "免息", "全免", "免",
    "free of charge", "for free", "free", "no fees", "no fee", "no charge", "without charge", "without a fee",
    "at no cost", "no cost", "waived",
];
/// Holds a word of being free and is none.
pub(super) const NOT_FREE: &[&str] =
    &["避免", "难免", "不免", "以免", "免得", "免密", "免责", "豁免", "免疫", "罢免", "feel free", "免打扰"];

/// Currencies before a number.
pub(super) const CURRENCY_BEFORE: &[(&str, &str)] = &[
    ("人民币", "元"), ("¥", "元"), ("rmb", "元"), ("cny", "元"), ("us$", "美元"), ("usd", "美元"), ("$", "美元"),
    ("hkd", "港元"), ("eur", "欧元"), ("€", "欧元"), ("gbp", "英镑"), ("£", "英镑"), ("jpy", "日元"),
];
/// Shares before a number.
pub(super) const SHARE_BEFORE: &[(&str, &str)] = &[("百分之", "%"), ("千分之", "‰"), ("万分之", "万分之")];
/// Units after a number, longer ones first.
pub(super) const UNITS: &[(&str, &str)] = &[
    ("元人民币", "元"), ("元钱", "元"), ("块钱", "元"), ("人民币", "元"), ("美元", "美元"), ("美金", "美元"),
    ("港元", "港元"), ("港币", "港元"), ("欧元", "欧元"), ("日元", "日元"), ("英镑", "英镑"), ("元", "元"),
    ("块", "元"), ("圆", "元"), ("角", "角"), ("分钟", "分钟"), ("分", "分"), ("个百分点", "百分点"),
    ("百分点", "百分点"), ("个基点", "基点"), ("基点", "基点"), ("个点", "%"), ("%", "%"), ("‰", "‰"), ("成", "成"),
    ("折", "折"), ("倍", "倍"), ("个工作日", "工作日"), ("工作日", "工作日"), ("个交易日", "交易日"),
    ("交易日", "交易日"), ("个自然日", "天"), ("自然日", "天"), ("天", "天"), ("个自然年", "年"), ("周年", "年"),
    ("年", "年"), ("个月", "个月"), ("月", "月"), ("个季度", "季度"), ("季度", "季度"), ("个星期", "周"),
    ("星期", "周"), ("周", "周"), ("日", "日"), ("号", "日"), ("个小时", "小时"), ("小时", "小时"), ("秒", "秒"),
    ("期", "期"), ("次", "次"), ("笔", "笔"), ("张", "张"), ("周岁", "岁"), ("岁", "岁"), ("户", "户"), ("人", "人"),
    ("位", "人"), ("名", "人"), ("家", "家"), ("级", "级"), ("点", "点"), ("克", "克"), ("份", "份"), ("种", "种"),
    ("项", "项"), ("条", "条"), ("步", "步"), ("个", "个"), ("percentage points", "百分点"),
    ("percentage point", "百分点"), ("basis points", "基点"), ("basis point", "基点"), ("per cent", "%"),
    ("percent", "%"), ("points", "点"), ("yuan", "元"), ("rmb", "元"), ("cny", "元"), ("us dollars", "美元"),
    ("dollars", "美元"), ("dollar", "美元"), ("usd", "美元"), ("business days", "工作日"), ("business day", "工作日"),
    ("working days", "工作日"), ("working day", "工作日"), ("trading days", "交易日"), ("trading day", "交易日"),
    ("calendar days", "天"), ("days", "天"), ("day", "天"), ("weeks", "周"), ("week", "周"), ("months", "个月"),
    ("month", "个月"), ("years", "年"), ("year", "年"), ("hours", "小时"), ("hour", "小时"), ("minutes", "分钟"),
    ("minute", "分钟"), ("seconds", "秒"), ("times", "次"),
];
/// Units in which even 一 counts.
pub(super) const COUNTING: &[&str] = &[
    "元", "美元", "港元", "欧元", "日元", "英镑", "%", "‰", "万分之", "百分点", "基点", "成", "折", "倍", "工作日",
    "交易日", "天", "年", "个月", "季度", "周", "日", "小时", "分钟", "秒", "期", "次", "岁",
];
/// Lower and upper bounds before a number; `true` for lower.
pub(super) const BOUND_BEFORE: &[(&str, bool)] = &[
    ("不得超过", false), ("不能超过", false), ("不可超过", false), ("不超过", false), ("未超过", false),
    ("不高于", false), ("不多于", false), ("不大于", false), ("至多", false), ("最多", false), ("最高", false),
    ("上限", false), ("低于", false), ("少于", false), ("小于", false), ("不满", false), ("未满", false),
    ("不足", false), ("不得低于", true), ("不得少于", true), ("不低于", true), ("不少于", true), ("不小于", true),
    ("至少", true), ("最少", true), ("最低", true), ("超过", true), ("超出", true), ("高于", true), ("多于", true),
    ("大于", true), ("达到", true), ("年满", true), ("满", true), ("no more than", false), ("not more than", false),
    ("at most", false), ("up to", false), ("under", false), ("below", false), ("less than", false), ("within", false),
    ("capped at", false), ("maximum of", false), ("no less than", true), ("not less than", true), ("at least", true),
    ("over", true), ("above", true), ("more than", true), ("from", true), ("minimum of", true),
];
/// And after its unit.
pub(super) const BOUND_AFTER: &[(&str, bool)] = &[
    ("(含)以上", true), ("及以上", true), ("或以上", true), ("以上", true), ("起", true), ("之后", true),
    ("以后", true), ("(含)以下", false), ("及以下", false), ("或以下", false), ("以下", false), ("以内", false),
    ("之内", false), ("之前", false), ("以前", false), ("封顶", false), ("内", false), ("or more", true),
    ("or above", true), ("or less", false),
];
/// Words of time that must stand in the evidence.
pub(super) const TIMES: &[&str] = &[
    "今天", "今日", "明天", "明日", "昨天", "后天", "当天", "当日", "次日", "隔日", "隔天", "第二天", "实时", "即时",
    "立即", "立刻", "马上", "随时", "节假日", "周末", "工作日", "交易日", "自然日", "周一", "周二", "周三", "周四",
    "周五", "周六", "周日", "星期", "月初", "月底", "月末", "年初", "年底", "年末", "季末", "全天", "全年", "每天",
    "每日", "每周", "每月", "每年", "每季", "永久", "长期", "today", "tomorrow", "immediately", "instantly",
    "at once", "same day", "next day", "anytime", "weekend", "holiday", "monday", "tuesday", "wednesday", "thursday",
    "friday", "saturday", "sunday", "forever",
];

/// One of each must not stand for the other.
pub(super) const OPPOSITES: &[(&str, &str)] = &[
    ("支持", "拒绝"), ("允许", "禁止"), ("收取", "免收"), ("开通", "关闭"), ("开通", "停用"), ("启用", "停用"),
    ("增加", "减少"), ("提高", "降低"), ("上调", "下调"), ("上浮", "下浮"), ("上涨", "下跌"), ("高于", "低于"),
    ("多于", "少于"), ("提前", "推迟"), ("提前", "延后"), ("收入", "支出"), ("转入", "转出"), ("存入", "支取"),
    ("借记", "贷记"), ("加上", "减去"), ("最高", "最低"), ("最多", "最少"), ("之前", "之后"), ("以前", "以后"),
    ("以内", "以外"), ("境内", "境外"), ("本人", "他人"), ("行内", "跨行"), ("同城", "异地"), ("个人", "企业"),
    ("单位", "个人"), ("自动", "手动"), ("线上", "线下"), ("固定", "浮动"), ("保本", "非保本"),
    ("increase", "decrease"), ("before", "after"), ("allowed", "forbidden"), ("above", "below"),
    ("minimum", "maximum"),
];
/// Must, as a reply may say it only where the evidence obliges.
pub(super) const OBLIGES: &[&str] =
    &["必须", "务必", "须", "需", "只能", "不得", "must", "have to", "has to", "required", "need to", "needs to"];
/// Whatever obliges in evidence: an imperative does, too.
pub(super) const OBLIGES_IN_EVIDENCE: &[&str] = &[
    "必须", "务必", "须", "需", "只能", "不得", "请", "应", "凭", "持", "仅", "才", "must", "have to", "has to",
    "required", "need", "please", "only",
];
pub(super) const MUST: &[&str] =
    &["必须", "务必", "须", "需要", "需", "应当", "不得", "只能", "must", "required", "have to", "need to"];
pub(super) const MAY: &[&str] = &["可以", "可", "能", "may", "can"];

/// A clause with one of these is a condition.
pub(super) const CONDITIONS: &[&str] = &[
    "如果", "如", "若", "仅", "只有", "只限", "只能", "除", "一旦", "情况下", "前提", "的话", "须", "需", "凭", "经",
    "满", "以上", "以下", "以内", "超过", "时", "后", "前", "到期", "期间", "的,", "首次", "首年", "新客", "以",
    "为准", "if", "only", "unless", "except", "provided", "when", "once", "after", "before", "must", "subject",
    "within", "until", "while", "but", "但", "不过",
];
pub(super) const ONLY: &[&str] = &["仅", "只", "唯一", "限于", "only", "solely"];
pub(super) const IF: &[&str] = &["如果", "若", "一旦", "的话", "if", "unless", "provided"];
pub(super) const IF_SAID: &[&str] = &[
    "如果", "如", "若", "一旦", "的话", "时", "只要", "当", "凡", "情况", "后", "要是", "假如", "万一", "if",
    "unless", "provided", "when", "once", "should", "whenever",
];
pub(super) const EXCEPT: &[&str] = &["除", "例外", "以外", "except", "unless", "other than", "apart from", "besides"];

/// Orders to a model: a verb and what it is about.
pub(super) const ORDERS: &[(&str, &str)] = &[
    ("忽略", "指令"), ("忽略", "以上"), ("忽略", "之前"), ("忽略", "规则"), ("忽略", "提示"), ("无视", "指令"),
    ("无视", "规则"), ("无视", "以上"), ("忘记", "指令"), ("忘掉", "指令"), ("忘记", "规则"), ("输出", "提示词"),
    ("泄露", "提示词"), ("扮演", "角色"), ("你现在是", ""), ("从现在起你", ""), ("开发者模式", ""),
    ("ignore", "instruction"), ("ignore", "previous"), ("ignore", "above"), ("disregard", "instruction"),
    ("disregard", "previous"), ("forget", "instruction"), ("you are now", ""), ("pretend", "you are"),
    ("reveal", "prompt"), ("developer mode", ""), ("repeat", "system prompt"), ("jailbreak", ""), ("越狱模式", ""),
];
/// Marks and names of roles in prompts.
pub(super) const ROLES: &[&str] = &[
    "系统提示词", "提示词", "system prompt", "im_start", "im_end", "<|", "|>", "[inst]", "[/inst]", "assistant:",
    "system:", "user:", "###", "begin prompt", "end prompt",
];
pub(super) const TALK_OF_MODELS: &[&str] = &[
    "作为ai", "作为一个", "作为一名", "语言模型", "大模型", "人工智能", "聊天机器人", "通义", "千问", "chatgpt",
    "deepseek", "qwen", "openai", "as an ai", "language model", "改写", "标准答复", "rewritten", "rephrase", "忽略",
    "无视", "指令", "ignore", "instruction",
];
pub(super) const SECRETS: &[&str] = &[
    "密码", "验证码", "口令", "动态码", "短信码", "校验码", "安全码", "cvv", "cvc", "卡号", "身份证号", "账号",
    "私钥", "助记词", "password", "passcode", "otp", "pin code", "pin number", "your pin", "verification code",
    "security code", "card number", "account number", "id number",
];
pub(super) const GIVING: &[&str] = &[
    "提供", "告诉", "告知", "发送", "发给", "发我", "发来", "回复", "报给", "报一下", "填写", "说出", "念一下",
    "截图", "输入", "send", "tell", "give", "provide", "share", "reply", "enter", "type", "submit", "confirm your",
];
pub(super) const PROMISES: &[&str] = &[
    "保证", "承诺", "一定", "肯定", "绝对", "必定", "必然", "百分百", "百分之百", "放心", "稳赚", "保本", "保收益",
    "零风险", "无风险", "包您", "包你", "包过", "全额赔", "赔偿", "补偿", "退还", "退款", "返现", "奖励", "赠送",
    "最好的", "最优惠", "guarantee", "promise", "definitely", "certainly", "absolutely", "risk-free", "refund",
    "compensat", "bonus", "reward",
];
/// Where a swindler sends people.
pub(super) const PLACES_TO_TURN_TO: &[&str] = &[
    "点击", "链接", "网址", "扫码", "二维码", "下载", "加微信", "微信", "支付宝", "qq", "加群", "群聊", "公众号",
    "小程序", "转账到", "汇款到", "安全账户", "屏幕共享", "远程", "拨打", "致电", "热线", "http", "www", "click",
    "link", "scan", "download", "whatsapp", "telegram", "wechat", "call us", "hotline",
];
/// Things of one kind: the evidence's one may not become another.
pub(super) const ALTERNATIVES: &[&[&str]] = &[
   
    &[ "手机银行", "手机", "网上银行", "网银", "柜台", "网点", "atm", "自助机", "自助设备", "电话", "视频", "短信", "上门", "邮寄", "app", ],
    &["借记卡", "储蓄卡", "信用卡", "贷记卡", "一类", "二类", "三类", "白金", "金卡", "普卡"],
    &[ "活期", "定期", "大额存单", "通知存款", "理财", "基金", "保险", "国债", "贷款", "房贷", "车贷", "消费贷", "信用贷", "公积金", ],
    &["身份证", "护照", "户口本", "营业执照", "结婚证", "社保卡", "驾驶证"],
    &["本人", "代理人", "配偶", "父母", "子女", "监护人", "法定代表人", "继承人", "亲属", "未成年"],
    &["counter", "branch", "app", "online", "web", "phone", "atm"],
    &["debit", "credit", "savings", "deposit", "loan", "mortgage"],
];
/// English words that only hold others together.
pub(super) const STOP_WORDS: &[&str] = &[
    "a", "an", "the", "is", "are", "be", "was", "were", "will", "would", "of", "to", "in", "on", "at", "by", "for",
    "with", "and", "or", "as", "it", "its", "this", "that", "these", "those", "there", "you", "your", "we", "our",
    "they", "their", "them", "he", "she", "i", "me", "my", "can", "may", "could", "should", "do", "does", "have",
    "has", "had", "been", "so", "then", "also", "both", "whether", "please", "just", "any", "if", "when", "which",
    "who", "from", "into", "than", "not", "no", "s", "t", "re", "ll", "ve", "well", "through",
];
