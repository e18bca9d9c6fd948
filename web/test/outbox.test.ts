import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiProblem } from "../src/api/client.ts";
import { newClientId, Outbox, OUTBOX_MAX, type OutboxItem } from "../src/api/outbox.ts";

const offline = () => new ApiProblem(0, { code: "offline", message: "" });

function setup(send: (item: OutboxItem) => Promise<unknown>, stored: OutboxItem[] = []) {
  let kept = stored;
  const tries: string[] = [];
  let ids = 0;
  const outbox = new Outbox({
    send: async (item) => {
      tries.push(item.client_id);
      await send(item);
      return { seq: 1, duplicate: false };
    },
    load: () => kept,
    save: (items) => {
      kept = structuredClone(items);
    },
    onChange: () => undefined,
    newId: () => `c${++ids}`,
    now: () => 0,
    random: () => 0,
  });
  return { outbox, tries, kept: () => kept };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});
const later = () => vi.advanceTimersByTimeAsync(60_000);

describe("the outbox", () => {
  it("sends in order, one at a time, and forgets what was seen", async () => {
    const { outbox, tries } = setup(async () => undefined);
    outbox.add({ text: "one" });
    outbox.add({ text: "two" });
    await later();
    expect(tries).toEqual(["c1", "c2"]);
    expect(outbox.list().map((item) => item.state)).toEqual(["sent", "sent"]);
    outbox.settle("c1");
    expect(outbox.list().map((item) => item.client_id)).toEqual(["c2"]);
  });

  it("waits out an outage with the same client id", async () => {
    let down = true;
    const { outbox, tries } = setup(async () => {
      if (down) throw offline();
    });
    outbox.add({ text: "hello" });
    await later();
    expect(tries.length).toBeGreaterThan(6);
    expect(new Set(tries)).toEqual(new Set(["c1"]));
    expect(outbox.list()[0]?.state).toBe("sending");
    down = false;
    outbox.resume();
    await later();
    expect(outbox.list()[0]?.state).toBe("sent");
  });

  it("shows a refusal with its code, and sends again on request", async () => {
    let refuse = true;
    const { outbox } = setup(async () => {
      if (refuse) throw new ApiProblem(422, { code: "message_not_text", message: "no" });
    });
    outbox.add({ text: "\u0007" });
    await later();
    expect(outbox.list()[0]).toMatchObject({ state: "failed", problem: { code: "message_not_text", message: "no" } });
    refuse = false;
    outbox.retry("c1");
    await later();
    expect(outbox.list()[0]).toMatchObject({ state: "sent" });
    expect(outbox.list()[0]?.problem).toBeUndefined();
  });

  it("stops asking a busy server after some tries", async () => {
    const { outbox, tries } = setup(async () => {
      throw new ApiProblem(429, { code: "too_many_pending", message: "" });
    });
    outbox.add({ text: "hello" });
    await vi.advanceTimersByTimeAsync(600_000);
    expect(tries.length).toBe(6);
    expect(outbox.list()[0]?.state).toBe("failed");
  });

  it("goes on after a reload with what was under way", async () => {
    const stored: OutboxItem[] = [{ client_id: "old", at_ms: 0, body: { text: "hi" }, state: "sending" }];
    const { outbox, tries } = setup(async () => undefined, stored);
    outbox.resume();
    await later();
    expect(tries).toEqual(["old"]);
  });

  it("is bounded", () => {
    const { outbox } = setup(() => new Promise(() => undefined));
    for (let count = 0; count < OUTBOX_MAX; count += 1) expect(outbox.add({ text: "x" })).toBeDefined();
    expect(outbox.add({ text: "one too many" })).toBeUndefined();
  });
});

describe("client ids", () => {
  it("differ and fit the server's limit", () => {
    const ids = new Set(Array.from({ length: 200 }, newClientId));
    expect(ids.size).toBe(200);
    for (const id of ids) expect(new TextEncoder().encode(id).length).toBeLessThanOrEqual(64);
  });
});
