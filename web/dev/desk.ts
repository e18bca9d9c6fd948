// The stand-in's staff side: session, queue, conversations, releases, packs.

import type { WebSocket } from "ws";
import type { Event } from "../src/api/types.ts";
import { staff } from "./data.ts";
import { type Call, lastText, Refusal } from "./server.ts";
import { append, type Conversation, conversations, customerOf, fresh, listeners, tell } from "./store.ts";

const sessions = new Map<string, (typeof staff)[number]["staff"]>();
const CSRF = "dev-csrf";

const releases = [
  {
    release: "rl_1",
    operation: "remit",
    summary: { rows: [{ label: "金额", value: "USD 12,500.00", strong: true }, { label: "收款人", value: "Hanna Lindqvist" }, { label: "收款行", value: "NDEASESS" }, { label: "费用承担", value: "SHA" }, { label: "用途", value: "留学学费" }] },
    requested_at_ms: Date.now() - 1_260_000,
    requested_by: "E*** W*****",
    first_approval: null as { by: string; at_ms: number; reason: string } | null,
  },
  {
    release: "rl_2",
    operation: "transfer",
    summary: { amount: { minor: 48_000_000, currency: "CNY" }, payee: "张*伟", account: "6222********0719" },
    requested_at_ms: Date.now() - 5_400_000,
    requested_by: "林*雨",
    first_approval: { by: "罗毅", at_ms: Date.now() - 3_000_000 },
  },
];
const packs = [
  { version: "pk_3f9a1c77d0b2e5", id: "demo", active: true, activated_at_ms: Date.now() - 7_200_000, activated_by: "何立" },
  { version: "pk_a41be02c9d7f10", id: "demo", active: false, activated_at_ms: Date.now() - 86_400_000 * 3, activated_by: "何立" },
  { version: "pk_77c0de5512aa09", id: "demo", active: false, activated_at_ms: null as unknown as number, activated_by: null as unknown as string },
];

const sid = (call: Call) => /sid=(\w+)/.exec(call.request.headers.cookie ?? "")?.[1] ?? "";

export function deskRoute(call: Call): unknown {
  const { method, path, body, query, response } = call;
  if (path === "/staff/session" && method === "POST") {
    const found = staff.find((it) => it.user === body.user && it.password === body.password);
    if (!found) throw new Refusal(401, "sign_in_refused", "用户名或密码不正确");
    const id = fresh("s").replace("_", "");
    sessions.set(id, found.staff);
    response.setHeader("Set-Cookie", `sid=${id}; HttpOnly; Path=/; SameSite=Strict`);
    return { staff: found.staff, csrf: CSRF };
  }
  const me = sessions.get(sid(call));
  if (path === "/staff/session" && method === "DELETE") {
    sessions.delete(sid(call));
    return {};
  }
  if (!/^\/(staff|desk|packs)/.test(path)) return undefined;
  if (!me) throw new Refusal(401, "unauthenticated", "请先登录");
  if (method !== "GET" && call.request.headers["x-teller-csrf"] !== CSRF) throw new Refusal(403, "forbidden", "没有权限");
  if (path === "/staff/session") return { staff: me, csrf: CSRF };
  if (path === "/packs") return packs;
  const pack = /^\/packs\/(\w+)\/activate$/.exec(path)?.[1];
  if (pack) {
    for (const it of packs) it.active = it.version === pack;
    return {};
  }
  if (path === "/desk/releases") return releases;
  const decided = /^\/desk\/releases\/(\w+)\/(approve|decline)$/.exec(path);
  if (decided) {
    const at = releases.findIndex((it) => it.release === decided[1]);
    const release = releases[at];
    if (!release) throw new Refusal(409, "release_decided", "这一笔已经处理过");
    if (release.first_approval?.by === me.name) throw new Refusal(409, "same_person", "经办与复核不能是同一人");
    if (decided[2] === "decline" || release.first_approval) releases.splice(at, 1);
    else release.first_approval = { by: me.name, at_ms: Date.now(), reason: body.reason };
    return {};
  }
  const all = [...conversations.values()];
  if (path === "/desk/queue") return all.filter((c) => c.status === "queued").map(queueEntry);
  if (path === "/desk/mine") return all.filter((c) => c.status === "agent" && c.holder === me.id).map((c) => ({ conversation: c.id, handoff: c.handoff, since_ms: c.opened_at_ms, customer_masked: customerOf(c)?.masked ?? null, last_text: lastText(c), unread: 0 }));
  if (path === "/desk/conversations") {
    const before = Number(query.get("before") ?? Number.MAX_SAFE_INTEGER);
    return all.filter((c) => c.opened_at_ms < before).reverse().slice(0, Number(query.get("limit") ?? 50)).map((c) => ({ conversation: c.id, opened_at_ms: c.opened_at_ms, status: c.status, customer_masked: customerOf(c)?.masked ?? null, last_text_masked: lastText(c), events: c.events.length }));
  }
  const accepted = /^\/desk\/handoffs\/([\w-]+)\/accept$/.exec(path)?.[1];
  if (accepted) {
    const c = all.find((it) => it.handoff === accepted);
    if (!c || c.status !== "queued") throw new Refusal(409, "already_taken", "已被其他座席接入");
    c.status = "agent";
    c.holder = me.id;
    append(c, { kind: "staff", id: me.id }, { type: "agent_joined", handoff: accepted, staff: me.id, name: me.name });
    tell(c, { kind: "queue" });
    return { conversation: c.id };
  }
  const match = /^\/desk\/conversations\/([\w-]+)(?:\/([\w-]+))?$/.exec(path);
  const c = match?.[1] ? conversations.get(match[1]) : undefined;
  if (!match || !c) return undefined;
  return conversationRoute(c, match[2], call, me.id);
}

function conversationRoute(c: Conversation, what: string | undefined, { body, query }: Call, me: string): unknown {
  const actor = { kind: "staff" as const, id: me };
  switch (what) {
    case undefined: {
      const who = customerOf(c);
      return { conversation: c.id, status: c.status, handoff: c.handoff ?? null, packet: c.packet ?? null, customer: { name: who?.masked ?? null, phone: who?.phone ?? null, level: c.level, elder: who?.elder ?? false }, slots: Object.entries(c.flow?.slots ?? {}).map(([name, value]) => ({ name, value })), flow: c.flow?.name ?? null, names: {}, last_seq: c.events.length, holder: c.holder ?? null };
    }
    case "events":
      return { events: c.events.filter((event) => event.seq > Number(query.get("after") ?? 0)), last_seq: c.events.length };
    case "reply":
      return { seq: append(c, actor, { type: "agent_replied", client_id: body.client_id, text: body.text }).seq };
    case "hand-back":
      c.status = "machine";
      append(c, actor, { type: "handed_back", note: body.note });
      return {};
    case "close":
      c.status = "closed";
      append(c, actor, { type: "closed", reason: body.reason });
      return {};
    default:
      return undefined;
  }
}

function queueEntry(c: Conversation) {
  return { handoff: c.handoff, conversation: c.id, waiting_since_ms: c.events.findLast((event) => event.type === "handoff_requested")?.at_ms ?? c.opened_at_ms, reason: "asked", skill: "general", summary: c.packet?.summary ?? [], customer_masked: customerOf(c)?.masked ?? null, elder: customerOf(c)?.elder ?? false, tier: c.packet?.tier ?? null, emotion: null };
}

export function deskSocket(ws: WebSocket): void {
  const watched = new Set<string>();
  const send = (frame: unknown) => ws.send(JSON.stringify(frame));
  const listener = (c: Conversation, frame: Record<string, unknown>) => {
    if (frame.kind === "queue") send(frame);
    else if (frame.kind === "event" && watched.has(c.id)) send(frame);
    else if (frame.kind === "typing" && frame.by === "customer") send({ kind: "typing", conversation: c.id });
  };
  listeners.add(listener);
  ws.on("close", () => listeners.delete(listener));
  ws.on("message", (data) => {
    const frame = JSON.parse(String(data)) as { kind: string; conversation: string; after?: number };
    const c = conversations.get(frame.conversation);
    if (!c) return;
    if (frame.kind === "watch") {
      watched.add(c.id);
      for (const event of c.events as Event[]) if (event.seq > (frame.after ?? 0)) send({ kind: "event", event });
    } else if (frame.kind === "unwatch") watched.delete(c.id);
    else if (frame.kind === "typing") tell(c, { kind: "typing", by: "agent" });
  });
}

