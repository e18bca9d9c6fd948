// The customer pages' words as a React context.

import { createContext, useContext } from "react";
import type { Locale } from "../api/types.ts";
import { en } from "./chat.en.ts";
import { type ChatKey, zh } from "./chat.zh.ts";
import { type Translate, translator } from "./core.ts";

export type { ChatKey };
export type T = Translate<ChatKey>;

export const chatWords = (locale: Locale): T => translator<ChatKey>({ zh, en }, locale);

export const LocaleContext = createContext<Locale>("zh");

export function useLocale(): Locale {
  return useContext(LocaleContext);
}

export function useT(): T {
  return chatWords(useContext(LocaleContext));
}
