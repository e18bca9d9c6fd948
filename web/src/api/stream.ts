// The events of one conversation, in order, each exactly once, over whatever
// connection there is.
//
// Invariants: `onEvent` gets strictly rising `seq`; every reconnection resumes
// after the last event seen; when WebSockets do not get through, the same
// events come by polling, and the socket is tried again from time to time.
// Does not send anything but "typing": sending is the outbox's work.

import { ApiProblem } from "./client.ts";
import { backoffMs, browserSocket, type MakeSocket, pause, socketSession } from "./socket.ts";
import type { Event, EventPage, ServerFrame } from "./types.ts";

/** Most events asked for in one page. */
const PAGE_LIMIT = 200;
/** Socket failures in a row before polling takes over. */
const FAILURES_BEFORE_POLLING = 2;
const POLL_INTERVAL_MS = 2_000;
/** Polls before the socket is tried again. */
const POLLS_PER_SOCKET_TRY = 15;

export type StreamStatus = "connecting" | "live" | "polling" | "offline";

export interface StreamHandlers {
  onEvent(event: Event): void;
  onBusy?(busy: boolean): void;
  onTyping?(): void;
  onStatus?(status: StreamStatus): void;
  /** The server will not serve this conversation any more (token, erased). */
  onRefused?(problem: ApiProblem): void;
}

export interface StreamSource {
  url(after: number): string;
  protocols: string[];
  page(after: number, limit: number, signal: AbortSignal): Promise<EventPage>;
}

export interface StreamDeps {
  makeSocket?: MakeSocket;
  random?: () => number;
}

export class EventStream {
  private lastSeq = 0;
  private status: StreamStatus = "connecting";
  private readonly stopping = new AbortController();
  private wake = new AbortController();
  private send: ((frame: unknown) => void) | undefined;
  private readonly source: StreamSource;
  private readonly handlers: StreamHandlers;
  private readonly makeSocket: MakeSocket;
  private readonly random: () => number;

  constructor(source: StreamSource, handlers: StreamHandlers, deps: StreamDeps = {}) {
    this.source = source;
    this.handlers = handlers;
    this.makeSocket = deps.makeSocket ?? browserSocket;
    this.random = deps.random ?? Math.random;
  }

  start(after = 0): void {
    this.lastSeq = after;
    void this.run();
  }

  stop(): void {
    this.stopping.abort();
    this.wake.abort();
  }

  /** The network may be back: do not wait out the current pause. */
  nudge(): void {
    this.wake.abort();
  }

  typing(): void {
    this.send?.({ kind: "typing" });
  }

  private async run(): Promise<void> {
    const stop = this.stopping.signal;
    let failures = 0;
    while (!stop.aborted) {
      const opened = await this.session();
      if (stop.aborted) return;
      failures = opened ? 0 : failures + 1;
      if (!(await this.poll())) return;
      if (failures < FAILURES_BEFORE_POLLING) {
        await this.rest(backoffMs(failures, this.random));
      } else if (!(await this.pollForAWhile(failures))) {
        return;
      }
    }
  }

  private async session(): Promise<boolean> {
    if (this.status !== "polling" && this.status !== "offline") this.setStatus("connecting");
    const opened = await socketSession(
      this.makeSocket,
      this.source.url(this.lastSeq),
      this.source.protocols,
      this.stopping.signal,
      {
        onOpen: (send) => {
          this.send = send;
          this.setStatus("live");
        },
        onFrame: (frame) => this.frame(frame as ServerFrame),
      },
    );
    this.send = undefined;
    this.handlers.onBusy?.(false);
    return opened;
  }

  private frame(frame: ServerFrame): void {
    if (frame.kind === "event") this.accept(frame.event);
    else if (frame.kind === "busy") this.handlers.onBusy?.(frame.busy);
    else if (frame.kind === "typing") this.handlers.onTyping?.();
  }

  private accept(event: Event): void {
    if (event.seq <= this.lastSeq) return;
    this.lastSeq = event.seq;
    this.handlers.onEvent(event);
  }

  private async pollForAWhile(failures: number): Promise<boolean> {
    for (let round = 0; round < POLLS_PER_SOCKET_TRY; round += 1) {
      const slow = this.status === "offline";
      await this.rest(slow ? backoffMs(failures + round, this.random) : POLL_INTERVAL_MS);
      if (this.stopping.signal.aborted || !(await this.poll())) return false;
    }
    return true;
  }

  /** Fetches what is new; false when there is no point in going on. */
  private async poll(): Promise<boolean> {
    const stop = this.stopping.signal;
    try {
      for (;;) {
        const page = await this.source.page(this.lastSeq, PAGE_LIMIT, stop);
        for (const event of page.events) this.accept(event);
        // What the server passed over need not be asked for again.
        this.lastSeq = Math.max(this.lastSeq, page.through ?? 0);
        if (page.events.length < PAGE_LIMIT) break;
      }
      if (this.status !== "live") this.setStatus("polling");
      else this.setStatus("connecting");
      return true;
    } catch (error) {
      if (stop.aborted) return false;
      if (error instanceof ApiProblem && !error.passing && error.status < 500) {
        this.handlers.onRefused?.(error);
        return false;
      }
      this.setStatus("offline");
      return true;
    }
  }

  private async rest(ms: number): Promise<void> {
    this.wake = new AbortController();
    await pause(ms, this.wake.signal);
  }

  private setStatus(status: StreamStatus): void {
    if (status === this.status) return;
    this.status = status;
    this.handlers.onStatus?.(status);
  }
}
