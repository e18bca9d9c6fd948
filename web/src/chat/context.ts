// What a part needs to know of the conversation it is shown in.

import { createContext, useContext, useEffect, useState } from "react";
import { serverNow } from "../api/client.ts";
import type { CustomerAction, Locale } from "../api/types.ts";
import { Transcript } from "./transcript.ts";

export interface PartHost {
  transcript: Transcript;
  /** Staff see the cards but cannot answer them. */
  readOnly: boolean;
  act(action: CustomerAction): Promise<boolean>;
  submitOtp(challenge: string, code: string): Promise<void>;
  openArticle(article: string, version: string): void;
  /** Where links open: a frame must not navigate itself away. */
  linkTarget: "_self" | "_blank";
}

export const PartHostContext = createContext<PartHost>({
  transcript: new Transcript(),
  readOnly: true,
  act: async () => false,
  submitOtp: async () => undefined,
  openArticle: () => undefined,
  linkTarget: "_blank",
});

export const usePartHost = (): PartHost => useContext(PartHostContext);

/** The server's time, ticking each second while something counts down. */
export function useNow(ticking: boolean): number {
  const [now, setNow] = useState(serverNow);
  useEffect(() => {
    if (!ticking) return;
    setNow(serverNow());
    const timer = setInterval(() => setNow(serverNow()), 1_000);
    return () => clearInterval(timer);
  }, [ticking]);
  return now;
}

export function clockTime(atMs: number, locale: Locale): string {
  return new Date(atMs).toLocaleTimeString(locale === "zh" ? "zh-CN" : "en-GB", { hour: "2-digit", minute: "2-digit" });
}
