// A development stand-in for the server: speaks the HTTP API with scripted
// conversations, serves web/dist like the server does. For looking at the pages
// while working on them; it is not shipped and proves nothing about the server.

import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { extname, join, normalize } from "node:path";
import { type WebSocket, WebSocketServer } from "ws";
import type { CustomerAction, Locale } from "../src/api/types.ts";
import { article, bank, customers } from "./data.ts";
import { deskRoute, deskSocket } from "./desk.ts";
import { pageFor } from "./pages.ts";
import { onAction, onMessage } from "./script.ts";
import { append, type Conversation, conversations, customerOf, customerSees, fresh, handovers, listeners, open, phones } from "./store.ts";

const PORT = Number(process.env.PORT ?? 8787);
const DIST = join(import.meta.dirname, "..", "dist");
const PING_MS = 20_000;
/** As in the demo pack: the pages of the browser tests. */
const OWN_ORIGINS = new Set(["http://127.0.0.1:7411", "http://127.0.0.1:7401"]);

export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, message: string = code) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export interface Call {
  method: string;
  path: string;
  query: URLSearchParams;
  body: any;
  request: IncomingMessage;
  response: ServerResponse;
}

function conversation(call: Call, id: string): Conversation {
  const found = conversations.get(id);
  if (!found) throw new Refusal(404, "conversation_not_found", "没有这个会话");
  if (call.request.headers.authorization !== `Bearer ${found.token}`) throw new Refusal(401, "unauthenticated", "请先登录");
  return found;
}

function opened(c: Conversation) {
  const who = customerOf(c);
  return {
    conversation: c.id,
    token: c.token,
    last_seq: c.events.length,
    ownership: c.ownership,
    locale: c.locale,
    level: c.level,
    ...(who ? { customer: { name_masked: who.masked, elder: who.elder } } : {}),
  };
}

function inbound(c: Conversation, body: { client_id: string; text?: string; action?: CustomerAction; code?: string }) {
  const before = c.seen.get(body.client_id);
  if (before !== undefined) return { seq: before, duplicate: true };
  if (c.status === "closed") throw new Refusal(409, "conversation_closed", "会话已经结束，请新开一个会话");
  const actor = { kind: "customer" as const, id: c.customer ?? null };
  const event = body.action
    ? append(c, actor, { type: "action_received", client_id: body.client_id, ...body.action })
    : append(c, actor, { type: "message_received", client_id: body.client_id, text: body.text });
  c.seen.set(body.client_id, event.seq);
  if (body.action) onAction(c, event.seq, body.action, body.code);
  else onMessage(c, event.seq, body.text ?? "");
  return { seq: event.seq, duplicate: false };
}

function customerRoute(call: Call): unknown {
  const { method, path, body, query } = call;
  if (path === "/bank") return bank;
  if (path === "/conversations" && method === "POST") {
    const customer = body.handover ? handovers.get(body.handover) : undefined;
    if (body.handover && !customer) throw new Refusal(401, "handover_invalid", "登录凭证无效或已过期，请从银行应用重新进入");
    const own = !body.origin || OWN_ORIGINS.has(body.origin);
    return opened(open(body.locale ?? "zh", own ? "own" : "third_party", customer));
  }
  const articleId = /^\/articles\/([\w-]+)$/.exec(path)?.[1];
  if (articleId) {
    const found = article(articleId, (query.get("locale") ?? "zh") as Locale);
    if (!found) throw new Refusal(404, "article_not_found", "没有这篇文章");
    return found;
  }
  if (path === "/me/conversations") {
    const customer = handovers.get((call.request.headers.authorization ?? "").replace(/^Handover /, ""));
    if (!customer) throw new Refusal(401, "handover_invalid", "登录凭证无效或已过期");
    return [...conversations.values()]
      .filter((c) => c.customer === customer)
      .map((c) => ({ conversation: c.id, opened_at_ms: c.opened_at_ms, status: c.status, last_text: lastText(c) }))
      .reverse();
  }
  const match = /^\/conversations\/([\w-]+)(\/\w+)?$/.exec(path);
  if (!match?.[1]) return undefined;
  if (match[2] === "/resume") {
    const found = conversations.get(match[1]);
    if (!found || found.customer !== handovers.get(body.handover)) throw new Refusal(404, "conversation_not_found");
    return opened(found);
  }
  const c = conversation(call, match[1]);
  switch (match[2]) {
    case undefined:
      return { conversation: c.id, last_seq: c.events.length, status: c.status, locale: c.locale, level: c.level, ownership: c.ownership, pending: false };
    case "/messages":
    case "/actions":
      return inbound(c, body);
    case "/events": {
      const after = Number(query.get("after") ?? 0);
      const limit = Number(query.get("limit") ?? 100);
      return { events: c.events.filter((event) => event.seq > after && customerSees(event)).slice(0, limit), last_seq: c.events.length };
    }
    default:
      return undefined;
  }
}

export function lastText(c: Conversation): string | null {
  for (const event of [...c.events].reverse()) {
    if (event.type === "message_received" || event.type === "agent_replied") return event.text;
  }
  return null;
}

function demoRoute({ path, body, query }: Call): unknown {
  if (path === "/demo/customers") return customers.map(({ id, name, note, elder }) => ({ id, name, note, elder }));
  if (path === "/demo/phone") return { messages: (phones.get(query.get("customer") ?? "") ?? []).toReversed(), token_code: "204815" };
  if (path === "/demo/sign-in") {
    const handover = fresh("hv");
    handovers.set(handover, body.customer);
    return { handover };
  }
  return undefined;
}

const types: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};

async function serveFile(url: string, response: ServerResponse): Promise<void> {
  const path = pageFor(url) ?? normalize(url.replace(/[?#].*$/, "")).replace(/^(\.\.\/)+/, "");
  try {
    const file = await readFile(join(DIST, path));
    const style = url.startsWith("/desk") ? "'self' 'unsafe-inline'" : "'self'";
    response
      .writeHead(200, {
        "Content-Type": types[extname(path)] ?? "application/octet-stream",
        // The server's own policy, so that what it would refuse shows here.
        "Content-Security-Policy": `default-src 'none'; script-src 'self'; style-src ${style}; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'`,
      })
      .end(file);
  } catch {
    response.writeHead(404).end();
  }
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return text ? JSON.parse(text) : {};
}

const server = createServer((request, response) => {
  void handle(request, response);
});

async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", "http://localhost");
  if (!url.pathname.startsWith("/api/v1")) return serveFile(url.pathname, response);
  try {
    const call: Call = {
      method: request.method ?? "GET",
      path: url.pathname.slice("/api/v1".length),
      query: url.searchParams,
      body: await readBody(request),
      request,
      response,
    };
    const result = customerRoute(call) ?? demoRoute(call) ?? deskRoute(call);
    if (result === undefined) throw new Refusal(404, "not_found", "没有找到");
    response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(result));
  } catch (error) {
    const refusal = error instanceof Refusal ? error : new Refusal(500, "internal", String(error));
    response.writeHead(refusal.status, { "Content-Type": "application/json" }).end(JSON.stringify({ code: refusal.code, message: refusal.message }));
  }
}

const sockets = new WebSocketServer({ noServer: true, handleProtocols: (offered) => (offered.has("teller.v1") ? "teller.v1" : false) });

server.on("upgrade", (request, socket, head) => {
  const url = new URL(request.url ?? "/", "http://localhost");
  const id = /^\/api\/v1\/conversations\/([\w-]+)\/stream$/.exec(url.pathname)?.[1];
  const c = id ? conversations.get(id) : undefined;
  const offered = request.headers["sec-websocket-protocol"] ?? "";
  if (url.pathname === "/api/v1/desk/stream") {
    sockets.handleUpgrade(request, socket, head, deskSocket);
  } else if (c && offered.includes(`bearer.${c.token}`)) {
    sockets.handleUpgrade(request, socket, head, (ws) => customerSocket(ws, c, Number(url.searchParams.get("after") ?? 0)));
  } else {
    socket.end("HTTP/1.1 401 Unauthorized\r\n\r\n");
  }
});

function customerSocket(ws: WebSocket, c: Conversation, after: number): void {
  const send = (frame: unknown) => ws.send(JSON.stringify(frame));
  for (const event of c.events) if (event.seq > after && customerSees(event)) send({ kind: "event", event });
  const listener = (from: Conversation, frame: Record<string, unknown>) => {
    if (from !== c || frame.kind === "queue") return;
    if (frame.kind === "event" && !customerSees(frame.event as never)) return;
    if (frame.kind === "typing" && frame.by === "customer") return;
    send(frame);
  };
  listeners.add(listener);
  const ping = setInterval(() => send({ kind: "ping" }), PING_MS);
  ws.on("message", () => {
    for (const each of listeners) each(c, { kind: "typing", by: "customer", conversation: c.id });
  });
  ws.on("close", () => {
    listeners.delete(listener);
    clearInterval(ping);
  });
}

server.listen(PORT, "127.0.0.1", () => console.log(`stand-in on http://127.0.0.1:${PORT}`));
