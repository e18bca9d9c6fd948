// What the development stand-in knows: a few lines of the fictional bank, enough
// to look at every page. Never shipped; the real answers come from the server.

import type { Article, Bank, DemoCustomer, Locale } from "../src/api/types.ts";

export const bank: Bank = {
  name: { zh: "云杉银行", en: "Yunshan Bank" },
  hotline: "400-000-9588",
  greeting: {
    zh: "我是智能客服小杉，可以查账户、办业务、解答疑问。需要人工，随时说一声。",
    en: "I am the bank's AI assistant. I can look up accounts, carry out services and answer questions. Ask for a person at any time.",
  },
  ai_label: { zh: "小杉 · 智能客服", en: "Xiaoshan, AI assistant" },
  quick_replies: {
    zh: [
      { label: "查余额", send: "查一下我的余额" },
      { label: "转账", send: "我要转账" },
      { label: "交易明细", send: "看看最近的交易明细" },
      { label: "银行卡挂失", send: "我的卡丢了" },
      { label: "转账手续费", send: "转账手续费怎么收" },
      { label: "贷款试算", send: "贷款20万3年每月还多少" },
      { label: "我被骗了", send: "我被骗了" },
      { label: "投诉建议", send: "我要投诉" },
    ],
    en: [
      { label: "Check balance", send: "what is my balance" },
      { label: "Transfer", send: "I want to make a transfer" },
      { label: "Transactions", send: "show my recent transactions" },
      { label: "Report lost card", send: "I lost my card" },
      { label: "Transfer fees", send: "what are the transfer fees" },
      { label: "Loan estimate", send: "loan of 200000 over 3 years, monthly payment" },
      { label: "I was scammed", send: "I was scammed" },
      { label: "Complain", send: "I want to complain" },
    ],
  },
  own_url: "/",
};

const VERSION = "9f2c61b07e4d5a8830aa17c4";

const articles: Record<string, Record<Locale, { title: string; body_md: string }> & { source: string; owner: string }> = {
  "transfer-fee": {
    source: "云杉银行服务价格目录（2026版）",
    owner: "零售渠道部",
    zh: {
      title: "转账手续费标准",
      body_md:
        "个人客户通过手机银行、网上银行转账，**免收手续费**，不分本行跨行、同城异地。\n\n柜台办理跨行转账，按每笔金额收取：\n\n| 金额 | 手续费 |\n|---|---|\n| 1 万元（含）以下 | 5.00 元 |\n| 1 万至 10 万元（含） | 10.00 元 |\n| 10 万元以上 | 15.00 元，封顶 50.00 元 |\n\n- 65 岁以上客户柜台转账免收手续费。\n- 跨境汇款另行收费。",
    },
    en: {
      title: "Transfer fees",
      body_md:
        "Transfers by personal customers in the app or online are **free of charge**, inside and outside the bank.\n\nAt the counter, transfers to other banks cost:\n\n| Amount | Fee |\n|---|---|\n| up to CNY 10,000 | CNY 5.00 |\n| up to CNY 100,000 | CNY 10.00 |\n| above | CNY 15.00, at most CNY 50.00 |\n\n- Customers aged 65 and over pay nothing at the counter.\n- Cross-border remittances are charged separately.",
    },
  },
  "transfer-arrival": {
    source: "云杉银行个人转账业务规则",
    owner: "运营管理部",
    zh: {
      title: "转账到账时间",
      body_md: "您可以选择实时到账、普通到账（2 小时内）或次日到账。\n\n选择次日到账的，在到账前可以撤销。",
    },
    en: {
      title: "When a transfer arrives",
      body_md:
        "You can choose real time, ordinary (within 2 hours) or next day.\n\nA next-day transfer can be cancelled until it arrives.",
    },
  },
};

export function article(id: string, locale: Locale): Article | undefined {
  const found = articles[id];
  if (!found) return undefined;
  return {
    id,
    version: VERSION,
    ...found[locale],
    effective: "2026-01-01",
    expires: "2027-12-31",
    source: found.source,
    owner: found.owner,
    current: id !== "transfer-arrival",
  };
}

export function cite(id: string, locale: Locale) {
  return { article: id, version: VERSION, title: articles[id]?.[locale].title ?? id };
}

export const customers: (DemoCustomer & { masked: string; phone: string })[] = [
  { id: "cu_1001", name: "林晓雨", note: "工资卡、信用卡、定期存款；常用转账", elder: false, masked: "林*雨", phone: "138****2046" },
  { id: "cu_1002", name: "陈桂芳", note: "72 岁，养老金账户，大字版", elder: true, masked: "陈*芳", phone: "139****7715" },
  { id: "cu_1003", name: "欧阳明轩", note: "房贷在还，可提前还款", elder: false, masked: "欧阳**", phone: "150****3382" },
  { id: "cu_1004", name: "赵建国", note: "Ⅱ类账户，限额较低", elder: false, masked: "赵*国", phone: "136****9028" },
  { id: "cu_1005", name: "Emma Wilson", note: "外籍客户，外汇与跨境汇款", elder: false, masked: "E*** W*****", phone: "133****5501" },
];

export const staff = [
  { user: "agent1", password: "yunshan-demo", staff: { id: "st_01", name: "何立", roles: ["agent"] } },
  { user: "super", password: "yunshan-demo", staff: { id: "st_02", name: "秦岚", roles: ["supervisor", "release", "admin"] } },
];
