// The fold of the events a page sees into what it shows.
//
// Invariants: events are applied in rising order of `seq`, each once; which
// cards can still be answered follows from the events alone, so a reload and a
// second device show the same. The server decides all the same: a stale tap
// comes back as `action_stale`.

import type { ConversationStatus, CustomerAction, Event, Locale, Ownership, Part, QuickReply } from "../api/types.ts";

export type NoticeKey =
  | "agent"
  | "handed_back"
  | "withdrawn"
  | "closed"
  | "identified"
  | "otp_passed"
  | "otp_resend";

/** What a customer's bubble says: their words, or the name of what they tapped. */
export type Said =
  | { text: string }
  | { action: "confirm" | "refuse" | "ask_human" }
  | { action: "choose"; label: string };

interface ItemHead {
  key: string;
  seq: number;
  at_ms: number;
}
export type CustomerItem = ItemHead & { kind: "customer"; said: Said };
export type MachineItem = ItemHead & { kind: "machine"; parts: Part[]; turn: number; quick_replies: QuickReply[] };
export type AgentItem = ItemHead & { kind: "agent"; name: string; text: string };
export type NoticeItem = ItemHead & { kind: "notice"; notice: NoticeKey; vars: Record<string, string> };
export type Item = CustomerItem | MachineItem | AgentItem | NoticeItem;

export interface ConfirmationState {
  /** The card to answer: the last reply that shows it. */
  seq: number;
  shown_at_ms: number;
  accepted?: boolean;
  closed: boolean;
}
export interface ChallengeState {
  seq: number;
  issued_at_ms: number;
  fails: number;
  outcome?: "passed" | "void" | "superseded";
}
export type HandoffState = { state: "waiting" | "withdrawn" | "over" } | { state: "joined"; name: string };

export class Transcript {
  readonly items: Item[] = [];
  readonly confirmations = new Map<string, ConfirmationState>();
  readonly challenges = new Map<string, ChallengeState>();
  readonly handoffs = new Map<string, HandoffState>();
  /** Chosen option by reply and slot. */
  readonly chosen = new Map<string, string>();
  /** Client ids of inbound events seen: what the outbox may forget. */
  readonly settled = new Set<string>();
  status: ConversationStatus = "machine";
  agent: string | undefined;
  queue: { position: number; wait_s: number } | undefined;
  locale: Locale | undefined;
  ownership: Ownership = "own";
  /** Rises with the first reply after the customer spoke. */
  turn = 0;
  private heard = false;
  private readonly names = new Map<string, string>();
  private lastChoices: { turn: number; slot: string; labels: Map<string, string> } | undefined;

  apply(event: Event): void {
    switch (event.type) {
      case "opened":
        this.ownership = event.ownership;
        this.locale = event.locale;
        break;
      case "locale_set":
        this.locale = event.locale;
        break;
      case "identified":
        this.notice(event, "identified");
        break;
      case "message_received":
        this.inbound(event.client_id);
        this.say(event, { text: event.text });
        break;
      case "action_received":
        this.inbound(event.client_id);
        this.action(event, event);
        break;
      case "replied":
        this.reply(event);
        break;
      case "confirmation_answered":
        this.onConfirmation(event.confirmation, (it) => ({ ...it, accepted: event.accepted }));
        break;
      case "otp_failed":
        this.onChallenge(event.challenge, (it) => ({
          ...it,
          fails: it.fails + 1,
          ...(event.void ? { outcome: "void" as const } : {}),
        }));
        break;
      case "otp_passed":
        this.onChallenge(event.challenge, (it) => ({ ...it, outcome: "passed" }));
        this.notice(event, "otp_passed");
        break;
      case "flow_ended":
        if (event.outcome !== "completed" && event.outcome !== "unresolved") this.closeOpenCards();
        break;
      case "handoff_withdrawn":
        this.handoffs.set(event.handoff, { state: "withdrawn" });
        this.status = "machine";
        this.queue = undefined;
        this.notice(event, "withdrawn");
        break;
      case "agent_joined":
        this.join(event.handoff, event.staff, event.name);
        this.notice(event, "agent", { name: event.name });
        break;
      case "agent_replied":
        this.push({ ...this.head(event), kind: "agent", name: this.agentName(event), text: event.text });
        break;
      case "handed_back":
        this.leaveAgent("machine");
        this.notice(event, "handed_back", { note: event.note });
        break;
      case "closed":
        this.leaveAgent("closed");
        this.closeOpenCards();
        this.notice(event, "closed", { reason: event.reason });
        break;
      default:
        // The inner working; staff see it in the Explain view.
        break;
    }
  }

  chosenIn(turn: number, slot: string): string | undefined {
    return this.chosen.get(`${turn}/${slot}`);
  }

  private head(event: Event): ItemHead {
    return { key: `e${event.seq}`, seq: event.seq, at_ms: event.at_ms };
  }

  private push(item: Item): void {
    this.items.push(item);
  }

  private say(event: Event, said: Said): void {
    this.push({ ...this.head(event), kind: "customer", said });
  }

  private notice(event: Event, notice: NoticeKey, vars: Record<string, string> = {}): void {
    this.push({ ...this.head(event), kind: "notice", notice, vars });
  }

  private inbound(client_id: string): void {
    this.settled.add(client_id);
    this.heard = true;
  }

  private action(event: Event, action: CustomerAction): void {
    switch (action.action) {
      case "choose":
        this.choose(event, action.slot, action.id);
        break;
      case "confirm":
      case "refuse":
      case "ask_human":
        this.say(event, { action: action.action });
        break;
      case "submit_otp":
        // The card itself shows what became of it.
        break;
      case "resend_otp":
        this.notice(event, "otp_resend");
        break;
      case "set_locale":
        // Not a request that waits for an answer.
        this.heard = false;
        break;
    }
  }

  private choose(event: Event, slot: string, id: string): void {
    const last = this.lastChoices;
    const known = last?.slot === slot ? last : undefined;
    if (known) this.chosen.set(`${known.turn}/${slot}`, id);
    this.say(event, { action: "choose", label: known?.labels.get(id) ?? id });
  }

  private reply(event: Extract<Event, { type: "replied" }>): void {
    if (this.heard) {
      this.turn += 1;
      this.heard = false;
    }
    for (const part of event.parts) this.notePart(part, event);
    const quick_replies = event.quick_replies ?? [];
    this.push({ ...this.head(event), kind: "machine", parts: event.parts, turn: this.turn, quick_replies });
  }

  private notePart(part: Part, event: Event): void {
    if (part.kind === "confirm") {
      const before = this.confirmations.get(part.confirmation);
      this.confirmations.set(part.confirmation, {
        seq: event.seq,
        shown_at_ms: before?.shown_at_ms ?? event.at_ms,
        closed: false,
        ...(before?.accepted === undefined ? {} : { accepted: before.accepted }),
      });
    } else if (part.kind === "otp") {
      for (const [id, it] of this.challenges) {
        if (id !== part.challenge && !it.outcome) this.challenges.set(id, { ...it, outcome: "superseded" });
      }
      const before = this.challenges.get(part.challenge);
      this.challenges.set(part.challenge, {
        fails: 0,
        issued_at_ms: event.at_ms,
        ...before,
        seq: event.seq,
      });
    } else if (part.kind === "choices") {
      const labels = new Map(part.options.map((option) => [option.id, option.label]));
      this.lastChoices = { turn: this.turn, slot: part.slot, labels };
    } else if (part.kind === "handoff") {
      this.handoffs.set(part.handoff, { state: "waiting" });
      this.queue = { position: part.position, wait_s: part.wait_s };
      if (this.status === "machine") this.status = "queued";
    }
  }

  private closeOpenCards(): void {
    for (const [id, it] of this.confirmations) this.confirmations.set(id, { ...it, closed: true });
    for (const [id, it] of this.challenges) {
      if (!it.outcome) this.challenges.set(id, { ...it, outcome: "void" });
    }
  }

  private onConfirmation(id: string, change: (it: ConfirmationState) => ConfirmationState): void {
    const it = this.confirmations.get(id);
    if (it) this.confirmations.set(id, change(it));
  }

  private onChallenge(id: string, change: (it: ChallengeState) => ChallengeState): void {
    const it = this.challenges.get(id);
    if (it) this.challenges.set(id, change(it));
  }

  private join(handoff: string, staff: string, name: string): void {
    this.handoffs.set(handoff, { state: "joined", name });
    this.names.set(staff, name);
    this.agent = name;
    this.status = "agent";
    this.queue = undefined;
  }

  private leaveAgent(status: ConversationStatus): void {
    for (const [id, it] of this.handoffs) {
      if (it.state === "joined" || it.state === "waiting") this.handoffs.set(id, { state: "over" });
    }
    this.status = status;
    this.agent = undefined;
    this.queue = undefined;
  }

  private agentName(event: Event): string {
    return (event.actor.kind === "staff" ? this.names.get(event.actor.id) : undefined) ?? this.agent ?? "";
  }
}
