// On the way to a human: place, wait, and how it ended.

import type { HandoffPart } from "../../api/types.ts";
import { type T, useT } from "../../i18n/chat.tsx";
import { HeadsetIcon } from "../../shared/icons.tsx";
import { usePartHost } from "../context.ts";
import type { HandoffState } from "../transcript.ts";

export function Handoff({ part }: { part: HandoffPart }) {
  const t = useT();
  const { transcript } = usePartHost();
  const state = transcript.handoffs.get(part.handoff) ?? { state: "waiting" };
  return (
    <section className={state.state === "waiting" ? "card handoff" : "card handoff over"}>
      <header className="card-head">
        <span className="card-icon">
          <HeadsetIcon />
        </span>
        <h3>{title(state, t)}</h3>
      </header>
      {state.state === "waiting" && (
        <>
          <dl className="handoff-figures">
            <div>
              <dt>{t("handoff.position")}</dt>
              <dd className="num">{t("handoff.position.value", { position: part.position })}</dd>
            </div>
            <div>
              <dt>{t("handoff.wait")}</dt>
              <dd className="num">{waitText(part.wait_s, t)}</dd>
            </div>
          </dl>
          <p className="hint">{t("handoff.keep")}</p>
        </>
      )}
    </section>
  );
}

function title(state: HandoffState, t: T): string {
  if (state.state === "joined") return t("handoff.joined", { name: state.name });
  if (state.state === "withdrawn") return t("handoff.withdrawn");
  if (state.state === "over") return t("handoff.over");
  return t("handoff.title");
}

export function waitText(waitS: number, t: T): string {
  return waitS < 60 ? t("handoff.wait.soon") : t("handoff.wait.minutes", { minutes: Math.round(waitS / 60) });
}
