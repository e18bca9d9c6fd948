// The text box. Enter sends, except while an input method is composing.

import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { charCount, MESSAGE_MAX_CHARS } from "../api/limits.ts";
import type { QuickReply } from "../api/types.ts";
import { useT } from "../i18n/chat.tsx";
import { SendIcon } from "../shared/icons.tsx";

/** The count is shown when fewer characters than this are left. */
const COUNT_SHOWN_BELOW = 200;
const MAX_HEIGHT_PX = 160;

interface ComposerProps {
  agent: string | undefined;
  closed: boolean;
  quickReplies: QuickReply[];
  /** Resolves to false when it could not be taken; the text is then kept. */
  onSend(text: string): Promise<boolean>;
  onTyping(): void;
  onNew(): void;
}

export function Composer({ agent, closed, quickReplies, onSend, onTyping, onNew }: ComposerProps) {
  const t = useT();
  const [text, setText] = useState("");
  const box = useRef<HTMLTextAreaElement>(null);
  const left = MESSAGE_MAX_CHARS - charCount(text);
  const ready = text.trim() !== "" && left >= 0;

  useEffect(() => {
    const element = box.current;
    if (!element) return;
    element.style.height = "";
    // One line has its natural height, also after the type size changed.
    if (element.scrollHeight > element.clientHeight) {
      element.style.height = `${Math.min(element.scrollHeight, MAX_HEIGHT_PX)}px`;
    }
  }, [text]);

  const send = async () => {
    if (!ready) return;
    const said = text.trim();
    setText("");
    box.current?.focus();
    if (!(await onSend(said))) setText((now) => now || said);
  };

  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    // 229 is what Safari reports for the Enter that ends a composition.
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    void send();
  };

  if (closed) {
    return (
      <footer className="composer">
        <div className="column closed">
          <span>{t("compose.closed")}</span>
          <button type="button" className="btn primary" onClick={onNew}>
            {t("compose.new")}
          </button>
        </div>
      </footer>
    );
  }
  return (
    <footer className="composer">
      <div className="column">
        {quickReplies.length > 0 && (
          <ul className="quick" aria-label={t("compose.quick")}>
            {quickReplies.map((reply) => (
              <li key={reply.send}>
                <button type="button" onClick={() => void onSend(reply.send)}>
                  {reply.label}
                </button>
              </li>
            ))}
          </ul>
        )}
        <form
          className="compose"
          onSubmit={(event) => {
            event.preventDefault();
            void send();
          }}
        >
          <textarea
            ref={box}
            rows={1}
            value={text}
            aria-label={t("compose.label")}
            aria-invalid={left < 0}
            aria-keyshortcuts="Enter"
            placeholder={agent ? t("compose.placeholder.agent", { name: agent }) : t("compose.placeholder")}
            enterKeyHint="send"
            onChange={(event) => {
              setText(event.target.value);
              onTyping();
            }}
            onKeyDown={onKeyDown}
          />
          <button type="submit" className="send" disabled={!ready} aria-label={t("compose.send")}>
            <SendIcon />
          </button>
        </form>
        {left < COUNT_SHOWN_BELOW && (
          <p className={left < 0 ? "count bad num" : "count num"} role="status">
            {left < 0 ? t("compose.over", { count: -left }) : t("compose.left", { count: left })}
          </p>
        )}
      </div>
    </footer>
  );
}
