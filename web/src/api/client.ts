// REST calls. One `request` that turns every failure into an `ApiProblem` with
// the server's code, or the code `offline` when nothing came back.
//
// Invariants: a call is never repeated here (the outbox does that, with client
// ids); tokens travel in headers, never in an address.

import type {
  Accepted,
  Article,
  Bank,
  ConversationState,
  CustomerAction,
  DemoCustomer,
  EventPage,
  Locale,
  OpenedConversation,
  OpenRequest,
  PastConversation,
  Phone,
  ProblemBody,
} from "./types.ts";

/** Longest wait for an answer to one call. */
const CALL_TIMEOUT_MS = 20_000;

export class ApiProblem extends Error {
  readonly code: string;
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;
  readonly detail: string | undefined;

  constructor(status: number, body: ProblemBody) {
    super(body.message);
    this.name = "ApiProblem";
    this.status = status;
    this.code = body.code;
    this.detail = body.detail;
  }

  /** Might the same call succeed a little later? */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status === 502 || this.status === 503 || this.status === 504;
  }
}

/** What to add to the device's clock to get the server's, in milliseconds. */
let clockSkewMs = 0;

/** The server's time as well as it can be told from here. */
export function serverNow(): number {
  return Date.now() + clockSkewMs;
}

export interface CallOptions {
  method?: string;
  body?: unknown;
  locale?: Locale;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

export async function request<T>(path: string, options: CallOptions = {}): Promise<T> {
  const headers: Record<string, string> = { Accept: "application/json", ...options.headers };
  if (options.locale) headers["Accept-Language"] = options.locale;
  if (options.body !== undefined) headers["Content-Type"] = "application/json";
  const timeout = AbortSignal.timeout(CALL_TIMEOUT_MS);
  let response: Response;
  try {
    response = await fetch(path, {
      method: options.method ?? "GET",
      headers,
      credentials: "same-origin",
      signal: options.signal ? AbortSignal.any([options.signal, timeout]) : timeout,
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
    });
  } catch (cause) {
    if (options.signal?.aborted) throw cause;
    throw new ApiProblem(0, { code: "offline", message: "" });
  }
  noteClock(response);
  if (response.status === 204) return undefined as T;
  const body: unknown = await response.json().catch(() => undefined);
  if (response.ok) return body as T;
  throw new ApiProblem(response.status, isProblem(body) ? body : { code: `http_${response.status}`, message: "" });
}

function noteClock(response: Response): void {
  const date = Date.parse(response.headers.get("date") ?? "");
  // The header counts whole seconds; smaller differences are noise.
  if (Number.isFinite(date) && Math.abs(date - Date.now()) > 2_000) clockSkewMs = date - Date.now();
}

function isProblem(body: unknown): body is ProblemBody {
  return typeof body === "object" && body !== null && typeof (body as ProblemBody).code === "string";
}

const root = "/api/v1";
const id = encodeURIComponent;

/** Calls that need no conversation. */
export const publicApi = {
  bank: () => request<Bank>(`${root}/bank`),
  open: (body: OpenRequest, locale: Locale) =>
    request<OpenedConversation>(`${root}/conversations`, { method: "POST", body, locale }),
  article: (article: string, version: string, locale: Locale) =>
    request<Article>(`${root}/articles/${id(article)}?version=${id(version)}&locale=${locale}`, { locale }),
  history: (handover: string, locale: Locale) =>
    request<PastConversation[]>(`${root}/me/conversations`, {
      locale,
      headers: { Authorization: `Handover ${handover}` },
    }),
  resume: (conversation: string, handover: string, locale: Locale) =>
    request<OpenedConversation>(`${root}/conversations/${id(conversation)}/resume`, {
      method: "POST",
      body: { handover },
      locale,
    }),
};

/** Calls of one conversation, made with its bearer token. */
export class ConversationApi {
  readonly conversation: string;
  readonly token: string;
  private readonly base: string;

  constructor(conversation: string, token: string) {
    this.conversation = conversation;
    this.token = token;
    this.base = `${root}/conversations/${id(conversation)}`;
  }

  private call<T>(path: string, options: CallOptions = {}): Promise<T> {
    return request<T>(this.base + path, {
      ...options,
      headers: { Authorization: `Bearer ${this.token}` },
    });
  }

  state(locale: Locale): Promise<ConversationState> {
    return this.call("", { locale });
  }

  events(after: number, limit: number, signal?: AbortSignal): Promise<EventPage> {
    return this.call(`/events?after=${after}&limit=${limit}`, signal ? { signal } : {});
  }

  sendMessage(client_id: string, text: string, locale: Locale): Promise<Accepted> {
    return this.call("/messages", { method: "POST", body: { client_id, text }, locale });
  }

  sendAction(client_id: string, action: CustomerAction, locale: Locale, code?: string): Promise<Accepted> {
    const body = code === undefined ? { client_id, action } : { client_id, action, code };
    return this.call("/actions", { method: "POST", body, locale });
  }

  /** Address of the stream that starts after event `after`. */
  streamUrl(after: number): string {
    const url = new URL(`${this.base}/stream?after=${after}`, window.location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    return url.toString();
  }
}

/** The demo bank only. */
export const demoApi = {
  customers: (locale: Locale) => request<DemoCustomer[]>(`${root}/demo/customers`, { locale }),
  signIn: (customer: string) =>
    request<{ handover: string }>(`${root}/demo/sign-in`, { method: "POST", body: { customer } }),
  phone: (customer: string) => request<Phone>(`${root}/demo/phone?customer=${id(customer)}`),
};
