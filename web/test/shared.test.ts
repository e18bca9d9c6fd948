import { describe, expect, it } from "vitest";
import { charCount } from "../src/api/limits.ts";
import type { Event } from "../src/api/types.ts";
import { takeHandover } from "../src/chat/session.ts";
import { mergeEvents } from "../src/desk/events.ts";
import { may } from "../src/desk/permissions.ts";
import { duration } from "../src/desk/words.tsx";
import { parseMarkdown } from "../src/shared/markdown.tsx";
import { formatMoney, formatValue, summaryRows } from "../src/shared/values.ts";

const event = (seq: number): Event =>
  ({ conversation: "cv_1", seq, at_ms: 0, actor: { kind: "machine" }, type: "not_understood" }) as Event;
const seqs = (events: Event[]) => events.map((it) => it.seq);

describe("merging live and loaded events", () => {
  it("keeps each once, in order", () => {
    expect(seqs(mergeEvents([event(1), event(2)], [event(3)]))).toEqual([1, 2, 3]);
    expect(seqs(mergeEvents([event(1), event(3)], [event(2), event(3)]))).toEqual([1, 2, 3]);
    expect(seqs(mergeEvents([], []))).toEqual([]);
  });
});

describe("values", () => {
  it("show money without a float", () => {
    expect(formatMoney({ minor: 123_456_789_05, currency: "CNY" })).toBe("CNY 123,456,789.05");
    expect(formatMoney({ minor: -5, currency: "USD" })).toBe("USD -0.05");
    expect(formatMoney({ minor: 1_000, currency: "JPY" })).toBe("JPY 1,000");
  });

  it("show slot values by what they hold", () => {
    expect(formatValue({ type: "money", amount: { minor: 50_000, currency: "CNY" } })).toBe("CNY 500.00");
    expect(formatValue({ type: "date_range", from: "2026-01-01", to: "2026-01-31" })).toBe("2026-01-01 – 2026-01-31");
    expect(formatValue({ type: "choice", id: "a1", label: "Debit" })).toBe("Debit");
    expect(formatValue({ id: "a1", label: "Debit" })).toBe("Debit");
    expect(formatValue(null)).toBe("—");
    expect(formatValue(["a", 1])).toBe("a, 1");
  });

  it("read a release's summary whatever its shape", () => {
    expect(summaryRows({ rows: [{ label: "Amount", value: "1", strong: true }] })).toEqual([
      { label: "Amount", value: "1", strong: true },
    ]);
    expect(summaryRows({ amount: { minor: 100, currency: "CNY" } })).toEqual([{ label: "amount", value: "CNY 1.00" }]);
    expect(summaryRows([{ label: "a", value: 2 }, "noise"])).toEqual([{ label: "a", value: "2" }]);
    expect(summaryRows("text")).toEqual([]);
  });
});

describe("Markdown of articles", () => {
  it("knows headings, lists, tables and paragraphs", () => {
    const source = "## 标题\n第一段\n续行\n\n- 甲\n- 乙\n\n1. 一\n2. 二\n\n| 金额 | 费 |\n|---|---|\n| 1 万 | 5 元 |";
    expect(parseMarkdown(source)).toEqual([
      { kind: "heading", level: 2, text: "标题" },
      { kind: "paragraph", text: "第一段\n续行" },
      { kind: "list", ordered: false, items: ["甲", "乙"] },
      { kind: "list", ordered: true, items: ["一", "二"] },
      { kind: "table", head: ["金额", "费"], rows: [["1 万", "5 元"]] },
    ]);
  });

  it("keeps markup it does not know as text", () => {
    expect(parseMarkdown("<script>x</script>")).toEqual([{ kind: "paragraph", text: "<script>x</script>" }]);
  });
});

describe("the hand-over token", () => {
  it("leaves the address at once and takes nothing else with it", () => {
    const replaced: string[] = [];
    const history = { replaceState: (_: unknown, __: string, url: string) => replaced.push(url) } as unknown as History;
    const at = (href: string) => ({ href }) as Location;
    expect(takeHandover(at("https://b.example/?handover=abc&locale=en#x"), history)).toBe("abc");
    expect(replaced).toEqual(["/?locale=en#x"]);
    expect(takeHandover(at("https://b.example/"), history)).toBeUndefined();
    expect(replaced).toHaveLength(1);
  });
});

describe("small rules", () => {
  it("count characters as the server does", () => {
    expect(charCount("a😀中")).toBe(3);
  });

  it("open pages by role", () => {
    expect(may(["agent"], "converse")).toBe(true);
    expect(may(["agent"], "explain")).toBe(false);
    expect(may(["unknown"], "converse")).toBe(false);
    expect(may(["release", "admin"], "manage_packs")).toBe(true);
  });

  it("write a wait as a clock", () => {
    expect(duration(65_000)).toBe("01:05");
    expect(duration(3_725_000)).toBe("1:02:05");
    expect(duration(-5)).toBe("00:00");
  });
});
