// The stand-in's scripted turns: believable replies of every kind of part, so
// that the pages can be looked at. It understands nothing beyond these words.

import type { CustomerAction, Part, QuickReply, Row, TurnTrace } from "../src/api/types.ts";
import { bank, cite, customers } from "./data.ts";
import { append, type Conversation, customerOf, fresh, machine, phones, tell } from "./store.ts";

const THINK_MS = 450;
const OTP_TTL_MS = 120_000;
const OTP_TRIES = 5;

interface Reply {
  parts: Part[];
  quick?: QuickReply[];
}

const word = (c: Conversation, zh: string, en: string): string => (c.locale === "zh" ? zh : en);
const text = (words: string): Part => ({ kind: "text", text: words });

export function onMessage(c: Conversation, inbound: number, said: string): void {
  later(c, inbound, said, () => answer(c, said));
}

export function onAction(c: Conversation, inbound: number, action: CustomerAction, code: string | undefined): void {
  if (action.action === "set_locale") {
    c.locale = action.locale;
    append(c, machine, { type: "locale_set", locale: action.locale });
    return;
  }
  later(c, inbound, action.action, () => act(c, action, code));
}

function later(c: Conversation, inbound: number, said: string, make: () => Reply | undefined): void {
  if (c.status === "agent" || c.status === "closed") return;
  tell(c, { kind: "busy", busy: true });
  setTimeout(() => {
    const reply = make();
    if (reply) append(c, machine, { type: "replied", reply_ids: ["fixture"], parts: reply.parts, quick_replies: reply.quick ?? [] });
    append(c, machine, { type: "turn_completed", inbound_seq: inbound, trace: trace(c, inbound, said) });
    tell(c, { kind: "busy", busy: false });
  }, THINK_MS);
}

function answer(c: Conversation, said: string): Reply | undefined {
  if (/人工|真人|坐席|客服电话|human|agent|person/i.test(said)) return human(c, "asked");
  if (c.flow && /取消|不转了|算了|cancel/i.test(said)) return cancel(c);
  if (c.flow?.name === "transfer" && !/手续费|fee|余额|balance/i.test(said)) return transfer(c, said);
  const known = topics.find(([pattern]) => pattern.test(said));
  if (!known) return miss(c);
  c.misses = 0;
  const inFlow = c.flow !== undefined;
  const reply = known[1](c, said);
  // A digression: the flow's question is put again.
  if (inFlow && reply) reply.parts.push(text(word(c, "我们继续刚才的转账。", "Back to your transfer.")), ...prompt(c));
  return reply;
}

type Topic = (c: Conversation, said: string) => Reply | undefined;
const topics: [RegExp, Topic][] = [
  [/手续费|营业时间|提前还款|fee|cost/i, fees],
  [/利率|理财|存款|deposit|rate|product/i, product],
  [/余额|多少钱|balance/i, balance],
  [/明细|流水|transactions/i, transactions],
  [/转账|转给|转\s*\d|汇款|transfer/i, transfer],
  [/贷款|月供|loan/i, loan],
  [/丢|挂失|lost/i, lost],
  [/骗|scam/i, scam],
  [/投诉|complain/i, complaint],
];

function signIn(c: Conversation): Reply | undefined {
  if (c.customer) return undefined;
  return {
    parts: [
      text(word(c, "这项业务需要先登录，请从云杉手机银行进入客服。", "Please sign in first: enter customer service from the bank's app.")),
      { kind: "jump", label: word(c, "打开云杉手机银行", "Open the bank's app"), url: "/demo" },
    ],
  };
}

function thirdParty(c: Conversation): Reply | undefined {
  if (c.ownership !== "third_party") return undefined;
  return {
    parts: [
      text(word(c, "产品咨询和交易请到云杉银行官方渠道办理。", "For products and transactions please use Yunshan Bank's own channels.")),
      { kind: "jump", label: word(c, "前往云杉银行", "Go to Yunshan Bank"), url: "/" },
    ],
  };
}

function product(c: Conversation): Reply {
  return thirdParty(c) ?? fees(c);
}

function fees(c: Conversation): Reply {
  return {
    parts: [
      {
        kind: "answer",
        sentences: [
          { text: word(c, "个人客户通过手机银行、网上银行转账，免收手续费，不分本行跨行、同城异地。", "Transfers by personal customers in the app or online are free, inside and outside the bank."), citation: 0 },
          { text: word(c, "柜台办理跨行转账，每笔 1 万元（含）以下收 5.00 元，最高 50.00 元。", "At the counter a transfer to another bank costs CNY 5.00 up to 10,000, and at most CNY 50.00."), citation: 0 },
          { text: word(c, "选择次日到账的，在到账前可以撤销。", "A next-day transfer can be cancelled until it arrives."), citation: 1 },
        ],
        citations: [cite("transfer-fee", c.locale), cite("transfer-arrival", c.locale)],
      },
    ],
    quick: c.locale === "zh"
      ? [
          { label: "我要转账", send: "我要转账" },
          { label: "查余额", send: "查一下我的余额" },
          { label: "转人工", send: "转人工" },
        ]
      : [
          { label: "Make a transfer", send: "I want to make a transfer" },
          { label: "Check balance", send: "what is my balance" },
        ],
  };
}

function balance(c: Conversation): Reply {
  return thirdParty(c) ?? signIn(c) ?? {
    parts: [
      {
        kind: "card",
        style: "accounts",
        title: word(c, "我的账户", "My accounts"),
        rows: [
          { label: word(c, "借记卡 尾号 6621", "Debit card ··6621"), value: "¥48,213.60", strong: true },
          { label: word(c, "储蓄账户 尾号 0907", "Savings ··0907"), value: "¥1,206.15" },
          { label: word(c, "信用卡 尾号 3310 可用", "Credit card ··3310 available"), value: "¥36,420.00" },
        ],
        note: word(c, "可用余额，截至今天 14:05", "Available balance, today 14:05"),
      },
    ],
    quick: c.locale === "zh" ? [{ label: "交易明细", send: "看看最近的交易明细" }, { label: "转账", send: "我要转账" }] : [],
  };
}

function transactions(c: Conversation): Reply {
  const rows = [
    ["11-20", word(c, "工资 云杉科技", "Salary"), "+12,800.00"],
    ["11-19", word(c, "美团支付", "Meituan"), "-46.50"],
    ["11-18", word(c, "转账 李明", "Transfer Li Ming"), "-2,000.00"],
    ["11-18", word(c, "地铁出行", "Metro"), "-6.00"],
    ["11-17", word(c, "水电费代扣", "Utilities"), "-183.27"],
    ["11-16", word(c, "退款 京东", "Refund JD"), "+259.00"],
    ["11-15", word(c, "房贷还款", "Mortgage"), "-5,855.99"],
    ["11-14", word(c, "利息", "Interest"), "+3.18"],
  ];
  return signIn(c) ?? {
    parts: [
      {
        kind: "card",
        style: "transactions",
        title: word(c, "借记卡 6621 最近交易", "Card ··6621, latest"),
        rows: [],
        table: { columns: c.locale === "zh" ? ["日期", "摘要", "金额（元）"] : ["Date", "What", "CNY"], rows },
        note: word(c, "2026-11-14 至 2026-11-20，共 8 笔", "2026-11-14 to 2026-11-20, 8 entries"),
      },
    ],
  };
}

// ---- the transfer flow ----

function transfer(c: Conversation, said: string): Reply | undefined {
  const barred = thirdParty(c) ?? signIn(c);
  if (barred) return barred;
  if (!c.flow) {
    c.flow = { name: "transfer", step: "payee", slots: {} };
    append(c, machine, { type: "flow_started", run: "fr_1", flow: "transfer", pack: "pk_3f9a1c77d0b2", intent: "TRF_NEW" });
  }
  const { slots } = c.flow;
  const amount = /(\d[\d,]*(?:\.\d+)?)\s*(万|元|块)?/.exec(said.replace(/\d{12,}/, ""));
  const account = /\d{12,19}/.exec(said);
  const payee = /(?:给|to\s+)([\u4e00-\u9fff]{2,3}|[A-Z]\w+)/.exec(said);
  if (payee?.[1]) fill(c, "payee", payee[1]);
  if (account) fill(c, "account", account[0]);
  if (amount?.[1]) fill(c, "amount", (Number(amount[1].replaceAll(",", "")) * (amount[2] === "万" ? 10_000 : 1)).toFixed(2));
  if (!slots.payee && !/转|汇/.test(said) && /^[\u4e00-\u9fff]{2,4}$/.test(said)) fill(c, "payee", said);
  return { parts: prompt(c) };
}

function fill(c: Conversation, slot: string, value: string): void {
  if (!c.flow) return;
  const corrected = c.flow.slots[slot] !== undefined;
  c.flow.slots[slot] = value;
  append(c, machine, { type: "slot_filled", run: "fr_1", slot, value: { type: "text", text: value }, corrected });
}

function prompt(c: Conversation): Part[] {
  if (!c.flow) return [];
  const { slots } = c.flow;
  if (!slots.payee) return [text(word(c, "请问转给谁？请告诉我收款人姓名。", "Who is it for? Please tell me the payee's name."))];
  if (!slots.account) return [text(word(c, `请提供${slots.payee}的收款账号。`, `What is ${slots.payee}'s account number?`))];
  if (!slots.amount) return [text(word(c, "请问转多少钱？", "How much?"))];
  if (!slots.from) {
    return [
      text(word(c, "从哪个账户转出？", "From which account?")),
      {
        kind: "choices",
        slot: "from",
        options: [
          { id: "a6621", label: word(c, "借记卡 尾号 6621", "Debit card ··6621"), detail: word(c, "可用 ¥48,213.60", "available ¥48,213.60") },
          { id: "a0907", label: word(c, "储蓄账户 尾号 0907", "Savings ··0907"), detail: word(c, "可用 ¥1,206.15", "available ¥1,206.15") },
        ],
      },
    ];
  }
  c.confirmation = fresh("cf");
  return [
    {
      kind: "confirm",
      confirmation: c.confirmation,
      title: word(c, "请核对转账信息", "Check the transfer"),
      tier: "red",
      rows: transferRows(c),
      warning: word(c, "首次向该收款人转账。请确认对方身份，谨防冒充熟人诈骗。", "First transfer to this payee. Make sure you know who it is."),
    },
  ];
}

function transferRows(c: Conversation): Row[] {
  const slots = c.flow?.slots ?? {};
  return [
    { label: word(c, "金额", "Amount"), value: `¥${Number(slots.amount).toLocaleString("en-US", { minimumFractionDigits: 2 })}`, strong: true },
    { label: word(c, "收款人", "Payee"), value: slots.payee ?? "", strong: true },
    { label: word(c, "收款账号", "Account"), value: (slots.account ?? "").replace(/(\d{4})(?=\d)/g, "$1 ") },
    { label: word(c, "收款银行", "Bank"), value: word(c, "中国工商银行", "ICBC") },
    { label: word(c, "付款账户", "From"), value: slots.from === "a0907" ? word(c, "储蓄账户 0907", "Savings ··0907") : word(c, "借记卡 6621", "Debit card ··6621") },
    { label: word(c, "手续费", "Fee"), value: "¥0.00" },
    { label: word(c, "到账方式", "Arrival"), value: word(c, "实时", "real time") },
  ];
}

function act(c: Conversation, action: CustomerAction, code: string | undefined): Reply | undefined {
  switch (action.action) {
    case "ask_human":
      return human(c, "asked");
    case "choose":
      if (c.flow?.name === "lost") return locked(c);
      fill(c, action.slot, action.id);
      return { parts: prompt(c) };
    case "refuse":
      append(c, machine, { type: "confirmation_answered", run: "fr_1", confirmation: action.confirmation, accepted: false });
      return cancel(c);
    case "confirm":
      append(c, machine, { type: "confirmation_answered", run: "fr_1", confirmation: action.confirmation, accepted: true });
      return { parts: [text(word(c, "还差一步，请输入短信验证码。", "One more step: enter the code from the text message.")), otp(c)] };
    case "resend_otp":
      return { parts: [otp(c)] };
    case "submit_otp":
      return submitted(c, action.challenge, code);
    default:
      return undefined;
  }
}

function otp(c: Conversation): Part {
  const code = String(Math.floor(Math.random() * 1_000_000)).padStart(6, "0");
  const amount = transferRows(c)[0]?.value ?? "";
  c.otp = { challenge: fresh("ch"), code, tries: 0 };
  const who = customerOf(c) ?? customers[0];
  const messages = phones.get(who?.id ?? "") ?? [];
  messages.push({
    at_ms: Date.now(),
    text: `【云杉银行】验证码 ${code}，用于向${c.flow?.slots.payee}转账 ${amount}，2 分钟内有效。工作人员不会索要验证码，切勿告诉他人。`,
  });
  phones.set(who?.id ?? "", messages);
  return {
    kind: "otp",
    challenge: c.otp.challenge,
    factor: "sms",
    sent_to: who?.phone ?? "",
    authorises: word(c, `向${c.flow?.slots.payee}转账 ${amount}`, `transfer of ${amount} to ${c.flow?.slots.payee}`),
    expires_at_ms: Date.now() + OTP_TTL_MS,
  };
}

function submitted(c: Conversation, challenge: string, code: string | undefined): Reply | undefined {
  if (!c.otp || c.otp.challenge !== challenge) return undefined;
  if (c.otp.code !== code) {
    c.otp.tries += 1;
    append(c, machine, { type: "otp_failed", run: "fr_1", challenge, void: c.otp.tries >= OTP_TRIES });
    return undefined;
  }
  append(c, machine, { type: "otp_passed", run: "fr_1", challenge });
  const rows = transferRows(c);
  append(c, machine, { type: "commit_requested", run: "fr_1", key: fresh("ik"), kind: "confirmed", operation: "transfer", params: c.flow?.slots, digest: "5e1f…" });
  append(c, machine, { type: "commit_resolved", run: "fr_1", key: "ik_1", status: "posted", code: null, result: { reference: "YS2611210001" } });
  append(c, machine, { type: "flow_ended", run: "fr_1", outcome: "completed" });
  c.flow = undefined;
  c.otp = undefined;
  return {
    parts: [
      {
        kind: "card",
        style: "receipt",
        title: word(c, "转账成功", "Transfer done"),
        rows: [...rows.slice(0, 6), { label: word(c, "流水号", "Reference"), value: "YS2611211405330001" }, { label: word(c, "时间", "Time"), value: "2026-11-21 14:05:33" }],
        note: word(c, "余额 ¥47,713.60", "Balance ¥47,713.60"),
      },
    ],
    quick: c.locale === "zh" ? [{ label: "交易明细", send: "看看最近的交易明细" }, { label: "再转一笔", send: "我要转账" }] : [{ label: "Transactions", send: "show my recent transactions" }],
  };
}

function cancel(c: Conversation): Reply {
  append(c, machine, { type: "flow_ended", run: "fr_1", outcome: "cancelled" });
  c.flow = undefined;
  return { parts: [text(word(c, "好的，已取消，没有办理任何业务。", "All right, cancelled. Nothing was carried out."))] };
}

// ---- the rest ----

function loan(c: Conversation): Reply {
  return {
    parts: [
      {
        kind: "card",
        style: "calculator",
        title: word(c, "等额本息试算", "Equal instalments"),
        rows: [
          { label: word(c, "每月还款", "Monthly payment"), value: "¥5,855.99", strong: true },
          { label: word(c, "贷款金额", "Loan"), value: "¥200,000.00" },
          { label: word(c, "期限", "Term"), value: word(c, "36 期", "36 months") },
          { label: word(c, "年利率（单利）", "Annual rate"), value: "3.45%" },
          { label: word(c, "利息合计", "Interest"), value: "¥10,815.65" },
        ],
        table: {
          columns: c.locale === "zh" ? ["期", "本金", "利息", "剩余本金"] : ["No", "Principal", "Interest", "Left"],
          rows: Array.from({ length: 12 }, (_, i) => [String(i + 1), (5280.99 + i * 15.2).toFixed(2), (575 - i * 15.2).toFixed(2), (194719.01 - i * 5296).toFixed(2)]),
        },
        note: word(c, "试算结果供参考，以合同为准。", "An estimate; the contract decides."),
      },
    ],
  };
}

function lost(c: Conversation): Reply {
  const barred = signIn(c);
  if (barred) return barred;
  c.flow = { name: "lost", step: "card", slots: {} };
  return {
    parts: [
      text(word(c, "别着急，先把卡锁上。是哪一张？", "Let us lock the card first. Which one?")),
      {
        kind: "choices",
        slot: "card",
        options: [
          { id: "c1", label: word(c, "借记卡 尾号 6621", "Debit card ··6621") },
          { id: "c2", label: word(c, "信用卡 尾号 3310", "Credit card ··3310") },
        ],
      },
    ],
  };
}

function locked(c: Conversation): Reply {
  c.flow = undefined;
  append(c, machine, { type: "flow_ended", run: "fr_2", outcome: "completed" });
  return {
    parts: [
      {
        kind: "card",
        style: "warning",
        title: word(c, "卡片已锁定", "The card is locked"),
        rows: [{ label: word(c, "卡片", "Card"), value: word(c, "借记卡 尾号 6621", "Debit card ··6621") }],
        note: word(c, "任何人都不能再用这张卡支付、取现。找到后可自行解锁。", "Nobody can pay or withdraw with it now. You can unlock it when it turns up."),
      },
      {
        kind: "progress",
        title: word(c, "挂失补卡进度", "Replacement"),
        steps: [
          { label: word(c, "临时锁卡", "Locked"), state: "done" },
          { label: word(c, "正式挂失", "Reported lost"), state: "now" },
          { label: word(c, "制卡寄送", "New card sent"), state: "next" },
        ],
      },
    ],
    quick: c.locale === "zh" ? [{ label: "正式挂失", send: "办理正式挂失" }, { label: "有盗刷，找人工", send: "转人工" }] : [],
  };
}

function scam(c: Conversation): Reply {
  return {
    parts: [
      {
        kind: "card",
        style: "pending",
        title: word(c, "止付请求已提交", "Stop-payment requested"),
        rows: [
          { label: word(c, "止付金额", "Amount held"), value: "¥2,000.00", strong: true },
          { label: word(c, "收款人", "Payee"), value: word(c, "李明", "Li Ming") },
        ],
        note: word(c, "核心系统暂时不可用，请求已排队，恢复后立即执行。请同时拨打 110 报警。", "The core bank is not available; the request is queued and runs first. Call 110 as well."),
      },
    ],
    quick: c.locale === "zh" ? [{ label: "马上找人工", send: "转人工" }] : [{ label: "A person, now", send: "human please" }],
  };
}

function complaint(c: Conversation): Reply {
  return {
    parts: [
      {
        kind: "card",
        style: "info",
        title: word(c, "投诉已登记", "Complaint registered"),
        rows: [
          { label: word(c, "编号", "Number"), value: "TS20261121-0042", strong: true },
          { label: word(c, "首次联系", "First contact"), value: word(c, "1 个工作日内", "within 1 working day") },
          { label: word(c, "办结期限", "Due"), value: "2026-12-06" },
        ],
      },
    ],
  };
}

function miss(c: Conversation): Reply | undefined {
  c.misses += 1;
  append(c, machine, { type: "not_understood" });
  if (c.misses >= 2) return human(c, "not_understood");
  return {
    parts: [text(word(c, "抱歉，这个问题我没有把握回答。您可以换个说法，或者转人工。", "I am not sure about that one. You can put it another way, or ask for a person."))],
    quick: bank.quick_replies[c.locale].slice(0, 4),
  };
}

function human(c: Conversation, reason: string): Reply {
  c.status = "queued";
  c.handoff = fresh("ho");
  const said = c.events.filter((event) => event.type === "message_received");
  c.packet = {
    summary: said.slice(-2).map((event) => ({ text: word(c, `客户说：${event.text}`, `Customer: ${event.text}`), seqs: [event.seq] })),
    intent: c.flow ? "TRF_NEW" : "HUMAN",
    flow: c.flow?.name ?? null,
    step: c.flow?.step ?? null,
    slots: Object.entries(c.flow?.slots ?? {}),
    level: c.level,
    elder: customerOf(c)?.elder ?? false,
    tier: c.flow ? "red" : "blue",
    tried: ["answer:transfer-fee"],
    failed: [],
    open_commits: [],
    next_action: c.flow ? word(c, "核对收款账号后继续转账", "check the account number, then go on") : null,
  };
  append(c, machine, { type: "handoff_requested", handoff: c.handoff, reason, skill: "general", packet: c.packet });
  tell(c, { kind: "queue" });
  return { parts: [{ kind: "handoff", handoff: c.handoff, position: 2, wait_s: 90 }] };
}

function trace(c: Conversation, inbound: number, said: string): TurnTrace {
  return {
    inbound_seq: inbound,
    pack: "pk_3f9a1c77d0b2",
    versions: [["use", "3.0"], ["rules", "demo@3f9a1c"]],
    language: c.locale,
    normal_form: said,
    intents: [
      { intent: "TRF_NEW", score: 0.86, parts: [["vector", 0.81], ["characters", 0.05]], nearest: "我想给别人转钱" },
      { intent: "TRF_FEE", score: 0.52, parts: [["vector", 0.49], ["characters", 0.03]], nearest: "转账要收多少钱" },
      { intent: "ACC_BALANCE", score: 0.21, parts: [["vector", 0.2], ["characters", 0.01]], nearest: "卡里还有多少钱" },
    ],
    entities: /\d/.test(said) ? [{ kind: "money", start: 0, end: 4, value: { minor: 50_000, currency: "CNY" } }] : [],
    signs: /人工/.test(said) ? ["human"] : [],
    evidence: [{ source: "article:transfer-fee@9f2c61b0", score: 0.78, note: null }, { source: "core:accounts", score: 1, note: "2 accounts" }],
    decisions: [{ decision: "start_flow", because: "intent TRF_NEW 0.86 over 0.60, level L1 suffices" }, { decision: "fill_slot", because: "payee and amount named in the message" }],
    stages: [{ name: "guard", micros: 210 }, { name: "normalise", micros: 95 }, { name: "understand", micros: 2840 }, { name: "decide", micros: 130 }, { name: "act", micros: 1620 }, { name: "save", micros: 780 }],
  };
}
