// The console's words as a React context, with the times staff read.

import { createContext, useContext } from "react";
import type { Locale } from "../api/types.ts";
import { type Translate, translator } from "../i18n/core.ts";
import { en } from "../i18n/desk.en.ts";
import { type DeskKey, zh } from "../i18n/desk.zh.ts";

export type { DeskKey };
export type T = Translate<DeskKey>;

export const deskWords = (locale: Locale): T => translator<DeskKey>({ zh, en }, locale);

export interface Words {
  locale: Locale;
  t: T;
  setLocale(locale: Locale): void;
}

export const WordsContext = createContext<Words>({ locale: "zh", t: deskWords("zh"), setLocale: () => undefined });

export const useWords = (): Words => useContext(WordsContext);
export const useT = (): T => useContext(WordsContext).t;

const tag = (locale: Locale): string => (locale === "zh" ? "zh-CN" : "en-GB");

export function timeOf(atMs: number, locale: Locale): string {
  return new Date(atMs).toLocaleTimeString(tag(locale));
}

export function dateTimeOf(atMs: number, locale: Locale): string {
  return new Date(atMs).toLocaleString(tag(locale), { dateStyle: "medium", timeStyle: "short" });
}

/** A length of time as minutes and seconds, hours when there are some. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const pad = (value: number) => String(value).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const rest = `${pad(Math.floor(seconds / 60) % 60)}:${pad(seconds % 60)}`;
  return hours > 0 ? `${hours}:${rest}` : rest;
}

/** A word the server may know more of than this page: its key's text, or itself. */
export function wordOf(t: T, prefix: "reason" | "status" | "event", name: string): string {
  const key = `${prefix}.${name}`;
  return key in zh ? t(key as DeskKey) : name;
}
