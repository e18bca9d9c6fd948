// The conversations in my hands, and the queue in the order the server gives it
// (urgency before waiting time).

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Badge, Button, Skeleton, Tag } from "antd";
import { useEffect, useState } from "react";
import { useNavigate } from "react-router";
import { serverNow } from "../../../api/client.ts";
import type { MyConversation, QueueEntry, Tier } from "../../../api/types.ts";
import { deskApi } from "../../api.ts";
import { FeelingTag } from "../../FeelingTag.tsx";
import { useLive } from "../../LiveProvider.tsx";
import { Problem, problemText } from "../../problems.tsx";
import { duration, useT, wordOf } from "../../words.tsx";

/** A look at the queue even if nothing was pushed; quicker while not live. */
const REFRESH_MS = 20_000;
const REFRESH_NOT_LIVE_MS = 4_000;

export function Lists({ current }: { current: string | undefined }) {
  const { status } = useLive();
  const refetchInterval = status === "on" ? REFRESH_MS : REFRESH_NOT_LIVE_MS;
  const queue = useQuery({ queryKey: ["queue"], queryFn: ({ signal }) => deskApi.queue(signal), refetchInterval });
  const mine = useQuery({ queryKey: ["mine"], queryFn: ({ signal }) => deskApi.mine(signal), refetchInterval });
  const t = useT();
  return (
    <div className="lists">
      <section aria-labelledby="mine-title">
        <h2 id="mine-title">{t("mine.title")}</h2>
        {mine.error && <Problem problem={mine.error} onRetry={() => void mine.refetch()} />}
        {mine.data?.length === 0 && <p className="quiet">{t("mine.empty")}</p>}
        <ul className="cards">
          {mine.data?.map((it) => (
            <Mine key={it.conversation} it={it} current={it.conversation === current} />
          ))}
        </ul>
      </section>
      <section aria-labelledby="queue-title">
        <h2 id="queue-title">
          {t("queue.title")} <Badge count={queue.data?.length ?? 0} showZero color="#5f6f69" />
        </h2>
        {queue.error && <Problem problem={queue.error} onRetry={() => void queue.refetch()} />}
        {queue.isPending && <Skeleton active paragraph={{ rows: 2 }} />}
        {queue.data?.length === 0 && <p className="quiet">{t("queue.empty")}</p>}
        <ul className="cards">
          {queue.data?.map((entry) => (
            <Waiting key={entry.handoff} entry={entry} />
          ))}
        </ul>
      </section>
    </div>
  );
}

export function TierTag({ tier }: { tier: Tier | null | undefined }) {
  const t = useT();
  if (!tier) return null;
  const color = { red: "red", yellow: "gold", blue: "blue" }[tier];
  return (
    <Tag color={color} title={t("tier.label")}>
      {t(`tier.${tier}`)}
    </Tag>
  );
}

function Waiting({ entry }: { entry: QueueEntry }) {
  const t = useT();
  const client = useQueryClient();
  const navigate = useNavigate();
  const { message } = App.useApp();
  const now = useTick();
  const accept = useMutation({
    mutationFn: () => deskApi.accept(entry.handoff),
    onSuccess: ({ conversation }) => navigate(`/queue/${conversation}`),
    onError: (error) => void message.error(problemText(error, t)),
    onSettled: () => {
      void client.invalidateQueries({ queryKey: ["queue"] });
      void client.invalidateQueries({ queryKey: ["mine"] });
    },
  });
  const customer = entry.customer_masked ?? t("queue.anonymous");
  return (
    <li className="entry">
      <div className="entry-head">
        <b>{customer}</b>
        <span className="entry-tags">
          {entry.elder && <Tag color="purple">{t("queue.elder")}</Tag>}
          {entry.feeling && entry.feeling.intensity > 0 && <FeelingTag feeling={entry.feeling} />}
          <TierTag tier={entry.tier} />
          {entry.emotion && <Tag color="volcano">{entry.emotion}</Tag>}
        </span>
      </div>
      <p className="entry-reason">
        {wordOf(t, "reason", entry.reason)}
        <span className="num"> · {t("queue.waiting", { time: duration(now - entry.waiting_since_ms) })}</span>
      </p>
      {entry.summary.length > 0 && (
        <ul className="entry-summary">
          {entry.summary.slice(0, 3).map((line, index) => (
            <li key={index}>{typeof line === "string" ? line : line.text}</li>
          ))}
        </ul>
      )}
      <Button
        type="primary"
        block
        loading={accept.isPending}
        aria-label={t("queue.accept.label", { customer })}
        onClick={() => accept.mutate()}
      >
        {t("queue.accept")}
      </Button>
    </li>
  );
}

function Mine({ it, current }: { it: MyConversation; current: boolean }) {
  const t = useT();
  const navigate = useNavigate();
  const { typing } = useLive();
  return (
    <li>
      <button
        type="button"
        className={current ? "entry entry-button current" : "entry entry-button"}
        aria-current={current ? "true" : undefined}
        onClick={() => navigate(`/queue/${it.conversation}`)}
      >
        <span className="entry-head">
          <b>{it.customer_masked ?? t("queue.anonymous")}</b>
          {it.unread > 0 && !current && <Badge count={it.unread} title={t("mine.unread", { count: it.unread })} />}
        </span>
        <span className="entry-last">{typing.has(it.conversation) ? t("pane.typing") : (it.last_text ?? "")}</span>
      </button>
    </li>
  );
}

function useTick(): number {
  const [now, setNow] = useState(serverNow);
  useEffect(() => {
    const timer = setInterval(() => setNow(serverNow()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}
