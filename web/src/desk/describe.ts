// One line of plain words for each event of the timeline.

import type { Event, Part } from "../api/types.ts";
import { formatValue } from "../shared/values.ts";

/** Longest line shown; the whole event is one tap away. */
const LINE_MAX_CHARS = 160;

export function describe(event: Event): string {
  const line = words(event);
  return line.length > LINE_MAX_CHARS ? `${line.slice(0, LINE_MAX_CHARS)}…` : line;
}

function words(event: Event): string {
  switch (event.type) {
    case "opened":
      return `${event.channel}, ${event.ownership}, ${event.locale}, ${event.level}`;
    case "identified":
      return event.level;
    case "locale_set":
      return event.locale;
    case "message_received":
    case "agent_replied":
      return event.text;
    case "action_received":
      return event.action === "choose" ? `${event.slot} = ${event.id}` : event.action;
    case "replied":
      return event.parts.map(partWords).join(" | ");
    case "flagged":
      return `${event.flag}: ${event.kind}`;
    case "clarification_asked":
      return event.intents.join(", ");
    case "flow_started":
      return `${event.flow} (${event.intent})`;
    case "slot_filled":
      return `${event.slot} = ${formatValue(event.value)}`;
    case "slot_cleared":
    case "slot_asked":
    case "slot_skipped":
      return event.slot;
    case "wish_queued":
      return `${event.intent}: ${event.text}`;
    case "wish_taken":
      return event.intent;
    case "slot_refused":
      return `${event.slot}: ${event.reason}`;
    case "variable_set":
      return `${event.name} = ${formatValue(event.value)} (${event.source})`;
    case "step_entered":
      return event.step;
    case "flow_ended":
      return event.outcome;
    case "confirmation_answered":
      return event.accepted ? "accepted" : "refused";
    case "otp_issued":
      return event.sent_to;
    case "otp_failed":
      return event.void ? "void" : "";
    case "commit_requested":
      return `${event.operation} (${event.kind})`;
    case "commit_resolved":
      return event.code ? `${event.status}, ${event.code}` : event.status;
    case "handoff_requested":
      return `${event.reason}, ${event.skill}`;
    case "agent_joined":
      return event.name;
    case "handed_back":
      return event.note;
    case "release_requested":
      return event.operation;
    case "release_decided":
      return `${event.approved ? "approved" : "declined"}: ${event.reason}`;
    case "closed":
      return event.reason;
    default:
      return "";
  }
}

function partWords(part: Part): string {
  switch (part.kind) {
    case "text":
      return part.text;
    case "answer":
      return part.sentences.map((sentence) => sentence.text).join("");
    case "card":
    case "confirm":
    case "progress":
      return `[${part.kind}] ${part.title}`;
    case "choices":
      return `[choices] ${part.options.map((option) => option.label).join(" / ")}`;
    case "otp":
      return `[otp] ${part.authorises}`;
    case "jump":
      return `[jump] ${part.label}`;
    case "handoff":
      return `[handoff] ${part.position}`;
  }
}
