// All events of a conversation in order, each with its raw form, each turn with
// its trace.

import { Switch } from "antd";
import { useState } from "react";
import type { Event } from "../../../api/types.ts";
import { describe } from "../../describe.ts";
import { timeOf, useWords, wordOf } from "../../words.tsx";
import { TraceView } from "./TraceView.tsx";

/** Events rendered at once; older ones on request. */
const EVENTS_SHOWN = 300;

/** What a reader who wants only the turns still needs to see. */
const TURN_EVENTS = new Set<Event["type"]>([
  "message_received",
  "action_received",
  "turn_completed",
  "replied",
  "agent_replied",
]);

export function Timeline({ events }: { events: Event[] }) {
  const { t } = useWords();
  const [turnsOnly, setTurnsOnly] = useState(false);
  const [shown, setShown] = useState(EVENTS_SHOWN);
  const wanted = turnsOnly ? events.filter((event) => TURN_EVENTS.has(event.type)) : events;
  const visible = wanted.slice(-shown);
  return (
    <div className="timeline" tabIndex={0} role="region" aria-label={t("explain.timeline")}>
      <label className="timeline-filter">
        <Switch size="small" checked={turnsOnly} onChange={setTurnsOnly} />
        {t("explain.turns")}
      </label>
      {visible.length < wanted.length && (
        <button type="button" className="link" onClick={() => setShown(shown + EVENTS_SHOWN)}>
          {t("conv.more")}
        </button>
      )}
      <ol>
        {visible.map((event) => (
          <li key={event.seq} className={`event event-${event.actor.kind}`}>
            <EventRow event={event} />
          </li>
        ))}
      </ol>
    </div>
  );
}

function EventRow({ event }: { event: Event }) {
  const { t, locale } = useWords();
  const isTurn = event.type === "turn_completed";
  return (
    <details open={isTurn}>
      <summary>
        <span className="event-seq num">{event.seq}</span>
        <time className="num">{timeOf(event.at_ms, locale)}</time>
        <b>{wordOf(t, "event", event.type)}</b>
        <span className="event-words">
          {isTurn ? t("explain.turn", { seq: event.inbound_seq }) : describe(event)}
        </span>
      </summary>
      {isTurn ? <TraceView trace={event.trace} /> : <Raw event={event} />}
    </details>
  );
}

function Raw({ event }: { event: Event }) {
  const { t } = useWords();
  const { conversation: _, seq: __, at_ms: ___, ...rest } = event;
  return (
    <pre className="raw" tabIndex={0} aria-label={t("explain.raw")}>
      {JSON.stringify(rest, null, 2)}
    </pre>
  );
}
