// Two dictionaries of the same keys, and `{name}` places in their texts.
//
// Invariant: English has exactly the keys of Chinese (the type says so, a test
// checks the places). No library: the customer page must stay small.

import type { Locale } from "../api/types.ts";

export type Vars = Record<string, string | number>;
export type Translate<K extends string> = (key: K, vars?: Vars) => string;

export function translator<K extends string>(dictionaries: Record<Locale, Record<K, string>>, locale: Locale): Translate<K> {
  const words = dictionaries[locale];
  return (key, vars) => fill(words[key], vars);
}

export function fill(text: string, vars?: Vars): string {
  if (!vars) return text;
  return text.replace(/\{(\w+)\}/g, (place, name: string) => (name in vars ? String(vars[name]) : place));
}

const LOCALE_KEY = "teller.locale";

/** One named in the address, the language chosen before, or the browser's. */
export function initialLocale(search: string, browser = navigator.language): { locale: Locale; chosen: boolean } {
  const asked = new URLSearchParams(search).get("locale") ?? new URLSearchParams(search).get("lang");
  const stored = readStored();
  const wanted = isLocale(asked) ? asked : isLocale(stored) ? stored : undefined;
  return { locale: wanted ?? ofBrowser(browser), chosen: wanted !== undefined };
}

/** Whoever reads neither language is more likely helped by English. */
function ofBrowser(language: string | undefined): Locale {
  return !language || language.toLowerCase().startsWith("zh") ? "zh" : "en";
}

export function rememberLocale(locale: Locale): void {
  try {
    localStorage.setItem(LOCALE_KEY, locale);
  } catch {
    // Storage may be blocked inside a frame; the choice lasts for this page.
  }
}

export function isLocale(value: unknown): value is Locale {
  return value === "zh" || value === "en";
}

export const htmlLang: Record<Locale, string> = { zh: "zh-CN", en: "en" };

function readStored(): string | null {
  try {
    return localStorage.getItem(LOCALE_KEY);
  } catch {
    return null;
  }
}
