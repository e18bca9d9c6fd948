// The desk's live connection: the queue moved, a watched conversation got an
// event, a customer is typing.
//
// Invariants: one socket for the whole console; after a reconnection every
// watched conversation resumes after the last event seen, and the queue is
// loaded anew, because anything may have happened meanwhile.

import { backoffMs, browserSocket, type MakeSocket, pause, socketSession } from "../api/socket.ts";
import type { Event, ServerFrame } from "../api/types.ts";

export type LiveStatus = "connecting" | "on" | "off";

export interface LiveHandlers {
  onQueue(): void;
  onEvent(event: Event): void;
  onTyping(conversation: string): void;
  onStatus(status: LiveStatus): void;
}

type DeskFrame = ServerFrame | { kind: "queue" };

export class DeskLive {
  private readonly stopping = new AbortController();
  private wake = new AbortController();
  /** Last event seen of each watched conversation. */
  private readonly watched = new Map<string, number>();
  private send: ((frame: unknown) => void) | undefined;
  private readonly url: string;
  private readonly handlers: LiveHandlers;
  private readonly makeSocket: MakeSocket;

  constructor(url: string, handlers: LiveHandlers, makeSocket: MakeSocket = browserSocket) {
    this.url = url;
    this.handlers = handlers;
    this.makeSocket = makeSocket;
  }

  start(): void {
    void this.run();
  }

  stop(): void {
    this.stopping.abort();
    this.wake.abort();
  }

  nudge(): void {
    this.wake.abort();
  }

  watch(conversation: string, after: number): void {
    this.watched.set(conversation, after);
    this.send?.({ kind: "watch", conversation, after });
  }

  unwatch(conversation: string): void {
    if (this.watched.delete(conversation)) this.send?.({ kind: "unwatch", conversation });
  }

  typing(conversation: string): void {
    this.send?.({ kind: "typing", conversation });
  }

  private async run(): Promise<void> {
    const stop = this.stopping.signal;
    for (let failures = 0; !stop.aborted; ) {
      const opened = await socketSession(this.makeSocket, this.url, ["teller.v1"], stop, {
        onOpen: (send) => this.opened(send),
        onFrame: (frame) => this.frame(frame as DeskFrame),
      });
      this.send = undefined;
      if (stop.aborted) return;
      this.handlers.onStatus("off");
      failures = opened ? 0 : failures + 1;
      this.wake = new AbortController();
      await pause(backoffMs(failures), this.wake.signal);
    }
  }

  private opened(send: (frame: unknown) => void): void {
    this.send = send;
    for (const [conversation, after] of this.watched) send({ kind: "watch", conversation, after });
    this.handlers.onStatus("on");
    this.handlers.onQueue();
  }

  private frame(frame: DeskFrame): void {
    if (frame.kind === "queue") this.handlers.onQueue();
    else if (frame.kind === "typing" && frame.conversation) this.handlers.onTyping(frame.conversation);
    else if (frame.kind === "event") this.event(frame.event);
  }

  private event(event: Event): void {
    const seen = this.watched.get(event.conversation);
    if (seen !== undefined) {
      if (event.seq <= seen) return;
      this.watched.set(event.conversation, event.seq);
    }
    this.handlers.onEvent(event);
  }
}
