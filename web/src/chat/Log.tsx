// The conversation: an aria-live log that stays at its end unless the customer
// has scrolled up to read.

import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { OutboxItem } from "../api/outbox.ts";
import type { Bank } from "../api/types.ts";
import { useLocale, useT } from "../i18n/chat.tsx";
import { DownIcon } from "../shared/icons.tsx";
import { clockTime } from "./context.ts";
import { ItemView, PendingView } from "./Message.tsx";
import type { Item, Transcript } from "./transcript.ts";

/** Messages rendered at once; earlier ones on request. */
const ITEMS_SHOWN = 120;
/** A pause after which the time is shown again. */
const TIME_GAP_MS = 5 * 60_000;
/** Nearer to the end than this counts as being at the end, in pixels. */
const NEAR_END_PX = 80;
/** What was there when the page opened is not read out. */
const QUIET_AT_START_MS = 1_500;

interface LogProps {
  bank: Bank | undefined;
  transcript: Transcript;
  version: number;
  outbox: readonly OutboxItem[];
  busy: boolean;
  agentTyping: boolean;
  home: ReactNode;
  tail: ReactNode;
  onRetry(client_id: string): void;
  onDiscard(client_id: string): void;
}

export function Log(props: LogProps) {
  const t = useT();
  const { transcript, outbox, version } = props;
  const [shown, setShown] = useState(ITEMS_SHOWN);
  const [loud, setLoud] = useState(false);
  const { box, atEnd, toEnd } = useStickToEnd(`${version}/${props.busy}/${props.agentTyping}`, outbox.length);
  useEffect(() => {
    const timer = setTimeout(() => setLoud(true), QUIET_AT_START_MS);
    return () => clearTimeout(timer);
  }, []);

  const items = transcript.items.slice(-shown);
  const hidden = transcript.items.length - items.length;
  const pending = outbox.filter((item) => !transcript.settled.has(item.client_id) && isShown(item));
  return (
    <div className="log-frame">
      <main className="log" ref={box} tabIndex={-1}>
        <div className="column">
          {hidden === 0 && props.home}
          {hidden > 0 && (
            <button type="button" className="link earlier" onClick={() => setShown(shown + ITEMS_SHOWN)}>
              {t("log.earlier")}
            </button>
          )}
          <div role="log" aria-label={t("log.label")} aria-live={loud ? "polite" : "off"} aria-relevant="additions">
            <ol className="items">
              {items.map((item, index) => (
                <li key={item.key} className={`item item-${item.kind}`}>
                  <TimeMark before={items[index - 1]} item={item} />
                  <ItemView item={item} before={items[index - 1]} bank={props.bank} />
                </li>
              ))}
              {pending.map((item) => (
                <li key={item.client_id} className="item item-customer">
                  <PendingView item={item} onRetry={props.onRetry} onDiscard={props.onDiscard} />
                </li>
              ))}
            </ol>
          </div>
          <Working busy={props.busy} agent={props.agentTyping ? (transcript.agent ?? "") : undefined} />
          {props.tail}
        </div>
      </main>
      {!atEnd && (
        <button type="button" className="to-end" onClick={() => toEnd(true)} aria-label={t("log.newest")}>
          <DownIcon />
        </button>
      )}
    </div>
  );
}

/** Language changes wait silently. */
function isShown(item: OutboxItem): boolean {
  return "text" in item.body || item.body.action.action !== "set_locale";
}

function Working({ busy, agent }: { busy: boolean; agent: string | undefined }) {
  const t = useT();
  if (!busy && agent === undefined) return null;
  const words = agent === undefined ? t("log.busy") : t("log.agent.typing", { name: agent });
  return (
    <p className="working" role="status">
      <span className="dots" aria-hidden="true">
        <i />
        <i />
        <i />
      </span>
      {words}
    </p>
  );
}

function TimeMark({ before, item }: { before: Item | undefined; item: Item }) {
  const t = useT();
  const locale = useLocale();
  if (before && item.at_ms - before.at_ms < TIME_GAP_MS) return null;
  const day = dayOf(item.at_ms);
  const today = dayOf(Date.now());
  const time = clockTime(item.at_ms, locale);
  const date =
    day === today
      ? ""
      : day === dayOf(Date.now() - 86_400_000)
        ? `${t("log.yesterday")} `
        : `${new Date(item.at_ms).toLocaleDateString(locale === "zh" ? "zh-CN" : "en-GB")} `;
  return <p className="time num">{date + time}</p>;
}

const dayOf = (atMs: number): string => new Date(atMs).toDateString();

function useStickToEnd(changed: string, sent: number) {
  const box = useRef<HTMLElement>(null);
  const [atEnd, setAtEnd] = useState(true);
  const stick = useRef(true);

  const toEnd = (smooth: boolean) => {
    const element = box.current;
    if (!element) return;
    stick.current = true;
    element.scrollTo({ top: element.scrollHeight, behavior: smooth ? "smooth" : "auto" });
  };

  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const onScroll = () => {
      const near = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_END_PX;
      stick.current = near;
      setAtEnd(near);
    };
    element.addEventListener("scroll", onScroll, { passive: true });
    // The keyboard of a phone, a growing card: the end moves without an event.
    const observer = new ResizeObserver(() => {
      if (stick.current) element.scrollTop = element.scrollHeight;
    });
    observer.observe(element);
    if (element.firstElementChild) observer.observe(element.firstElementChild);
    return () => {
      element.removeEventListener("scroll", onScroll);
      observer.disconnect();
    };
  }, []);

  useLayoutEffect(() => {
    if (stick.current) toEnd(false);
  }, [changed]);
  useLayoutEffect(() => {
    // Who speaks wants to see it.
    if (sent > 0) toEnd(false);
  }, [sent]);

  return { box, atEnd, toEnd };
}
