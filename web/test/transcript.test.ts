import { describe, expect, it } from "vitest";
import type { CustomerAction, Event, EventBodies, EventType, Part } from "../src/api/types.ts";
import { Transcript } from "../src/chat/transcript.ts";

/** Writes events with rising `seq`. */
function fold(...bodies: { [T in EventType]: { type: T } & EventBodies[T] }[EventType][]): Transcript {
  const transcript = new Transcript();
  bodies.forEach((body, index) => {
    const head = { conversation: "cv_1", seq: index + 1, at_ms: (index + 1) * 1000, actor: { kind: "machine" } };
    transcript.apply({ ...head, ...body } as Event);
  });
  return transcript;
}

const said = (text: string) => ({ type: "message_received", client_id: `m-${text}`, text }) as const;
const did = (action: CustomerAction) => ({ type: "action_received", client_id: "a", ...action }) as const;
const replied = (...parts: Part[]) => ({ type: "replied" as const, reply_ids: [], parts });
const confirm: Part = { kind: "confirm", confirmation: "cf_1", title: "t", rows: [], tier: "red" };
const choices: Part = {
  kind: "choices",
  slot: "from",
  options: [
    { id: "a", label: "Account A" },
    { id: "b", label: "Account B" },
  ],
};
const otp = (challenge: string): Part => ({
  kind: "otp",
  challenge,
  factor: "sms",
  sent_to: "138****0000",
  authorises: "x",
  expires_at_ms: 99_000,
});
const handoff: Part = { kind: "handoff", handoff: "ho_1", position: 2, wait_s: 60 };

describe("the transcript", () => {
  it("names a choice by its label and remembers it for its turn", () => {
    const transcript = fold(said("transfer"), replied(choices), did({ action: "choose", slot: "from", id: "b" }));
    expect(transcript.items.at(-1)).toMatchObject({ said: { action: "choose", label: "Account B" } });
    expect(transcript.chosenIn(1, "from")).toBe("b");
  });

  it("moves to another turn with the first reply after the customer spoke", () => {
    const transcript = fold(said("a"), replied(choices), replied(choices), said("b"), replied(choices));
    expect(transcript.items.filter((it) => it.kind === "machine").map((it) => it.turn)).toEqual([1, 1, 2]);
    expect(transcript.turn).toBe(2);
  });

  it("does not take a change of language for a question", () => {
    const transcript = fold(said("a"), replied(choices), did({ action: "set_locale", locale: "en" }), replied(choices));
    expect(transcript.turn).toBe(1);
    expect(transcript.items).toHaveLength(3);
  });

  it("keeps the answer of a confirmation, and closes one whose flow was cancelled", () => {
    const answered = fold(
      replied(confirm),
      { type: "confirmation_answered", run: "fr_1", confirmation: "cf_1", accepted: true },
      { type: "flow_ended", run: "fr_1", outcome: "cancelled" },
    );
    expect(answered.confirmations.get("cf_1")).toMatchObject({ accepted: true });
    const cancelled = fold(replied(confirm), { type: "flow_ended", run: "fr_1", outcome: "cancelled" });
    expect(cancelled.confirmations.get("cf_1")?.closed).toBe(true);
    const digressed = fold(replied(confirm), { type: "flow_ended", run: "fr_2", outcome: "completed" });
    expect(digressed.confirmations.get("cf_1")?.closed).toBe(false);
  });

  it("lets the card shown last take the answer, counting time from the first", () => {
    const transcript = fold(replied(confirm), said("fee?"), replied(confirm));
    expect(transcript.confirmations.get("cf_1")).toMatchObject({ seq: 3, shown_at_ms: 1000 });
  });

  it("counts failures of a code and replaces a challenge by a newer one", () => {
    const transcript = fold(
      replied(otp("ch_1")),
      { type: "otp_failed", run: "fr_1", challenge: "ch_1", void: false },
      replied(otp("ch_2")),
      { type: "otp_passed", run: "fr_1", challenge: "ch_2" },
    );
    expect(transcript.challenges.get("ch_1")).toMatchObject({ fails: 1, outcome: "superseded" });
    expect(transcript.challenges.get("ch_2")).toMatchObject({ outcome: "passed" });
  });

  it("voids a challenge that failed too often", () => {
    const transcript = fold(replied(otp("ch_1")), { type: "otp_failed", run: "fr_1", challenge: "ch_1", void: true });
    expect(transcript.challenges.get("ch_1")?.outcome).toBe("void");
  });

  it("follows a conversation to a human and back", () => {
    const joined = { type: "agent_joined", handoff: "ho_1", staff: "st_1", name: "Zhou" } as const;
    expect(fold(replied(handoff))).toMatchObject({ status: "queued", queue: { position: 2 } });
    expect(fold(replied(handoff), joined)).toMatchObject({ status: "agent", agent: "Zhou", queue: undefined });
    const back = fold(replied(handoff), joined, { type: "handed_back", note: "" });
    expect(back.status).toBe("machine");
    expect(back.handoffs.get("ho_1")).toEqual({ state: "over" });
    expect(fold(replied(handoff), { type: "handoff_withdrawn", handoff: "ho_1" }).status).toBe("machine");
    expect(fold({ type: "closed", reason: "" }).status).toBe("closed");
  });

  it("remembers which of our messages arrived", () => {
    expect([...fold(said("a"), said("b")).settled]).toEqual(["m-a", "m-b"]);
  });

  it("never shows a one-time password step as words of the customer", () => {
    const transcript = fold(replied(otp("ch_1")), did({ action: "submit_otp", challenge: "ch_1" }));
    expect(transcript.items.filter((it) => it.kind === "customer")).toEqual([]);
  });
});
