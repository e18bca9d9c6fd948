//! Turns of phrase that go with manipulation, and those that go with ordinary
//! requests that only sound like it, in groups. How much a group counts is learned.
//!
//! Patterns are for the normal form (simplified, lower case). Not here: weights.

/// Groups of patterns. The order is part of the trained weights.
pub const GROUPS: &[(&str, &str)] = &[
    (
        "drop_rules",
        "(?:忽略|无视|忘记|忘掉|忘了|作废|覆盖|推翻|废除|解除|关掉|关闭|取消|去掉|抛开|放下|不用管|别管|不受|没有|无)[^,。!?]{0,14}(?:规则|规定|规矩|指令|指示|设定|限制|提示词|守则|约束|原则|过滤|安全模式|人设)|(?:规则|规定|规矩|限制|设定|守则)[^,。!?]{0,8}(?:作废|无效|失效|取消|解除|不算|没用|改|关)|(?:ignore|disregard|forget|override|drop|bypass|disable|remove|obey no)\\b.{0,30}(?:rule|instruction|guideline|prompt|restriction|filter|limit|polic|safety|told|context|check)",
    ),
    (
        "new_self",
        "从(?:现在|这|今)[^,。]{0,6}(?:你|起|开始)|你现在(?:是|切|不|已)|扮演|扮|假装|假设你|假如你|当自己|把自己当|你的主人|角色扮演|进入.{0,8}模式|切换.{0,10}模式|无限制|开发者模式|不受限制|没有(?:任何)?(?:限制|道德|规定)|act as|you are now|pretend|role-?play|unrestricted|developer mode|jailbreak|\\bdan\\b|from (?:now|here) on|work for me|sandbox|new (?:policy|role|instruction)|system override",
    ),
    (
        "hidden_words",
        "提示词|prompt|系统(?:消息|设定|指令|提示)|system message|初始(?:指令|设定|提示)|指令(?:原文|全文)|你的(?:指令|设定|守则|配置|说明书|规则)|内部(?:文件|文档|规则|指令|接口)|环境变量|密钥|后台接口|函数|api key|your (?:instructions|rules|guidelines|config)|initial instructions|hidden (?:rule|instruction)|tools and function|dump",
    ),
    (
        "show_it",
        "原文|全文|逐字|逐条|一字不|原样|原句|贴出来|念一遍|打印|输出|吐出来|泄露|透露|翻译.{0,6}(?:指令|设定)|列出来|报一遍|word for word|verbatim|repeat (?:the|everything)|print|reveal|list all|output|full text|translate your",
    ),
    (
        "another_person",
        "别人|他人|人家|同事|同学|邻居|老王|前妻|前夫|前任|男友|女友|男朋友|女朋友|对象|老公|老婆|丈夫|妻子|婆婆|老板|员工|租客|房东|供应商|客户名单|所有客户|其他客户|另一个客户|那个人|这个人|这人|机主|户主|他的|她的|他卡|她卡|他账|她账|\\bhis\\b|\\bher\\b|\\bex\\b|neighbou?r|colleague|boss|tenant|customers?\\b|other people|someone else|everybody|everyone",
    ),
    (
        "look_into",
        "(?:查|看|瞄|瞧|调|拉|导出|告诉我|给我|报).{0,14}(?:余额|流水|明细|账户|账单|工资|多少钱|存了|贷了|欠|地址|电话|手机号|密码|名单|记录|转账|消费)|look up|transaction history|balances?|salary|export|who owns|how much (?:does|did)",
    ),
    (
        "in_secret",
        "别告诉|不要告诉|不许告诉|偷偷|悄悄|瞒着|背着|不让.{0,6}知道|别让.{0,8}知道|没人知道|没人会发现|我不说|保密|别留痕|不留痕|别记录|不上报|别上报|won't tell|don't tell|secretly|nobody will|between us|without (?:him|her|them|his|her) ",
    ),
    (
        "skip_check",
        "(?:跳过|绕过|绕开|免掉?|免了|省掉?|省略|略过|不用|不必|不要|不做|无需|无须|别|少|取消|关掉?|去掉)[^,。!?]{0,10}(?:验证|验|密码|人脸|刷脸|核验|核对|核身|短信|验证码|双录|校验|回访|冷静期|复核|认证|鉴权|面签|测评|身份证|手续|确认)|(?:验证|核验|人脸|双录|测评|面签|确认)[^,。!?]{0,8}(?:免了|就免|跳过|略过|省了|不要|别做|关|当我|就当|算过|算了|后补|回头补|改成)|当(?:我|作|做)?(?:已|刷过|验过|通过)|\\b(?:skip|no need for|without|bypass|don't ask|waive|disable)\\b.{0,24}(?:otp|verif|check|face|pin|password|id\\b|code|security|signature)|先.{0,6}(?:转|放|打).{0,6}(?:后|再|回头).{0,4}(?:补|验)",
    ),
    (
        "says_authority",
        "我(?:们)?(?:是|就是|代表|在).{0,14}(?:总行|分行|支行|行长|领导|警察|公安|民警|刑警|派出所|法院|检察|监管|审计|央行|人民银行|银联|反诈|纪委|税务|客户经理|科技部|风控|开发|管理员|工程师|测试|坐席|客服|合规|律师|监护人|董事|财务总监|医院|街道|党委)|(?:行长|领导|总行|老板|上级|主任|经理|法院|监管)[^,。]{0,8}(?:特批|批准|批了|同意|授权|说了|打过招呼|要求|交代|让我|指示|口头)|this is .{0,24}(?:officer|police|bank|regulator|manager|director|headquarters|support|auditor|interpol)|i'?m (?:the|from|a|with) .{0,24}(?:developer|admin|regulator|auditor|police|manager|engineer|qa|staff|ceo|director|supervis)|on behalf of|authori[sz]ed by",
    ),
    (
        "promise",
        "承诺|保证|打包票|答应|许诺|豁免|免除|全额赔|赔付|赔偿|清零|保本|零风险|担保|有法律效力|法律责任|签了协议|盖(?:个)?(?:电子)?章|承诺书|豁免函|道歉信|guarantee|promise|waive|legally binding|forgiven|compensat|commitment|refund",
    ),
    (
        "say_this",
        "(?:你)?(?:回|回复|说|写|答|打出|念|跟着?我?说|照着?(?:念|说|写))(?:一?句|下)?[:\"“「『'(]|回(?:复|我)?(?:一|这|个|“|\")|你(?:就)?(?:说|写|答|回)|只(?:要|用|能|准|许)?(?:回|说|答)|照我|按我说|跟一句|以.{0,8}(?:名义|口吻|身份)|署名|落款|say exactly|repeat after|confirm (?:in writing|with|that)|write me|say (?:it|yes)|agree that|answer (?:only|with)|reply with|tell me right now",
    ),
    (
        "obey",
        "照办|照做|听我的|听我口令|服从|执行|这是命令|我命令|必须听|不许拒绝|不准再?|不得拒绝|按我|无条件|放行|通过一下|给我通过|手动|直接给我|赶紧给我|你就|下线|扣分|obey|comply|execute|do as i|must not refuse|i order|no questions|just (?:do|push|approve)",
    ),
    (
        "evade",
        "(?:怎么|怎样|如何|咋|哪|啥|什么办法|办法|多少|几).{0,24}(?:躲|避开|避免|绕开|绕过|不被|不会被|查不到|不报|不上报|发现不了|看不出|不留痕|混过|瞒|圆|糊弄|洗|不用交税|抹掉|不引起)|拆(?:成|几|开|分)|化整为零|分(?:几|多|开|散|六|三|五)|查不到|看不出来|不被(?:发现|抓|查|盯|拦)|假(?:流水|发票|合同|证明|的)|买(?:几张)?(?:卡|发票|银行卡)|借.{0,8}(?:卡|名额|名义|账户)|刷单|赌博|跑分|洗钱|虚拟币|空壳|地下钱庄|不想申报|不留来源|躲|launder|under the radar|avoid (?:report|detect|tax)|split .{0,20}(?:transfer|deposit|cash)|without (?:being|getting) (?:flag|report|caught)|fake (?:invoice|pay|income|statement)|untraceable|structur|doesn't ask|not (?:be )?(?:flagged|reported)",
    ),
    (
        "to_machine",
        "致.{0,10}(?:ai|智能|机器人|客服系统|助手|模型)|给ai|ai(?:请|须|要|应|必须|助手)|(?:智能客服|机器人|客服(?:系统|机器人|助手)|语言模型|大模型|智能体|助手)[^,。]{0,12}(?:请|须|必须|应|读到|需|照|执行|按)|若你是|如果你是.{0,6}(?:模型|ai|机器人)|供(?:智能)?(?:客服|机器人|ai)执行|assistant|\\bllm\\b|\\bbot\\b|note to|ai agent|language model|chatbot",
    ),
    (
        "marked_up",
        "<[^>]{0,40}(?:system|assistant|admin|display:none)[^>]{0,40}>|\\[(?:system|admin|inst|管理员|系统|override)[^\\]]{0,20}\\]|[\"']?role[\"']?\\s*[:=]\\s*[\"']?(?:system|admin|root|manager|assistant)|(?:^|[\\s\"“「>(])(?:system|assistant|系统|管理员|admin)\\s*[:]|#{2,}\\s*(?:system|instruction|指令)|```|<<|\\|im_start|sudo|root\\b|auth=|transfer\\(|override|<!--|//",
    ),
    (
        "pasted",
        "原文|如下|粘贴|贴(?:给|上|来|过来)|转发|复制|附言|备注|识别|扫出来|合同|简历|邮件|pdf|文档|截图|通知书|说明书|摘录|判决|帮我(?:看|读|校|翻|润|排)|翻译一下|读一(?:下|遍)|总结|摘要|summari|translate|the (?:email|pdf|document)|review my|i pasted|attached",
    ),
    (
        "doubts_it",
        "真的(?:吗|假|要|是)|真假|是真|是不是骗|骗子|骗局|诈骗|骗人|骗钱|靠谱|可信|不对劲|没敢|没敢发|该不该|对不对|正常(?:么|吗)|合法|违法|犯法|套路|什么意思|是你们(?:吗|发|打)|你们(?:发|打|会).{0,6}(?:吗|的)|举报|我没(?:信|给|转|点|同意|理)|怎么回事|能信|is (?:this|it|that) (?:real|true|legit|legal|from you|a scam)|scam|fake\\?|suspicious|do you call|never made",
    ),
    (
        "someone_told",
        "有人|对方|自称|群里|短信|电话(?:说|里|打来)|打电话|加我|网友|陌生|收到(?:一)?(?:条|封|个|张)|朋友(?:说|圈)|教(?:大家|我)|听说|看到|网上|视频里|说(?:是|他|她|我|要)|让我|叫我|要我|caller|got (?:a|this)|received|someone|somebody|told me|asked me|says he|they said",
    ),
    (
        "proper_way",
        "需要什么|要(?:带|准备|交)什么|材料|手续|委托书|公证|怎么(?:办|弄|改|开|填|设|申请|补|重置|关|取消|预约)|在哪|哪里|哪个部门|可以吗|可以不|行吗|行不行|能(?:吗|不能|否)|能不能|要不要|是不是(?:要|得|必须)|多久|多少钱|几天|规定|正规|合规|稳妥|限额|上限|为什么|为啥|谁定的|申报|what documents|how (?:do|can|long|much)|can i|do i (?:have|need)|is it (?:allowed|possible)|what should i|where|why",
    ),
    (
        "own_words",
        "(?:上面|刚才|前面|刚刚|之前|上一(?:条|句)|前一).{0,12}(?:我|发|说|打|错|乱|按|报|写|那|不算)|我(?:刚才|前面|上面|发的|说的|报的|打错|说错|重说|收回|看错|选错|改主意)|发错|打错|说错|口误|手滑|撤回|重新(?:来|说)|不是.{1,12}(?:是|,是)|改成|换成|换个|my (?:last|previous|earlier) (?:message|request)|wrong chat|scratch that|i meant|the (?:amount|date|previous request)|instead|not that",
    ),
    (
        "mine",
        "我的|本人|自己|我(?:卡|账|密码|手机|身份证)|我想|我要|我家|我(?:妈|爸|儿子|女儿|奶奶|外婆|爷爷|外公)|替(?:我)?(?:妈|爸|奶奶)|代办|\\bmy\\b|myself",
    ),
    (
        "anger",
        "投诉|垃圾|气死|监管|律师|态度|曝光|凭什么|凭啥|说法|没完|废话|滚|受够|useless|angry|third time|ridiculous|complain",
    ),
    ("ends_asking", "(?:[?吗么呢不没嘛]|是吗|对吧|可以不)[。!.~\\s]*$|\\?"),
    ("machine_talk", "机器人|真人|人工|你(?:是|叫|会|能|有|多大)|\\bai\\b|gpt|robot|machine|human"),
    (
        "their_data",
        "(?:别人|他人|人家|同事|同学|朋友|邻居|老王|房东|租客|室友|前妻|前夫|前任|前男友|前女友|女友|男友|女朋友|男朋友|老公|老婆|丈夫|妻子|爱人|先生|太太|婆婆|公公|儿子|女儿|孩子|我爸|我妈|爸|妈|哥|姐|弟|妹|嫂|叔|舅|姨|大伯|老头子|女婿|媳妇|保姆|老板|领导|员工|供应商|客户|合伙人|对方|债务人|对家|对手|明星|机主|户主|收款人|这(?:个)?(?:人|账号|号码|卡号|户)|那(?:个|位)(?:人|客户|女士|先生)?|他|她|俩人|小[\u{4e00}-\u{9fff}]|老[张王李赵刘陈杨周吴]|(?:查|把)[\u{4e00}-\u{9fff}]{2,3}(?:的|最近|上个))[^,。!?;]{0,18}(?:余额|流水|明细|存款|存了|存多少|卡里|账上|账户|贷了|贷款|负债|欠|信用卡|额度|密码|验证码|电话|手机号|住址|地址|征信|黑名单|工资|收入|消费|刷了|花了|转过账|转账|打钱|打过|汇给|名单|真名|姓名|资料|身份证|户名|开户|交易|记录|有多少|多少钱|几个钱|有没有钱|谁的)|(?:余额|流水|名单|户名|资料|明细)[^,。!?]{0,10}(?:他|她|别人|其他|所有|全部)|(?:所有|全部|每个|其他|前一个|上一个|上一位|排在我前面)[^,。]{0,8}(?:客户|用户|人|账户)|\\b(?:his|her|their|tenant's|partner's|roommate|boss's|husband's|wife's|neighbou?r's|daughter's|son's|ex's?)\\b.{0,40}(?:account|balance|salary|card|transaction|spending|debt|address|money|loan|history)|(?:account|card|balance|transaction|history).{0,30}(?:belongs to|of my|of the|named|for mr|for ms)|(?:all|every|other|last five|previous|before me).{0,16}(?:customer|account|client)",
    ),
    (
        "their_money",
        "(?:从|把|用)[^,。!?]{0,4}(?:他|她|别人|客户|员工|老人|病人|我爸|我妈|爸|妈|老公|老婆|公司|对方|物业|居民)[^,。!?]{0,10}(?:钱|卡|账户|存款|定期|资金|资产|养老)|(?:划|转|打|汇|归集|退)(?:到|给|入|进|回)[^,。!?]{0,10}(?:我|我们|专户|指定|新账户|廉政|街道|备用|这张)|(?:her|his|the patient's|my father's|the customer's).{0,20}(?:card|savings|money|account)|move .{0,24}(?:to my|into my)|credit me",
    ),
    (
        "order_you",
        "(?:^|[,。!?:; ])(?:那)?(?:你|请你|麻烦你|给我|把|直接|赶紧|马上|立刻|先|现在)[^,。!?]{0,6}(?:把|给|帮|替|就|直接|先|转|放|解|改|调|开|关|批|写|说|念|查|填|打|过|算|当|回|标|记|撤|删|停|恢复|通过)|给我(?:解|改|调|开|关|批|转|放|过|通过|去掉|撤|办)|你(?:替|帮)我(?:签|填|写|点|勾|改|编|做|想|排|挑)|直接(?:转|放|解|改|批|给|办|重置|过|调|打)|手动|(?:just|please|immediately|right now|now)\\b.{0,12}(?:push|unlock|approve|release|move|send|change|transfer|whitelist|debit|lift|disable)",
    ),
    (
        "why_or_whether",
        "为什么|为啥|凭什么|怎么回事|是不是(?:一定|必须|要)|一定要|非要|必须.{0,8}(?:吗|么|不)|可以.{0,14}(?:吗|么|不)|能.{0,14}(?:吗|么|不[?。]?$)|要.{0,10}(?:吗|么|不[?。]?$)|会.{0,12}(?:吗|么)|还有.{0,8}(?:办法|方式|别的)|有没有.{0,6}(?:正规|别的|其他)|what if|why|is there|do i|can i|could i|should i|are there",
    ),
    (
        "proxy_way",
        "委托|公证|代办|代签|监护人?(?:可以|能|要)|继承|遗产|去世|过世|走的|授权书要|材料|证件|陪|帮.{0,6}问|替.{0,6}问|本人(?:走不动|不能|来不了|必须)|上门|子女|附属卡|副卡|生活费|学费|赡养|受益人|for my (?:mother|father|son|daughter|wife|husband)|documents|executor|power of attorney",
    ),
    (
        "lies",
        "编(?:一|个|多|得)?|假|骗(?:过|得)|瞒|圆(?:过|谎)?|借口|说辞|怎么(?:说|填|写|讲|跟柜员|圆|回答)(?:才|能|最)|才(?:不|能过|过|好)|最(?:稳|安全|容易|松)|盯上|起疑|怀疑|追责|风控.{0,10}(?:不|触发|松|绕|抓|阈值)|监控.{0,8}(?:松|看不)|不(?:会)?(?:触发|引起|惊动|留)|没人(?:管|问|查|知道)|轮着用|倒出来|倒一下|打散|掺|来路不明|赃款|不是我的|其实(?:是|打|就是|不|换)|税务看|不让税|换脸|指纹显示|虚开|过一下账|走账|包装|刷(?:一份|流水)|excuse|cover story|hide|look legit|trick",
    ),
    (
        "already_done",
        "已经?(?:验|核|签|批|通过|授权|审)|验过|核过|上次.{0,8}(?:没验|就|客服)|后补|回头补|补签|签字后补|信我|相信我|就这一次|就一次|通融|行个方便|老客户|认得我|听得出|懒得|麻烦死|不接受|already (?:passed|verified|confirmed|approved)|trust me|last time|just this once|paperwork follows|at home",
    ),
    ("bare_words", "^[^,。!? ]{1,8}$"),
];
