// Where a longer service stands.

import { useId } from "react";
import type { ProgressPart } from "../../api/types.ts";
import { useT } from "../../i18n/chat.tsx";
import { CheckIcon } from "../../shared/icons.tsx";

export function Progress({ part }: { part: ProgressPart }) {
  const t = useT();
  const titleId = useId();
  return (
    <section className="card progress" aria-labelledby={titleId}>
      <h3 id={titleId}>{part.title}</h3>
      <ol>
        {part.steps.map((step, index) => (
          <li key={index} className={`step-${step.state}`} aria-current={step.state === "now" ? "step" : undefined}>
            <span className="dot">{step.state === "done" && <CheckIcon />}</span>
            <span>{step.label}</span>
            <small>{t(`progress.${step.state}`)}</small>
          </li>
        ))}
      </ol>
    </section>
  );
}
