// The shapes of the HTTP API and of the events, as the server writes them
// (crates/kernel: event, part, slot, trace). One file, so that it can be
// generated from openapi.json later without touching its users.
//
// Invariant: nothing here has behaviour.

export type Locale = "zh" | "en";
export type Level = "L0" | "L1" | "L2" | "L3" | "L4";
/** blue: information; yellow: own data or easily undone; red: money or rights move. */
export type Tier = "blue" | "yellow" | "red";
/** What a code comes from: a text message, or the customer's own token. */
export type Factor = "sms" | "token";
export type Ownership = "own" | "third_party";
export type Localized = Record<Locale, string>;

// ---- parts of a reply ----

export interface Row {
  label: string;
  value: string;
  strong?: boolean;
}
export interface Table {
  columns: string[];
  rows: string[][];
}
export type CardStyle = "info" | "accounts" | "transactions" | "calculator" | "receipt" | "pending" | "warning";
export interface QuickReply {
  label: string;
  send: string;
}
export interface ChoiceOption {
  id: string;
  label: string;
  detail?: string;
}
export interface Citation {
  article: string;
  version: string;
  title: string;
}
export interface CitedSentence {
  text: string;
  /** Index into `citations`. */
  citation: number;
}
export type ProgressState = "done" | "now" | "next";
export interface ProgressStep {
  label: string;
  state: ProgressState;
}

export interface TextPart {
  kind: "text";
  text: string;
}
export interface AnswerPart {
  kind: "answer";
  sentences: CitedSentence[];
  citations: Citation[];
}
export interface CardPart {
  kind: "card";
  style: CardStyle;
  title: string;
  rows: Row[];
  table?: Table;
  note?: string;
}
export interface ChoicesPart {
  kind: "choices";
  slot: string;
  options: ChoiceOption[];
}
export interface ConfirmPart {
  kind: "confirm";
  confirmation: string;
  title: string;
  rows: Row[];
  tier: Tier;
  warning?: string;
}
export interface OtpPart {
  kind: "otp";
  challenge: string;
  factor: Factor;
  /** Masked; empty for a token. */
  sent_to: string;
  authorises: string;
  expires_at_ms: number;
}
export interface JumpPart {
  kind: "jump";
  label: string;
  url: string;
}
export interface HandoffPart {
  kind: "handoff";
  handoff: string;
  /** Place in the queue, 1 is next. */
  position: number;
  wait_s: number;
}
export interface ProgressPart {
  kind: "progress";
  title: string;
  steps: ProgressStep[];
}
export type Part =
  | TextPart
  | AnswerPart
  | CardPart
  | ChoicesPart
  | ConfirmPart
  | OtpPart
  | JumpPart
  | HandoffPart
  | ProgressPart;

// ---- slots and trace ----

export interface Money {
  minor: number;
  currency: string;
}
export type SlotValue =
  | { type: "money"; amount: Money }
  | { type: "currency"; currency: string }
  | { type: "date"; date: string }
  | { type: "date_range"; from: string; to: string }
  | { type: "term"; months: number }
  | { type: "rate"; percent: string }
  | { type: "integer"; value: number }
  | { type: "boolean"; value: boolean }
  | { type: "direction"; inward: boolean }
  | { type: "name" | "city"; name: string }
  | { type: "account_no" | "phone" | "iban"; number: string }
  | { type: "card_tail"; tail: string }
  | { type: "moment"; date: string; hour: number | null }
  | { type: "country" | "bic"; code: string }
  | { type: "choice"; id: string; label: string }
  | { type: "text"; text: string };

export interface ScoredIntent {
  intent: string;
  score: number;
  parts: [string, number][];
  nearest: string | null;
}
export interface TracedEntity {
  kind: string;
  start: number;
  end: number;
  value: unknown;
}
export interface Evidence {
  source: string;
  score: number;
  note: string | null;
}
export interface Decision {
  decision: string;
  because: string;
}
export interface Stage {
  name: string;
  micros: number;
}
export type Mood = "neutral" | "happy" | "anxious" | "angry" | "sad" | "disappointed" | "confused" | "urgent";
export type Trend = "rising" | "steady" | "falling";
/** How a customer feels, for whoever takes over. */
export interface Feeling {
  mood: Mood;
  intensity: number;
  trend: Trend;
}
export interface TracedMood extends Feeling {
  probability: number;
  comfort?: string | null;
  offered: boolean;
  by_vector: boolean;
}
export interface TracedGuard {
  refused: boolean;
  probability: number;
  kind: string;
  disguises: string[];
  by_vector: boolean;
}
export interface TurnTrace {
  inbound_seq: number;
  pack: string;
  versions: [string, string][];
  language: string;
  normal_form: string;
  intents: ScoredIntent[];
  entities: TracedEntity[];
  signs: string[];
  mood?: TracedMood | null;
  guard?: TracedGuard | null;
  also_read?: string | null;
  evidence: Evidence[];
  decisions: Decision[];
  stages: Stage[];
  model_calls?: ModelCall[];
}

/** A language model that was asked in a turn. */
export interface ModelCall {
  use_case: string;
  model: string;
  /** `name/version` */
  prompt: string;
  outcome: string;
  took_ms: number;
  prompt_tokens: number;
  answer_tokens: number;
  /** Sentences of the reply that are the model's words. */
  sentences: number;
  /** What was not let through, masked, and why. */
  dropped: { text: string; why: string }[];
}

// ---- events ----

export type Actor =
  | { kind: "customer"; id?: string | null }
  | { kind: "machine" }
  | { kind: "staff"; id: string }
  | { kind: "system"; job: string };

export type CustomerAction =
  | { action: "choose"; slot: string; id: string }
  | { action: "confirm"; confirmation: string }
  | { action: "refuse"; confirmation: string }
  | { action: "submit_otp"; challenge: string }
  | { action: "resend_otp"; challenge: string }
  | { action: "ask_human" }
  | { action: "set_locale"; locale: Locale };

export type FlowOutcome = "completed" | "cancelled" | "refused" | "handed_off" | "unresolved" | "failed";
export type CommitStatus = "posted" | "accepted" | "held" | "rejected" | "cancelled" | "unknown" | "queued";
export type CommitKind = "confirmed" | "protective" | "staff_release" | "scheduled";

export interface CitedLine {
  text: string;
  seqs: number[];
}
export interface HandoffPacket {
  summary: CitedLine[];
  intent: string | null;
  flow: string | null;
  step: string | null;
  slots: [string, unknown][];
  level: Level;
  elder: boolean;
  tier: Tier | null;
  tried: string[];
  failed: string[];
  open_commits: string[];
  next_action: string | null;
  feeling?: Feeling | null;
}

/** The fields of each kind of event, by its stored name. */
export interface EventBodies {
  opened: {
    channel: string;
    ownership: Ownership;
    locale: Locale;
    customer: string | null;
    level: Level;
    pack: string;
  };
  identified: { customer: string; level: Level };
  locale_set: { locale: Locale };
  message_received: { client_id: string; text: string };
  action_received: { client_id: string } & CustomerAction;
  turn_completed: { inbound_seq: number; trace: TurnTrace };
  replied: { reply_ids: string[]; parts: Part[]; quick_replies?: QuickReply[] };
  clarification_asked: { intents: string[] };
  not_understood: object;
  flagged: { flag: "attack" | "abuse"; kind: string };
  wish_queued: { intent: string; text: string };
  wish_taken: { intent: string };
  flow_started: { run: string; flow: string; pack: string; intent: string; seed?: string };
  slot_asked: { run: string; slot: string };
  slot_filled: { run: string; slot: string; value: SlotValue; corrected: boolean };
  slot_skipped: { run: string; slot: string };
  slot_cleared: { run: string; slot: string };
  variable_set: { run: string; name: string; value: unknown; source: string };
  step_entered: { run: string; step: string };
  slot_refused: { run: string; slot: string; reason: string };
  flow_suspended: { run: string };
  flow_resumed: { run: string };
  flow_ended: { run: string; outcome: FlowOutcome };
  confirmation_asked: { run: string; confirmation: string; digest: string; expires_at_ms: number };
  confirmation_answered: { run: string; confirmation: string; accepted: boolean };
  otp_issued: {
    run: string;
    challenge: string;
    factor: Factor;
    digest: string;
    proof: string;
    sent_to: string;
    expires_at_ms: number;
  };
  otp_failed: { run: string; challenge: string; void: boolean };
  otp_passed: { run: string; challenge: string };
  commit_requested: {
    run: string | null;
    key: string;
    kind: CommitKind;
    operation: string;
    params: unknown;
    digest: string;
  };
  commit_resolved: { run: string | null; key: string; status: CommitStatus; code: string | null; result: unknown };
  handoff_requested: { handoff: string; reason: string; skill: string; packet: HandoffPacket };
  handoff_withdrawn: { handoff: string };
  agent_joined: { handoff: string; staff: string; name: string };
  agent_replied: { client_id: string; text: string };
  handed_back: { note: string };
  release_requested: { release: string; key: string; operation: string; summary: unknown };
  release_decided: { release: string; approved: boolean; reason: string };
  closed: { reason: string };
}
export type EventType = keyof EventBodies;

interface EventHead {
  conversation: string;
  /** From 1, without gaps (a customer sees a subset, so gaps are normal there). */
  seq: number;
  at_ms: number;
  actor: Actor;
}
export type EventOf<T extends EventType> = EventHead & { type: T } & EventBodies[T];
export type Event = { [T in EventType]: EventOf<T> }[EventType];

// ---- customer API ----

export interface ProblemBody {
  code: string;
  message: string;
  detail?: string;
}
export interface CustomerBrief {
  name_masked: string;
  elder: boolean;
}
export interface OpenRequest {
  channel?: "web";
  locale?: Locale;
  handover?: string;
  /** The embedding page's origin, when inside the widget. */
  origin?: string;
}
export interface OpenedConversation {
  conversation: string;
  token: string;
  last_seq: number;
  ownership: Ownership;
  locale: Locale;
  level: Level;
  customer?: CustomerBrief | null;
}
export type ConversationStatus = "machine" | "queued" | "agent" | "closed";
export interface ConversationState {
  conversation: string;
  last_seq: number;
  status: ConversationStatus;
  locale: Locale;
  level: Level;
  ownership: Ownership;
  pending: boolean;
}
export interface Accepted {
  seq: number;
  duplicate: boolean;
}
export interface EventPage {
  events: Event[];
  /** Everything up to here was looked at, shown or not. */
  through?: number;
  last_seq: number;
}
export interface PastConversation {
  conversation: string;
  opened_at_ms: number;
  status: ConversationStatus;
  last_text: string | null;
}
export interface Bank {
  name: Localized;
  hotline: string;
  greeting: Localized;
  quick_replies: Record<Locale, QuickReply[]>;
  ai_label: Localized;
  own_url: string;
}
export interface Article {
  id: string;
  version: string;
  title: string;
  body_md: string;
  effective: string;
  expires?: string | null;
  source: string;
  owner: string;
  /** Is this the version in force now? */
  current: boolean;
}

export type ServerFrame =
  | { kind: "event"; event: Event }
  | { kind: "busy"; busy: boolean }
  | { kind: "typing"; conversation?: string }
  | { kind: "ping" }
  | { kind: "ack"; client_id: string; seq: number; duplicate: boolean }
  | ({ kind: "problem"; client_id?: string } & ProblemBody);

// ---- demo bank ----

export interface DemoCustomer {
  id: string;
  name: string;
  note: string;
  elder: boolean;
}
export interface PhoneMessage {
  at_ms: number;
  text: string;
}
export interface Phone {
  /** Newest first. */
  messages: PhoneMessage[];
  /** What the customer's token shows now. */
  token_code?: string;
}

// ---- staff API ----

export interface Staff {
  id: string;
  name: string;
  roles: string[];
}
export interface StaffSession {
  staff: Staff;
  csrf: string;
}
export interface QueueEntry {
  handoff: string;
  conversation: string;
  waiting_since_ms: number;
  reason: string;
  skill: string;
  summary: (string | CitedLine)[];
  customer_masked: string | null;
  elder: boolean;
  feeling?: Feeling | null;
  tier: Tier | null;
  emotion?: string | null;
}
export interface MyConversation {
  conversation: string;
  handoff: string;
  since_ms: number;
  customer_masked: string | null;
  last_text: string | null;
  unread: number;
}
export interface DeskCustomer {
  name: string | null;
  phone: string | null;
  level: Level;
  elder: boolean;
}
export interface DeskConversation {
  conversation: string;
  status: ConversationStatus;
  handoff?: string | null;
  packet?: HandoffPacket | null;
  customer?: DeskCustomer | null;
  slots: { name: string; value: unknown }[];
  flow?: string | null;
  /** What the ids in here are called, in the language of the staff. */
  names: Record<string, string>;
  last_seq: number;
  /** The member of staff who holds it. */
  holder?: string | null;
}
export interface RecentConversation {
  conversation: string;
  opened_at_ms: number;
  status: ConversationStatus;
  customer_masked: string | null;
  last_text_masked: string | null;
  events: number;
}
export interface Release {
  release: string;
  operation: string;
  summary: unknown;
  requested_at_ms: number;
  requested_by?: string | null;
  first_approval?: { by: string; at_ms?: number; reason?: string } | string | null;
}
export interface PackVersionInfo {
  version: string;
  id: string;
  active: boolean;
  activated_at_ms: number | null;
  activated_by: string | null;
}
