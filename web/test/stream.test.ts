import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiProblem } from "../src/api/client.ts";
import type { SocketLike } from "../src/api/socket.ts";
import { backoffMs } from "../src/api/socket.ts";
import { EventStream, type StreamStatus } from "../src/api/stream.ts";
import type { Event, EventPage } from "../src/api/types.ts";

class FakeSocket implements SocketLike {
  onopen: ((event: never) => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: never) => void) | null = null;
  onerror: ((event: never) => void) | null = null;
  readonly sent: string[] = [];
  closed = false;
  readonly url: string;
  constructor(url: string) {
    this.url = url;
  }
  send(data: string) {
    this.sent.push(data);
  }
  close() {
    this.closed = true;
  }
  open() {
    this.onopen?.(undefined as never);
  }
  frame(frame: unknown) {
    this.onmessage?.({ data: typeof frame === "string" ? frame : JSON.stringify(frame) });
  }
  drop() {
    this.onclose?.(undefined as never);
  }
}

const message = (seq: number): Event => ({
  conversation: "cv_1",
  seq,
  at_ms: seq,
  actor: { kind: "customer", id: null },
  type: "message_received",
  client_id: `c${seq}`,
  text: `said ${seq}`,
});

function setup(page: (after: number) => Promise<EventPage>, refuseSockets = false) {
  const sockets: FakeSocket[] = [];
  const seen: number[] = [];
  const statuses: StreamStatus[] = [];
  const refusals: string[] = [];
  const asked: number[] = [];
  const stream = new EventStream(
    {
      url: (after) => `ws://x/?after=${after}`,
      protocols: ["teller.v1"],
      page: (after) => {
        asked.push(after);
        return page(after);
      },
    },
    {
      onEvent: (event) => seen.push(event.seq),
      onStatus: (status) => statuses.push(status),
      onRefused: (problem) => refusals.push(problem.code),
    },
    {
      makeSocket: (url) => {
        const socket = new FakeSocket(url);
        sockets.push(socket);
        if (refuseSockets) queueMicrotask(() => socket.drop());
        return socket;
      },
      random: () => 0.5,
    },
  );
  return { stream, sockets, seen, statuses, refusals, asked };
}

const nothing = async (after: number): Promise<EventPage> => ({ events: [], last_seq: after });
const settle = () => vi.advanceTimersByTimeAsync(0);

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("the event stream", () => {
  it("hands on each event once, in order, whatever is repeated", async () => {
    const { stream, sockets, seen } = setup(nothing);
    stream.start();
    sockets[0]?.open();
    for (const seq of [1, 2, 2, 1, 3]) sockets[0]?.frame({ kind: "event", event: message(seq) });
    await settle();
    expect(seen).toEqual([1, 2, 3]);
    stream.stop();
  });

  it("resumes after the last event it saw", async () => {
    const { stream, sockets, seen, asked } = setup(async (after) => ({
      events: after < 3 ? [message(3)] : [],
      last_seq: 3,
    }));
    stream.start();
    sockets[0]?.open();
    sockets[0]?.frame({ kind: "event", event: message(1) });
    sockets[0]?.frame({ kind: "event", event: message(2) });
    sockets[0]?.drop();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(asked[0]).toBe(2);
    expect(sockets[1]?.url).toBe("ws://x/?after=3");
    sockets[1]?.open();
    sockets[1]?.frame({ kind: "event", event: message(3) });
    sockets[1]?.frame({ kind: "event", event: message(4) });
    expect(seen).toEqual([1, 2, 3, 4]);
    stream.stop();
  });

  it("does not ask again for what the server passed over", async () => {
    const { stream, sockets, asked } = setup(async (after) => ({ events: [], through: Math.max(after, 7), last_seq: 7 }));
    stream.start();
    sockets[0]?.open();
    sockets[0]?.drop();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(asked[0]).toBe(0);
    expect(sockets[1]?.url).toBe("ws://x/?after=7");
    stream.stop();
  });

  it("falls back to polling when sockets do not get through, and tries them again", async () => {
    let next = 0;
    const { stream, sockets, seen, statuses } = setup(async (after) => {
      next = after + 1;
      return { events: next <= 5 ? [message(next)] : [], last_seq: 5 };
    }, true);
    stream.start();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(seen).toEqual([1, 2, 3, 4, 5]);
    expect(statuses).toContain("polling");
    expect(statuses).not.toContain("live");
    expect(sockets.length).toBeGreaterThan(2);
    stream.stop();
  });

  it("says offline when nothing comes back, and recovers", async () => {
    let down = true;
    const { stream, statuses } = setup(async (after) => {
      if (down) throw new ApiProblem(0, { code: "offline", message: "" });
      return { events: [], last_seq: after };
    }, true);
    stream.start();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(statuses.at(-1)).toBe("offline");
    down = false;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(statuses).toContain("polling");
    stream.stop();
  });

  it("stops for good when the conversation is refused", async () => {
    const { stream, sockets, refusals } = setup(async () => {
      throw new ApiProblem(401, { code: "unauthenticated", message: "" });
    }, true);
    stream.start();
    await vi.advanceTimersByTimeAsync(120_000);
    expect(refusals).toEqual(["unauthenticated"]);
    expect(sockets.length).toBe(1);
  });

  it("ignores frames that are not frames", async () => {
    const { stream, sockets, seen } = setup(nothing);
    stream.start();
    sockets[0]?.open();
    sockets[0]?.frame("{not json");
    sockets[0]?.frame("null");
    sockets[0]?.frame({ kind: "something new" });
    sockets[0]?.frame({ kind: "event", event: message(1) });
    expect(seen).toEqual([1]);
    stream.stop();
  });

  it("leaves a socket that fell silent after its pings", async () => {
    const { stream, sockets } = setup(nothing);
    stream.start();
    sockets[0]?.open();
    sockets[0]?.frame({ kind: "ping" });
    await vi.advanceTimersByTimeAsync(120_000);
    expect(sockets[0]?.closed).toBe(true);
    expect(sockets.length).toBeGreaterThan(1);
    stream.stop();
  });

  it("makes no more sockets once stopped", async () => {
    const { stream, sockets } = setup(nothing);
    stream.start();
    stream.stop();
    await vi.advanceTimersByTimeAsync(120_000);
    expect(sockets.length).toBe(1);
    expect(sockets[0]?.closed).toBe(true);
  });
});

describe("the pause before another try", () => {
  it("grows, is spread, and stays within its bounds", () => {
    expect(backoffMs(0, () => 0)).toBe(250);
    expect(backoffMs(0, () => 1)).toBe(500);
    expect(backoffMs(4, () => 0)).toBeGreaterThan(backoffMs(1, () => 1));
    expect(backoffMs(99, () => 1)).toBe(20_000);
  });
});
