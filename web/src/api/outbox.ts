// What the customer sent and the server has not yet shown as an event.
//
// Invariants: items leave in the order they were made, one at a time; each
// keeps its client id over every retry and reload, so the server takes it at
// most once; an item stays until its event is seen. One-time passwords never
// enter here, because the list outlives the page in session storage.

import { ApiProblem } from "./client.ts";
import { backoffMs, pause } from "./socket.ts";
import type { Accepted, CustomerAction } from "./types.ts";

/** Items that may wait; more are refused with `too_many_pending`. */
export const OUTBOX_MAX = 20;
/** Tries of a passing problem before the customer is asked. */
const TRIES_MAX = 6;

export type OutboxState = "queued" | "sending" | "sent" | "failed";

export interface OutboxItem {
  client_id: string;
  at_ms: number;
  body: { text: string } | { action: CustomerAction };
  state: OutboxState;
  problem?: { code: string; message: string };
}

export interface OutboxDeps {
  send(item: OutboxItem): Promise<Accepted>;
  load(): OutboxItem[];
  save(items: OutboxItem[]): void;
  onChange(items: readonly OutboxItem[]): void;
  now?: () => number;
  newId?: () => string;
  random?: () => number;
}

export class Outbox {
  private items: OutboxItem[];
  private running = false;
  private readonly stopping = new AbortController();
  private wake = new AbortController();
  private readonly deps: OutboxDeps;

  constructor(deps: OutboxDeps) {
    this.deps = deps;
    this.items = deps.load().map((item) => (item.state === "sending" ? { ...item, state: "queued" } : item));
  }

  list(): readonly OutboxItem[] {
    return this.items;
  }

  /** Adds an item and starts sending; undefined when the outbox is full. */
  add(body: OutboxItem["body"]): string | undefined {
    if (this.items.filter((item) => item.state !== "sent").length >= OUTBOX_MAX) return undefined;
    const client_id = (this.deps.newId ?? newClientId)();
    this.change([...this.items, { client_id, at_ms: (this.deps.now ?? Date.now)(), body, state: "queued" }]);
    void this.run();
    return client_id;
  }

  /** The event of this item has arrived. */
  settle(client_id: string): void {
    if (this.items.some((item) => item.client_id === client_id)) this.drop(client_id);
  }

  retry(client_id: string): void {
    this.update(client_id, (item) => (item.state === "failed" ? queued(item) : item));
    void this.run();
  }

  drop(client_id: string): void {
    this.change(this.items.filter((item) => item.client_id !== client_id));
  }

  /** Starts or hurries on: after a reload, or when the network is back. */
  resume(): void {
    this.wake.abort();
    void this.run();
  }

  stop(): void {
    this.stopping.abort();
    this.wake.abort();
  }

  private async run(): Promise<void> {
    if (this.running) return;
    this.running = true;
    for (;;) {
      const next = this.items.find((item) => item.state === "queued");
      if (!next || this.stopping.signal.aborted) break;
      await this.deliver(next);
    }
    this.running = false;
  }

  private async deliver(item: OutboxItem): Promise<void> {
    this.update(item.client_id, (it) => ({ ...it, state: "sending" }));
    for (let attempt = 0; !this.stopping.signal.aborted; attempt += 1) {
      try {
        await this.deps.send(item);
        this.update(item.client_id, (it) => ({ ...it, state: "sent" }));
        return;
      } catch (error) {
        const problem = error instanceof ApiProblem ? error : new ApiProblem(0, { code: "offline", message: "" });
        // Offline is waited out however long it takes; other passing troubles have a limit.
        if (!problem.passing || (problem.status !== 0 && attempt + 1 >= TRIES_MAX)) {
          this.update(item.client_id, (it) => ({
            ...it,
            state: "failed",
            problem: { code: problem.code, message: problem.message },
          }));
          return;
        }
        this.wake = new AbortController();
        await pause(backoffMs(attempt, this.deps.random), this.wake.signal);
      }
    }
  }

  private update(client_id: string, change: (item: OutboxItem) => OutboxItem): void {
    this.change(this.items.map((item) => (item.client_id === client_id ? change(item) : item)));
  }

  private change(items: OutboxItem[]): void {
    this.items = items;
    this.deps.save(items);
    this.deps.onChange(items);
  }
}

function queued({ problem: _settled, ...item }: OutboxItem): OutboxItem {
  return { ...item, state: "queued" };
}

/** A fresh client id, at most 64 bytes as the server demands. */
export function newClientId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return `c-${Date.now().toString(36)}-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
