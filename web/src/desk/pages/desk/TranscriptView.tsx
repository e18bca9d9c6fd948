// What the customer saw and said, with the customer page's own cards, read-only.

import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import type { Event } from "../../../api/types.ts";
import { ArticleSheet, type ArticleRef } from "../../../chat/ArticleSheet.tsx";
import { type PartHost, PartHostContext } from "../../../chat/context.ts";
import { PartView } from "../../../chat/parts/PartView.tsx";
import { type Item, type NoticeItem, type Said, Transcript } from "../../../chat/transcript.ts";
import { type T, timeOf, useT, useWords } from "../../words.tsx";

const NEAR_END_PX = 80;

export function TranscriptView({ events }: { events: Event[] }) {
  const { t, locale } = useWords();
  const [article, setArticle] = useState<ArticleRef>();
  const transcript = useMemo(() => {
    const folded = new Transcript();
    for (const event of events) folded.apply(event);
    return folded;
  }, [events]);
  const host = useMemo<PartHost>(
    () => ({
      transcript,
      readOnly: true,
      act: async () => false,
      submitOtp: async () => undefined,
      openArticle: (id, version) => setArticle({ article: id, version }),
      linkTarget: "_blank",
    }),
    [transcript],
  );
  const box = useStickToEnd(transcript.items.length);
  return (
    <PartHostContext value={host}>
      {/* It scrolls, so the keyboard must reach it. */}
      <div className="transcript" ref={box} tabIndex={0} role="log" aria-label={t("pane.transcript")}>
        <ol>
          {transcript.items.map((item) => (
            <li key={item.key} className={`said said-${item.kind}`}>
              {item.kind !== "notice" && (
                <p className="said-by num">
                  {speaker(item, t)} <time>{timeOf(item.at_ms, locale)}</time>
                </p>
              )}
              <SaidView item={item} />
            </li>
          ))}
        </ol>
      </div>
      {article && <ArticleSheet {...article} onClose={() => setArticle(undefined)} />}
    </PartHostContext>
  );
}

function SaidView({ item }: { item: Item }) {
  const t = useT();
  switch (item.kind) {
    case "customer":
      return <div className="bubble">{saidText(item.said, t)}</div>;
    case "agent":
      return <div className="bubble">{item.text}</div>;
    case "machine":
      return (
        <div className="said-parts">
          {item.parts.map((part, index) => (
            <PartView key={index} part={part} seq={item.seq} turn={item.turn} />
          ))}
        </div>
      );
    case "notice":
      return <p className="said-note">{noteText(item, t)}</p>;
  }
}

function speaker(item: Item, t: T): string {
  if (item.kind === "customer") return t("who.customer");
  if (item.kind === "agent") return item.name || t("who.staff");
  return t("who.machine");
}

function saidText(said: Said, t: T): string {
  if ("text" in said) return said.text;
  return said.action === "choose" ? said.label : t(`say.${said.action}`);
}

function noteText(item: NoticeItem, t: T): string {
  switch (item.notice) {
    case "agent":
      return t("note.joined", item.vars);
    case "handed_back":
      return t("note.handed_back", item.vars);
    case "closed":
      return t("note.closed", item.vars);
    default:
      return t(`note.${item.notice}`);
  }
}

function useStickToEnd(count: number) {
  const box = useRef<HTMLDivElement>(null);
  const stick = useRef(true);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const onScroll = () => {
      stick.current = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_END_PX;
    };
    element.addEventListener("scroll", onScroll, { passive: true });
    return () => element.removeEventListener("scroll", onScroll);
  }, []);
  useLayoutEffect(() => {
    if (box.current && stick.current) box.current.scrollTop = box.current.scrollHeight;
  }, [count]);
  return box;
}
