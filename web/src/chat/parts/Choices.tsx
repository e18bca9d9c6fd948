// Pick one of a few. Live only in the newest turn: later the flow has moved on.

import { useState } from "react";
import type { ChoicesPart } from "../../api/types.ts";
import { useT } from "../../i18n/chat.tsx";
import { CheckIcon, RightIcon } from "../../shared/icons.tsx";
import { usePartHost } from "../context.ts";

export function Choices({ part, turn }: { part: ChoicesPart; turn: number }) {
  const t = useT();
  const { transcript, act, readOnly } = usePartHost();
  const [tapped, setTapped] = useState<string>();
  const chosen = transcript.chosenIn(turn, part.slot) ?? tapped;
  const live = !readOnly && chosen === undefined && turn === transcript.turn && transcript.status !== "closed";
  return (
    <div className="choices" role="group" aria-label={t("choices.label")}>
      {part.options.map((option) => (
        <button
          key={option.id}
          type="button"
          className={option.id === chosen ? "choice chosen" : "choice"}
          disabled={!live}
          onClick={() => {
            setTapped(option.id);
            void act({ action: "choose", slot: part.slot, id: option.id });
          }}
        >
          <span className="choice-text">
            <b>{option.label}</b>
            {option.detail && <small className="num">{option.detail}</small>}
          </span>
          {option.id === chosen ? (
            <>
              <span className="sr">{t("choices.chosen")}</span>
              <CheckIcon />
            </>
          ) : (
            <RightIcon />
          )}
        </button>
      ))}
    </div>
  );
}
