// One entry of the log: the customer's words, a reply of the machine (labelled
// as AI), a reply of an agent (labelled with the name), or a notice.

import { memo } from "react";
import type { OutboxItem } from "../api/outbox.ts";
import type { Bank } from "../api/types.ts";
import { type T, useLocale, useT } from "../i18n/chat.tsx";
import { PersonIcon } from "../shared/icons.tsx";
import { PartView } from "./parts/PartView.tsx";
import { problemAdvice, problemText } from "./problems.ts";
import type { AgentItem, CustomerItem, Item, MachineItem, NoticeItem, Said } from "./transcript.ts";

interface ItemProps {
  item: Item;
  before: Item | undefined;
  bank: Bank | undefined;
}

export function ItemView({ item, before, bank }: ItemProps) {
  switch (item.kind) {
    case "customer":
      return <CustomerMessage item={item} />;
    case "machine":
      return <MachineMessage item={item} labelled={before?.kind !== "machine"} bank={bank} />;
    case "agent":
      return <AgentMessage item={item} labelled={before?.kind !== "agent"} />;
    case "notice":
      return <Notice item={item} />;
  }
}

export function saidText(said: Said, t: T): string {
  if ("text" in said) return said.text;
  return said.action === "choose" ? said.label : t(`say.${said.action}`);
}

const CustomerMessage = memo(function CustomerMessage({ item }: { item: CustomerItem }) {
  const t = useT();
  return (
    <div className="mine">
      <span className="sr">{t("log.you")}: </span>
      <div className="bubble own">{saidText(item.said, t)}</div>
    </div>
  );
});

function MachineMessage({ item, labelled, bank }: { item: MachineItem; labelled: boolean; bank: Bank | undefined }) {
  const t = useT();
  const locale = useLocale();
  return (
    <div className="theirs">
      <p className={labelled ? "from" : "sr"}>
        <b className="ai">{t("log.ai")}</b>
        {bank?.ai_label[locale] ?? t("header.assistant")}
      </p>
      {item.parts.map((part, index) => (
        <PartView key={index} part={part} seq={item.seq} turn={item.turn} />
      ))}
    </div>
  );
}

const AgentMessage = memo(function AgentMessage({ item, labelled }: { item: AgentItem; labelled: boolean }) {
  const t = useT();
  return (
    <div className="theirs">
      <p className={labelled ? "from person" : "sr"}>
        <PersonIcon />
        <b className="agent">{t("log.agent.tag")}</b>
        {item.name}
      </p>
      <div className="bubble human-said">{item.text}</div>
    </div>
  );
});

const Notice = memo(function Notice({ item }: { item: NoticeItem }) {
  const t = useT();
  // What was agreed with the agent stays readable for the customer.
  const note = item.notice === "handed_back" ? item.vars.note : undefined;
  return (
    <div className="notice">
      <p>{t(`notice.${item.notice}`, item.vars)}</p>
      {note && <p>{t("notice.agreed", { note })}</p>}
    </div>
  );
});

interface PendingProps {
  item: OutboxItem;
  onRetry(client_id: string): void;
  onDiscard(client_id: string): void;
}

/** Said, but not yet seen in the conversation. */
export function PendingView({ item, onRetry, onDiscard }: PendingProps) {
  const t = useT();
  const failed = item.state === "failed";
  return (
    <div className="mine">
      <span className="sr">{t("log.you")}: </span>
      <div className={failed ? "bubble own failed" : "bubble own pending"}>{pendingText(item, t)}</div>
      {failed ? (
        <div className="send-problem" role="alert">
          <p>
            {t("send.failed")}: {problemText(item.problem, t)}
          </p>
          {item.problem && <p>{t(problemAdvice(item.problem), { hotline: "" })}</p>}
          <button type="button" className="link" onClick={() => onRetry(item.client_id)}>
            {t("send.retry")}
          </button>
          <button type="button" className="link" onClick={() => onDiscard(item.client_id)}>
            {t("send.discard")}
          </button>
        </div>
      ) : (
        <p className="send-state">{item.state === "queued" ? t("send.queued") : t("send.sending")}</p>
      )}
    </div>
  );
}

function pendingText(item: OutboxItem, t: T): string {
  if ("text" in item.body) return item.body.text;
  const { action } = item.body;
  switch (action.action) {
    case "confirm":
    case "refuse":
    case "ask_human":
      return t(`say.${action.action}`);
    case "resend_otp":
      return t("notice.otp_resend");
    default:
      return "…";
  }
}
