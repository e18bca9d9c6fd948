// What this tab remembers, so that a reload goes on where it was: the
// conversation and its token, the signed-in hand-over, unsent messages.
//
// Invariants: session storage only (gone with the tab); storage that is blocked,
// as it may be in a frame, is replaced by memory; nothing secret but the two
// tokens, and never a one-time password.

import type { CustomerBrief, Level, Ownership } from "../api/types.ts";
import type { OutboxItem } from "../api/outbox.ts";

export interface Session {
  conversation: string;
  token: string;
  ownership: Ownership;
  level: Level;
  customer?: CustomerBrief;
}

const memory = new Map<string, string>();

function read<V>(key: string): V | undefined {
  let text: string | null | undefined;
  try {
    text = sessionStorage.getItem(key);
  } catch {
    text = memory.get(key);
  }
  if (!text) return undefined;
  try {
    return JSON.parse(text) as V;
  } catch {
    return undefined;
  }
}

function write(key: string, value: unknown): void {
  const text = value === undefined ? undefined : JSON.stringify(value);
  try {
    if (text === undefined) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, text);
  } catch {
    if (text === undefined) memory.delete(key);
    else memory.set(key, text);
  }
}

/** One page kind's memory: the page and the widget frame do not share it. */
export class SessionStore {
  private readonly prefix: string;

  constructor(prefix: string) {
    this.prefix = prefix;
  }

  get session(): Session | undefined {
    return read<Session>(`${this.prefix}.session`);
  }
  set session(value: Session | undefined) {
    write(`${this.prefix}.session`, value);
  }

  get handover(): string | undefined {
    return read<string>(`${this.prefix}.handover`);
  }
  set handover(value: string | undefined) {
    write(`${this.prefix}.handover`, value);
  }

  outbox(conversation: string): OutboxItem[] {
    return read<OutboxItem[]>(`${this.prefix}.outbox.${conversation}`) ?? [];
  }
  saveOutbox(conversation: string, items: readonly OutboxItem[]): void {
    write(`${this.prefix}.outbox.${conversation}`, items.length ? items : undefined);
  }
}

/** Takes the hand-over token out of the address, so that it is not kept in the history. */
export function takeHandover(location: Location, history: History): string | undefined {
  const url = new URL(location.href);
  const token = url.searchParams.get("handover");
  if (!token) return undefined;
  url.searchParams.delete("handover");
  history.replaceState(null, "", url.pathname + url.search + url.hash);
  return token;
}
