import { describe, expect, it } from "vitest";
import { en as chatEn } from "../src/i18n/chat.en.ts";
import { zh as chatZh } from "../src/i18n/chat.zh.ts";
import { fill, initialLocale, translator } from "../src/i18n/core.ts";
import { en as deskEn } from "../src/i18n/desk.en.ts";
import { zh as deskZh } from "../src/i18n/desk.zh.ts";

const places = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? "").sort();

/** Texts that are the same in both languages on purpose: the switch names the other language. */
const SWITCHES = new Set(["header.locale", "app.locale", "app.locale.label"]);

describe.each([
  ["customer pages", chatZh as Record<string, string>, chatEn as Record<string, string>],
  ["console", deskZh as Record<string, string>, deskEn as Record<string, string>],
])("the words of the %s", (_, zh, en) => {
  it("exist in both languages and are not empty", () => {
    expect(Object.keys(en).sort()).toEqual(Object.keys(zh).sort());
    for (const [key, text] of [...Object.entries(zh), ...Object.entries(en)]) expect(text.trim(), key).not.toBe("");
  });

  it("have the same places to fill", () => {
    for (const [key, text] of Object.entries(zh)) expect(places(en[key] ?? ""), key).toEqual(places(text));
  });

  it("are in the language they claim", () => {
    for (const [key, text] of Object.entries(en)) {
      if (!SWITCHES.has(key)) expect(text, key).not.toMatch(/[\u4e00-\u9fff]/);
    }
  });
});

describe("filling in", () => {
  it("leaves a place that nobody fills as it is", () => {
    expect(fill("{a} and {b}", { a: 1 })).toBe("1 and {b}");
    expect(translator({ zh: { k: "你好 {name}" }, en: { k: "hello {name}" } }, "en")("k", { name: "Lin" })).toBe("hello Lin");
  });
});

describe("the first language", () => {
  it("is the address's, else the browser's: Chinese for Chinese, English for the rest", () => {
    expect(initialLocale("", "zh-HK")).toEqual({ locale: "zh", chosen: false });
    expect(initialLocale("", "ja")).toEqual({ locale: "en", chosen: false });
    expect(initialLocale("?locale=en", "zh-CN")).toEqual({ locale: "en", chosen: true });
    expect(initialLocale("?locale=fr", "zh-CN").locale).toBe("zh");
    expect(initialLocale("", "").locale).toBe("zh");
  });
});
