// The staff side of the API: cookie session, CSRF header on every change.

import { request } from "../api/client.ts";
import type {
  DeskConversation,
  EventPage,
  Locale,
  MyConversation,
  PackVersionInfo,
  QueueEntry,
  RecentConversation,
  Release,
  StaffSession,
} from "../api/types.ts";

const root = "/api/v1";
const id = encodeURIComponent;

let csrf = "";
let locale: Locale = "zh";

/** The language of the server's problem messages. */
export function speak(next: Locale): void {
  locale = next;
}

function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return request<T>(root + path, signal ? { locale, signal } : { locale });
}

function change<T>(method: "POST" | "DELETE", path: string, body: unknown = {}): Promise<T> {
  return request<T>(root + path, { method, body, locale, headers: { "X-Teller-CSRF": csrf } });
}

async function keepCsrf(session: Promise<StaffSession>): Promise<StaffSession> {
  const got = await session;
  csrf = got.csrf;
  return got;
}

export const deskApi = {
  session: () => keepCsrf(get<StaffSession>("/staff/session")),
  signIn: (user: string, password: string) =>
    keepCsrf(change<StaffSession>("POST", "/staff/session", { user, password })),
  signOut: () => change<void>("DELETE", "/staff/session"),

  queue: (signal: AbortSignal) => get<QueueEntry[]>("/desk/queue", signal),
  mine: (signal: AbortSignal) => get<MyConversation[]>("/desk/mine", signal),
  accept: (handoff: string) => change<{ conversation: string }>("POST", `/desk/handoffs/${id(handoff)}/accept`),
  conversation: (conversation: string, signal: AbortSignal) =>
    get<DeskConversation>(`/desk/conversations/${id(conversation)}`, signal),
  events: (conversation: string, after: number, signal: AbortSignal) =>
    get<EventPage>(`/desk/conversations/${id(conversation)}/events?after=${after}`, signal),
  reply: (conversation: string, client_id: string, text: string) =>
    change<{ seq: number }>("POST", `/desk/conversations/${id(conversation)}/reply`, { client_id, text }),
  handBack: (conversation: string, note: string) =>
    change<void>("POST", `/desk/conversations/${id(conversation)}/hand-back`, { note }),
  close: (conversation: string, reason: string) =>
    change<void>("POST", `/desk/conversations/${id(conversation)}/close`, { reason }),
  recent: (limit: number, before: number | undefined, signal: AbortSignal) =>
    get<RecentConversation[]>(
      `/desk/conversations?limit=${limit}${before === undefined ? "" : `&before=${before}`}`,
      signal,
    ),

  releases: (signal: AbortSignal) => get<Release[]>("/desk/releases", signal),
  decide: (release: string, decision: "approve" | "decline", reason: string) =>
    change<void>("POST", `/desk/releases/${id(release)}/${decision}`, { reason }),

  packs: (signal: AbortSignal) => get<PackVersionInfo[]>("/packs", signal),
  activate: (version: string) => change<void>("POST", `/packs/${id(version)}/activate`),
};
