// The exact values that will be carried out. Never focused by itself, so that
// an Enter meant for the text box cannot confirm.

import { useId, useState } from "react";
import type { ConfirmPart } from "../../api/types.ts";
import { useLocale, useT } from "../../i18n/chat.tsx";
import { CheckIcon, WarnIcon } from "../../shared/icons.tsx";
import { clockTime, useNow, usePartHost } from "../context.ts";
import { Rows } from "./Card.tsx";
import { confirmExpiry, confirmStatus } from "./model.ts";

export function Confirm({ part, seq }: { part: ConfirmPart; seq: number }) {
  const t = useT();
  const locale = useLocale();
  const titleId = useId();
  const { transcript, act, readOnly } = usePartHost();
  const [sending, setSending] = useState(false);
  const state = transcript.confirmations.get(part.confirmation);
  const waiting = state !== undefined && state.accepted === undefined && !state.closed;
  const status = confirmStatus(state, seq, useNow(waiting));

  const answer = (action: "confirm" | "refuse") => {
    setSending(true);
    void act({ action, confirmation: part.confirmation }).then((taken) => {
      if (!taken) setSending(false);
    });
  };

  return (
    <section className={`card confirm tier-${part.tier}${status === "open" ? "" : " over"}`} aria-labelledby={titleId}>
      <p className="tier">{t(`confirm.tier.${part.tier}`)}</p>
      <h3 id={titleId}>{part.title}</h3>
      <Rows rows={part.rows} />
      {part.warning && (
        <p className="warn">
          <WarnIcon />
          <span>{part.warning}</span>
        </p>
      )}
      {status === "open" && !readOnly ? (
        <>
          <div className="confirm-buttons">
            <button type="button" className="btn primary" disabled={sending} onClick={() => answer("confirm")}>
              {t("confirm.yes")}
            </button>
            <button type="button" className="btn" disabled={sending} onClick={() => answer("refuse")}>
              {t("confirm.no")}
            </button>
          </div>
          <p className="hint" role={sending ? "status" : undefined}>
            {sending
              ? t("confirm.sending")
              : state && t("confirm.until", { time: clockTime(confirmExpiry(state), locale) })}
          </p>
        </>
      ) : (
        <p className={`outcome outcome-${status}`}>
          {status === "accepted" && <CheckIcon />}
          {status === "open"
            ? state && t("confirm.until", { time: clockTime(confirmExpiry(state), locale) })
            : t(`confirm.${status}`)}
        </p>
      )}
    </section>
  );
}
