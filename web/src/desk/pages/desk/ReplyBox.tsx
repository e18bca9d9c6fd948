// The agent's reply. Enter sends, except while an input method is composing;
// what could not be sent stays in the box, with its client id, so that trying
// again cannot say it twice.

import { useMutation } from "@tanstack/react-query";
import { Alert, Button, Input } from "antd";
import { type KeyboardEvent, useRef, useState } from "react";
import { charCount, MESSAGE_MAX_CHARS } from "../../../api/limits.ts";
import { newClientId } from "../../../api/outbox.ts";
import { deskApi } from "../../api.ts";
import { useLive } from "../../LiveProvider.tsx";
import { problemText } from "../../problems.tsx";
import { useT } from "../../words.tsx";

/** Least time between two "typing" frames. */
const TYPING_EVERY_MS = 2_500;

export function ReplyBox({ conversation }: { conversation: string }) {
  const t = useT();
  const { live } = useLive();
  const [text, setText] = useState("");
  const clientId = useRef(newClientId());
  const typedAt = useRef(0);
  const over = charCount(text) - MESSAGE_MAX_CHARS;
  const send = useMutation({
    mutationFn: (said: string) => deskApi.reply(conversation, clientId.current, said),
    onSuccess: () => {
      setText("");
      clientId.current = newClientId();
    },
  });
  const ready = text.trim() !== "" && over <= 0 && !send.isPending;
  const submit = () => {
    if (ready) send.mutate(text.trim());
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    submit();
  };
  const onChange = (value: string) => {
    // Other words are another message.
    if (send.isError) {
      send.reset();
      clientId.current = newClientId();
    }
    setText(value);
    const now = Date.now();
    if (now - typedAt.current > TYPING_EVERY_MS) {
      typedAt.current = now;
      live.typing(conversation);
    }
  };
  return (
    <div className="reply">
      {send.isError && (
        <Alert type="error" showIcon title={t("reply.failed")} description={problemText(send.error, t)} />
      )}
      <div className="reply-line">
        <Input.TextArea
          value={text}
          autoSize={{ minRows: 2, maxRows: 8 }}
          aria-label={t("reply.label")}
          placeholder={t("reply.placeholder")}
          status={over > 0 ? "error" : ""}
          onChange={(event) => onChange(event.target.value)}
          onKeyDown={onKeyDown}
        />
        <Button type="primary" disabled={!ready} loading={send.isPending} onClick={submit}>
          {t("reply.send")}
        </Button>
      </div>
      {over > 0 && (
        <p className="reply-over" role="status">
          {t("reply.over", { count: over })}
        </p>
      )}
    </div>
  );
}
