//! Words and turns of phrase that go with a mood, in groups. A group says only
//! that such words stand there; how much it counts, and for which mood, is learned.
//!
//! Phrases are in normal form (simplified, lower case). Not here: weights, and
//! words of self-harm, which are the pack's and always go to a human.

/// Groups of phrases. The order is part of the trained weights.
pub const GROUPS: &[(&str, &str)] = &[
    (
        "thanks",
        "谢谢|多谢|感谢|谢啦|谢了|谢哈|辛苦了|辛苦啦|唔该|麻烦你了|感恩|感激|thank|appreciate|grateful|thx|cheers",
    ),
    (
        "joy",
        "太好了|太棒|高兴|开心|惊喜|哈哈|嘻嘻|嘿嘿|好棒|真棒|给力|完美|满意|点赞|好评|五星|幸福|激动|终于|爽|\
         放心了|踏实了|松了口气|松口气|松快|省心|有心了|佩服|没想到这么快|这么快|真快|秒到|秒回|喜|庆祝|请客|\
         恩人|救了我|贴心|暖心|温暖|周到|耐心|专业|厉害了|牛|绝了|赞|靠谱|好开心|贺|great|happy|glad|awesome|\
         amazing|excellent|perfect|love|wonderful|brilliant|lovely|pleased|relieved|fantastic|best|yay|easier|smooth|\
         好嘢|正呀|犀利|太好啦|好彩",
    ),
    (
        "done_well",
        "到账了|批下来|下来了|办好了|办成|解决了|搞定|追回|找回|拿回来|退回来了|解开了|解冻了|还清|结清了|通过了|\
         过了|比想|比预想|比我想|挺快|蛮快|不用跑|省得|没白|赚了|涨了|涨回|不错|挺好|蛮好|还可以|可以可以|好用|\
         真方便|方便多|省事|顺利|一次过|一次就|approved|came through|works|fixed|sorted|got it back|resolved|received",
    ),
    (
        "fear",
        "怕|担心|害怕|恐|慌|紧张|忐忑|不安|心焦|焦虑|焦|愁|睡不着|睡不踏实|失眠|没底|打鼓|悬着|悬|不放心|发抖|抖|\
         腿软|腿都软|手抖|心跳|冷汗|冒汗|吓|坐不住|犯嘀咕|七上八下|揪着|揪心|提心吊胆|吃不下|发毛|心虚|发怵|\
         worr|afraid|scared|nervous|anxious|uneasy|panic|terrified|fear|frightened|stress|惊住|好惊|惊死|惊得",
    ),
    (
        "what_if",
        "会不会|是不是被|不会是|不会被|不会丢|不会出|万一|怎么办|咋办|点算|点办|可怎么|回不来|拿不回|还能追|\
         还能拿|能不能追|还有救|要紧不|要紧吗|有事吗|没事吧|严不严重|出事|影响|牵连|坐牢|抓|起诉|黑名单|征信.*黑|\
         被骗了吧|是不是骗|what if|will i lose|am i going to|will they|is my money|what should i do|going to hurt",
    ),
    (
        "insult",
        "垃圾|骗子|混蛋|王八|狗|操|妈的|他妈|tmd|尼玛|滚|放屁|屁|无耻|不要脸|流氓|土匪|强盗|吸血|饭桶|废物|白痴|\
         脑残|脑子|有病|缺德|良心|报应|去死|奸商|黑心|坑|忽悠|糊弄|欺负|欺骗|耍|抢钱|老子|贱|猪|丢人|恶心|crook|\
         stupid|idiot|useless|ridiculous|joke|thie|rob|scam|damn|hell|disgrac|outrag|unacceptable|bloody|incompet|\
         furious|angry|pathetic|仆街|扑街|痴线|玩嘢|离谱|荒唐|可恶|气死|气炸|火大|恼火|气人|忍无可忍|受够|够了",
    ),
    (
        "threat",
        "投诉|曝光|告你|去告|起诉你|法庭|律师|12378|监管|银保监|消保|媒体|记者|微博|抖音|赔偿|赔我|赔钱|负责|\
         给个说法|给我个说法|说法|道歉|工号|领导出来|找你们领导|行长|没完|走着瞧|等着|小心|砸|complain|lawyer|sue|\
         report you|manager|compensat|responsible",
    ),
    (
        "reproach",
        "凭什么|凭啥|什么意思|有没有搞错|搞什么|怎么回事|像话|太过分|过分|合适吗|有你们这|有这么|哪有|还要我|还让我|\
         又要|又是|又来|第几次|几次了|几遍了|多少遍|说了多少|踢皮球|踢|推来推去|推给|敷衍|官腔|态度|说得轻巧|轻巧|\
         听不懂|别跟我|别再|别老|少来|你别|谁给你|算谁的|关我什么|好意思|摆设|吃干饭|聊天|装|打发|双标|霸王|\
         why on earth|how dare|how many times|again\\?|still no",
    ),
    (
        "irony",
        "贵行|真行|真会|呵呵|佩服佩服|高明|可真是|真是谢谢|那可真|真有你们|有始有终|劳驾|敢情|厉害厉害|恭喜|辛苦您|\
         您先忙|不打扰|好一个|了不起|真本事|开眼|长见识|涨知识|学到了|受教|服气|服了你|不愧|笑死|呵|原来是我|\
         怪我|是我不配|配不上|良苦用心|bravo|well done|congratulations|how nice|wow|impressive|of course",
    ),
    (
        "grief",
        "去世|过世|过身|走了|不在了|没了|离世|离开了|遗像|骨灰|坟|烧纸|葬|丧|临走|临终|牺牲|遗|生前|以前总|以前每|\
         老伴|白发人|孤|一个人|没人|空荡|想他|想她|想我|舍不得|唔舍得|passed away|died|death|late husband|late wife|\
         late father|late mother|gone|miss him|miss her|grave|funeral|alone|lonel|lost my|widow",
    ),
    (
        "tears",
        "哭|眼泪|泪|呜|难过|难受|伤心|心酸|心碎|心疼|心痛|心里堵|堵得|疼|痛|苦|唉|哎|凄|悲|绝望|活着|没意思|\
         没脸|抬不起头|对不起|罪人|自责|怪自己|怪我自己|恨自己|没用|窝囊|丢脸|惭愧|羞|完了|毁了|一无所有|倾家荡产|\
         血汗|一辈子的|半辈子|积蓄|棺材本|熬|说不下去|cry|tears|heartbroken|broke my heart|breaks my heart|ashamed|\
         sad|sorrow|grief|empty|emptiness|nothing left|miserable|hopeless|devastat|guilt|my fault",
    ),
    (
        "given_up",
        "算了|罢了|算啦|就这样吧|不指望|没指望|不抱希望|不抱|死心|心凉|寒心|心寒|心冷|凉了|无所谓|随便|懒得|\
         不想再|不会再|再也不|不再|不来了|不存了|不等了|不用了|不问了|不玩了|没必要|说了也|白说|白高兴|白跑|白等|\
         白信|到此为止|永别|never mind|forget it|whatever|no point|never again|done with|giving up|gave up|won't be back|\
         won't bother|don't bother|不必了|免了|认了|认命|看透|看明白|看清",
    ),
    (
        "trust_lost",
        "失望|信任|不信|相信|信过|靠不住|指望|期待|期望|原以为|本以为|还以为|以为你们|以为会|本来还|本来想|原来|\
         当初|曾经|以前不是|以前|从前|变了|不如|落差|差远|不过如此|就这|也就这样|承诺|答应|说好|讲好|兑现|落空|\
         老客户|十年|二十年|多年|换银行|别家|别的银行|隔壁|转走|搬走|销户|销了|全销|disappoint|expected|trust|\
         let down|letdown|used to|promise|hoped|thought you|another bank|somewhere else|other bank|close my account|\
         switch|let me down|faith",
    ),
    (
        "lost",
        "不懂|看不懂|没看懂|听不懂|搞不懂|弄不懂|不明白|没明白|弄不明白|搞不清|弄不清|不清楚|分不清|没搞懂|没弄懂|\
         没懂|糊涂|迷糊|蒙了|懵|晕|绕|乱了|越看越|越问越|越听越|摸不着|一头雾水|莫名|奇怪|矛盾|对不上|什么意思|\
         啥意思|几个意思|唔明|谂唔通|搞唔清|confus|don't understand|doesn't make sense|don't get|makes no sense|\
         make sense|puzzl|no idea|lost here|unclear|add up|what does|what do you mean|mixed up|contradict|huh",
    ),
    (
        "which",
        "到底|究竟|还是|哪个|哪一个|哪条|哪一|谁说|听谁的|信谁|信哪|以哪|按哪|按谁|一会儿|一会|一下说|又说|又不|\
         为什么|为啥|怎么又|怎么会|怎么变|怎么多|怎么少|凭空|什么叫|是指|区别|差别|不同|不一样|不是说|不是一个|\
         which one|which is|so what is|or the|but the|why is|why does|how come|first you",
    ),
    (
        "now",
        "马上|立刻|立即|赶紧|赶快|快点|快啲|快快|快帮|快给|快拦|快!|快,|加急|急用|急着|急等|紧急|火急|现在就|即刻|\
         马上就|这就|一秒|一刻|抓紧|尽快|催|救命|救人|抢救|急诊|来不及|赶不上|等不了|等不及|赶|拦住|拦下|截住|截下|\
         止付|停掉|断开|正在|asap|immediately|right now|right away|hurry|urgent|quick|now!|freeze it|as we speak|stop it",
    ),
    (
        "clock",
        "分钟|点前|点之前|点钟前|点截|点半前|截止|到期前|倒计时|倒数|今天要|今天就|今天之|今天必|今天得|今晚|今日|\
         中午前|下班前|下午|之前要|之前必|前必须|前要|前得|马上要|等着|在等|在门口|窗口|排队等|登机|航班|飞机|高铁|\
         发车|起飞|开盘|投标|手术|明早|明天一早|before noon|by noon|by 5|minutes|deadline|today|tonight|tomorrow|\
         closes|half an hour|boarding|flight|an hour",
    ),
    (
        "strong",
        "死了|极了|透顶|透了|至极|太太|超级|特别|非常|万分|从来没|从没|这辈子|一辈子|彻底|完全|全部|都没有|每次|\
         一直|天天|整夜|整晚|真的|实在|受不了|崩溃|疯|要命|求求|求你|拜托|跪|磕头|到死|爆|so much|extremely|totally|\
         completely|absolutely|never|ever|every single|please please|everything",
    ),
    (
        "mild",
        "有点|有些|稍微|一点|小|不太|可能|好像|似乎|吧|还行|还好|勉强|也算|略|大概|应该|a bit|a little|slightly|kind of|\
         somewhat|bit of",
    ),
    (
        "calm_ask",
        "请问|想问|问一下|咨询|查一下|查询|帮我查|怎么办理|如何|需要什么|要带什么|哪些材料|多久|多少|几点|哪里|在哪|\
         可以吗|能吗|行吗|是否|我想|我要|帮我|麻烦|劳烦|could you|can i|how do i|how long|what time|where|please|\
         i'd like|is there|do you",
    ),
    ("you_bank", "你们|你行|贵行|你哋|银行|柜台|柜员|客服|经理|网点|大堂|your bank|you people|your staff|you guys"),
    ("money_gone", "没了|全没|亏|赔|被骗|骗走|骗光|盗刷|转走了|不见了|少了|扣了|丢了|lost|stolen|scammed"),
];
