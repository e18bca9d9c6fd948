import { describe, expect, it } from "vitest";
import { CONFIRMATION_TTL_MS } from "../src/api/limits.ts";
import type { AnswerPart } from "../src/api/types.ts";
import {
  citedRuns,
  cleanCode,
  confirmStatus,
  headline,
  isInward,
  isNumeric,
  numericColumns,
  otpStatus,
  runBlocks,
  safeUrl,
  secondsLeft,
} from "../src/chat/parts/model.ts";
import { codeIn } from "../src/phone/code.ts";

const citation = (article: string) => ({ article, version: "v", title: article });

describe("cited answers", () => {
  const answer: AnswerPart = {
    kind: "answer",
    sentences: [
      { text: "一。", citation: 2 },
      { text: "二。", citation: 2 },
      { text: "三。", citation: 0 },
      { text: "四。", citation: 2 },
    ],
    citations: [citation("a"), citation("unused"), citation("c")],
  };

  it("join sentences of one source and number the sources as they are used", () => {
    const { runs, citations } = citedRuns(answer);
    expect(runs).toEqual([
      { sentences: ["一。", "二。"], mark: 0 },
      { sentences: ["三。"], mark: 1 },
      { sentences: ["四。"], mark: 0 },
    ]);
    expect(citations.map((it) => it.article)).toEqual(["c", "a"]);
  });

  it("read as paragraphs and lists, with a space between Latin sentences only", () => {
    expect(runBlocks(["Free.", "Always."])).toEqual([{ text: "Free. Always." }]);
    expect(runBlocks(["按金额收费：", "- 2000 元以下 2 元；", "- 以上 5 元。", "可退。", "按笔。"])).toEqual([
      { text: "按金额收费：" },
      { items: ["2000 元以下 2 元；", "以上 5 元。"] },
      { text: "可退。按笔。" },
    ]);
  });

  it("survive a citation that is not there", () => {
    const { runs, citations } = citedRuns({ kind: "answer", sentences: [{ text: "x", citation: 7 }], citations: [] });
    expect(runs).toEqual([{ sentences: ["x"], mark: undefined }]);
    expect(citations).toEqual([]);
  });
});

describe("numbers in tables", () => {
  it("are told from words", () => {
    for (const cell of ["+12,800.00", "-46.50", "¥1,206.15", "3.45%", "CNY 5.00", "12"]) expect(isNumeric(cell)).toBe(true);
    for (const cell of ["11-20 美团", "ICBC", "", "12 期"]) expect(isNumeric(cell)).toBe(false);
  });

  it("make a column numeric only when all its cells are", () => {
    const table = {
      columns: ["what", "amount", "mixed", "empty"],
      rows: [
        ["a", "1.00", "1", ""],
        ["b", "-2.00", "x", ""],
      ],
    };
    expect(numericColumns(table)).toEqual([false, true, false, false]);
  });

  it("come in only with an explicit plus", () => {
    expect(isInward("+1.00")).toBe(true);
    expect(isInward("1.00")).toBe(false);
  });
});

describe("the headline of a card", () => {
  it("is the strong amount, else the strong row, else nothing", () => {
    const name = { label: "payee", value: "李明", strong: true };
    const amount = { label: "amount", value: "¥500.00", strong: true };
    const plain = { label: "fee", value: "¥0.00" };
    expect(headline([name, amount, plain])).toEqual({ main: amount, rest: [name, plain] });
    expect(headline([name, plain]).main).toBe(name);
    expect(headline([plain])).toEqual({ main: undefined, rest: [plain] });
  });
});

describe("what can still be answered", () => {
  const shown = { seq: 5, shown_at_ms: 1_000, closed: false };

  it("a confirmation: open until answered, closed, replaced or too old", () => {
    expect(confirmStatus(shown, 5, 2_000)).toBe("open");
    expect(confirmStatus({ ...shown, accepted: false }, 5, 2_000)).toBe("refused");
    expect(confirmStatus({ ...shown, accepted: true }, 5, 1e12)).toBe("accepted");
    expect(confirmStatus({ ...shown, closed: true }, 5, 2_000)).toBe("stale");
    expect(confirmStatus(shown, 3, 2_000)).toBe("stale");
    expect(confirmStatus(shown, 5, 1_000 + CONFIRMATION_TTL_MS)).toBe("expired");
    expect(confirmStatus(undefined, 5, 2_000)).toBe("stale");
  });

  it("a code: open until it passed, failed for good, was replaced or ran out", () => {
    const issued = { seq: 5, issued_at_ms: 0, fails: 0 };
    expect(otpStatus(issued, 5, 1_000, 999)).toBe("open");
    expect(otpStatus(issued, 5, 1_000, 1_000)).toBe("expired");
    expect(otpStatus({ ...issued, outcome: "passed" }, 5, 1_000, 2_000)).toBe("passed");
    expect(otpStatus(issued, 4, 1_000, 0)).toBe("superseded");
    expect(otpStatus(undefined, 4, 1_000, 0)).toBe("void");
  });

  it("counts whole seconds down to nought", () => {
    expect(secondsLeft(1_500, 0)).toBe(2);
    expect(secondsLeft(0, 5_000)).toBe(0);
  });
});

describe("codes", () => {
  it("keep six digits of whatever was typed or pasted", () => {
    expect(cleanCode("１２３ 456")).toBe("123456");
    expect(cleanCode("code: 12-34-56-78")).toBe("123456");
    expect(cleanCode("abc")).toBe("");
  });

  it("are found in a text message, and longer numbers are not", () => {
    expect(codeIn("【云杉银行】验证码 482913，2 分钟内有效")).toBe("482913");
    expect(codeIn("尾号 6621 转出，流水 20261121000001")).toBeUndefined();
  });
});

describe("links", () => {
  it("are followed to web pages only", () => {
    expect(safeUrl("/", "https://bank.example/embed")).toBe("https://bank.example/");
    expect(safeUrl("https://bank.example/app", "https://x.example")).toBe("https://bank.example/app");
    for (const bad of ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "http://["]) {
      expect(safeUrl(bad, "https://x.example")).toBeUndefined();
    }
  });
});
