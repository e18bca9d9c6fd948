// Past conversations of the signed-in customer; picking one goes on with it.

import { useEffect, useState } from "react";
import { publicApi } from "../api/client.ts";
import type { PastConversation } from "../api/types.ts";
import { useLocale, useT } from "../i18n/chat.tsx";
import { problemText } from "./problems.ts";
import { Sheet } from "./Sheet.tsx";

interface HistoryProps {
  handover: string;
  current: string | undefined;
  onPick(conversation: string): Promise<void>;
  onNew(): void;
  onClose(): void;
}

export function HistorySheet({ handover, current, onPick, onNew, onClose }: HistoryProps) {
  const t = useT();
  const locale = useLocale();
  const [past, setPast] = useState<PastConversation[]>();
  const [problem, setProblem] = useState<unknown>();
  useEffect(() => {
    publicApi.history(handover, locale).then(setPast, setProblem);
  }, [handover, locale]);

  const pick = (conversation: string) => {
    onPick(conversation).then(onClose, setProblem);
  };
  return (
    <Sheet title={t("history.title")} onClose={onClose}>
      <div className="history">
        {problem !== undefined && <p role="alert">{problemText(problem, t)}</p>}
        {past?.length === 0 && <p className="hint">{t("history.empty")}</p>}
        <ul>
          {past?.map((it) => (
            <li key={it.conversation}>
              <button type="button" disabled={it.conversation === current} onClick={() => pick(it.conversation)}>
                <span className="history-when num">
                  {new Date(it.opened_at_ms).toLocaleString(locale === "zh" ? "zh-CN" : "en-GB", {
                    dateStyle: "medium",
                    timeStyle: "short",
                  })}
                  <small>
                    {it.conversation === current ? t("history.current") : t(`history.status.${it.status}`)}
                  </small>
                </span>
                <span className="history-text">{it.last_text ?? "…"}</span>
              </button>
            </li>
          ))}
        </ul>
        <button
          type="button"
          className="btn primary"
          onClick={() => {
            onNew();
            onClose();
          }}
        >
          {t("history.new")}
        </button>
      </div>
    </Sheet>
  );
}
