// The stand-in's memory: conversations as lists of events, and who listens.

import { randomBytes } from "node:crypto";
import type { Actor, ConversationStatus, Event, HandoffPacket, Level, Locale, Ownership } from "../src/api/types.ts";
import { customers } from "./data.ts";

export interface Flow {
  name: string;
  step: string;
  slots: Record<string, string>;
}
export interface Conversation {
  id: string;
  token: string;
  events: Event[];
  locale: Locale;
  level: Level;
  ownership: Ownership;
  customer: string | undefined;
  status: ConversationStatus;
  flow: Flow | undefined;
  otp: { challenge: string; code: string; tries: number } | undefined;
  confirmation: string | undefined;
  handoff: string | undefined;
  packet: HandoffPacket | undefined;
  holder: string | undefined;
  misses: number;
  seen: Map<string, number>;
  opened_at_ms: number;
}

export const conversations = new Map<string, Conversation>();
export const phones = new Map<string, { at_ms: number; text: string }[]>();
export const handovers = new Map<string, string>();

type Listener = (conversation: Conversation, frame: Record<string, unknown>) => void;
export const listeners = new Set<Listener>();

export const fresh = (prefix: string): string => `${prefix}_${Date.now().toString(16)}${randomBytes(6).toString("hex")}`;

export function tell(conversation: Conversation, frame: Record<string, unknown>): void {
  for (const listener of listeners) listener(conversation, frame);
}

export const machine: Actor = { kind: "machine" };

export function append(conversation: Conversation, actor: Actor, body: Record<string, unknown>): Event {
  const event = {
    conversation: conversation.id,
    seq: conversation.events.length + 1,
    at_ms: Date.now(),
    actor,
    ...body,
  } as unknown as Event;
  conversation.events.push(event);
  tell(conversation, { kind: "event", event });
  return event;
}

export function open(locale: Locale, ownership: Ownership, customer: string | undefined): Conversation {
  const conversation: Conversation = {
    id: fresh("cv"),
    token: randomBytes(16).toString("hex"),
    events: [],
    locale,
    level: customer ? "L1" : "L0",
    ownership,
    customer,
    status: "machine",
    flow: undefined,
    otp: undefined,
    confirmation: undefined,
    handoff: undefined,
    packet: undefined,
    holder: undefined,
    misses: 0,
    seen: new Map(),
    opened_at_ms: Date.now(),
  };
  conversations.set(conversation.id, conversation);
  append(conversation, { kind: "customer", id: customer ?? null }, {
    type: "opened",
    channel: "web",
    ownership,
    locale,
    customer: customer ?? null,
    level: conversation.level,
    pack: "pk_3f9a1c77d0b2",
  });
  return conversation;
}

export const customerOf = (conversation: Conversation) => customers.find((it) => it.id === conversation.customer);

const seenByCustomer = new Set([
  "opened",
  "identified",
  "locale_set",
  "message_received",
  "action_received",
  "replied",
  "confirmation_answered",
  "otp_failed",
  "otp_passed",
  "flow_ended",
  "handoff_withdrawn",
  "agent_joined",
  "agent_replied",
  "handed_back",
  "closed",
]);

export const customerSees = (event: Event): boolean => seenByCustomer.has(event.type);
