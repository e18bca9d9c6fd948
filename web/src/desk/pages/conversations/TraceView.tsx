// The trace of one turn: what was understood with which scores, on which
// evidence, what was decided and why, and where the time went.

import { Tag } from "antd";
import type { ReactNode } from "react";
import type { ModelCall, ScoredIntent, Stage, TurnTrace } from "../../../api/types.ts";
import { formatValue } from "../../../shared/values.ts";
import { FeelingTag } from "../../FeelingTag.tsx";
import { useT } from "../../words.tsx";

export function TraceView({ trace }: { trace: TurnTrace }) {
  const t = useT();
  return (
    <div className="trace">
      <Field label={t("explain.normal")}>
        <code>{trace.normal_form || t("explain.none")}</code> <Tag>{trace.language}</Tag>
      </Field>
      {trace.also_read && (
        <Field label={t("explain.alsoRead")}>
          <code>{trace.also_read}</code>
        </Field>
      )}
      {trace.mood && (
        <Field label={t("explain.mood")}>
          <FeelingTag feeling={trace.mood} /> <span className="num">{trace.mood.probability.toFixed(2)}</span>
          {trace.mood.comfort && ` · ${trace.mood.comfort}`}
          {trace.mood.offered && ` · ${t("explain.offered")}`}
        </Field>
      )}
      {trace.guard && (
        <Field label={t("explain.guard")}>
          <Tag color={trace.guard.refused ? "red" : "default"}>
            {trace.guard.refused ? t("explain.refused") : t("explain.passed")}
          </Tag>
          <code>{trace.guard.kind}</code> <span className="num">{trace.guard.probability.toFixed(2)}</span>
          {trace.guard.disguises.length > 0 && ` · ${trace.guard.disguises.join(", ")}`}
        </Field>
      )}
      {trace.intents.length > 0 && (
        <Field label={t("explain.intents")}>
          <ul className="bars">
            {trace.intents.map((intent) => (
              <IntentBar key={intent.intent} intent={intent} />
            ))}
          </ul>
        </Field>
      )}
      {trace.entities.length > 0 && (
        <Field label={t("explain.entities")}>
          {trace.entities.map((entity, index) => (
            <Tag key={index} title={t("explain.range", { start: entity.start, end: entity.end })}>
              {entity.kind}: {formatValue(entity.value)}
            </Tag>
          ))}
        </Field>
      )}
      {trace.signs.length > 0 && (
        <Field label={t("explain.signs")}>
          {trace.signs.map((sign) => (
            <Tag key={sign}>{sign}</Tag>
          ))}
        </Field>
      )}
      {trace.evidence.length > 0 && (
        <Field label={t("explain.evidence")}>
          <ul>
            {trace.evidence.map((evidence, index) => (
              <li key={index}>
                <code>{evidence.source}</code> <span className="num">{evidence.score.toFixed(2)}</span>
                {evidence.note && ` ${evidence.note}`}
              </li>
            ))}
          </ul>
        </Field>
      )}
      {trace.decisions.length > 0 && (
        <Field label={t("explain.decisions")}>
          <ol className="decisions">
            {trace.decisions.map((decision, index) => (
              <li key={index}>
                <b>{decision.decision}</b> <span>{decision.because}</span>
              </li>
            ))}
          </ol>
        </Field>
      )}
      {trace.model_calls && trace.model_calls.length > 0 && (
        <Field label={t("explain.models")}>
          <ul>
            {trace.model_calls.map((call, index) => (
              <ModelCallLine key={index} call={call} />
            ))}
          </ul>
        </Field>
      )}
      {trace.stages.length > 0 && (
        <Field label={t("explain.stages")}>
          <Stages stages={trace.stages} />
        </Field>
      )}
      <Field label={t("explain.versions")}>
        <span className="quiet">
          {[["pack", trace.pack] as const, ...trace.versions].map(([name, version]) => `${name} ${version}`).join(" · ")}
        </span>
      </Field>
    </div>
  );
}

function ModelCallLine({ call }: { call: ModelCall }) {
  return (
    <li>
      <code>{call.model}</code> {call.prompt} <b>{call.outcome}</b>{" "}
      <span className="num">
        {call.took_ms} ms · {call.prompt_tokens} + {call.answer_tokens}
      </span>
      {call.dropped.map((dropped, index) => (
        <div key={index}>
          <Tag>{dropped.why}</Tag> <del>{dropped.text}</del>
        </div>
      ))}
    </li>
  );
}

function Field({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="trace-field">
      <h4>{label}</h4>
      <div>{children}</div>
    </div>
  );
}

/** One intent: its score as a bar, the parts of the score as shades of it. */
function IntentBar({ intent }: { intent: ScoredIntent }) {
  const t = useT();
  const width = `${Math.max(0, Math.min(1, intent.score)) * 100}%`;
  const parts = intent.parts.filter(([, value]) => value > 0);
  const sum = parts.reduce((total, [, value]) => total + value, 0);
  return (
    <li>
      <div className="bar-line">
        <code>{intent.intent}</code>
        <span className="num">{intent.score.toFixed(3)}</span>
      </div>
      <div className="bar-track" aria-hidden="true">
        <div className="bar-fill" style={{ width }}>
          {parts.map(([name, value], index) => (
            <i key={name} className={`shade-${index % 4}`} style={{ flexGrow: value / sum }} />
          ))}
        </div>
      </div>
      <p className="bar-note num">
        {intent.parts.map(([name, value]) => `${name} ${value.toFixed(3)}`).join(" + ")}
        {intent.nearest && ` · ${t("explain.nearest")}: ${intent.nearest}`}
      </p>
    </li>
  );
}

/** Stages end to end, so that the chart also shows when each began. */
function Stages({ stages }: { stages: Stage[] }) {
  const t = useT();
  const total = stages.reduce((sum, stage) => sum + stage.micros, 0);
  const ms = (micros: number) => (micros / 1000).toFixed(micros < 10_000 ? 2 : 1);
  let before = 0;
  return (
    <>
      <ul className="stages">
        {stages.map((stage, index) => {
          const left = total > 0 ? (before / total) * 100 : 0;
          const width = total > 0 ? (stage.micros / total) * 100 : 0;
          before += stage.micros;
          return (
            <li key={index}>
              <span>{stage.name}</span>
              <span className="stage-track" aria-hidden="true">
                <i style={{ marginLeft: `${left}%`, width: `${Math.max(width, 0.5)}%` }} />
              </span>
              <span className="num">{ms(stage.micros)} ms</span>
            </li>
          );
        })}
      </ul>
      <p className="quiet num">{t("explain.total", { ms: ms(total) })}</p>
    </>
  );
}
