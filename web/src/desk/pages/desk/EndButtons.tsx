// Two ways to let a conversation go: back to the machine with a note, or closed
// with a reason.

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { App, AutoComplete, Button, Form, Input, Modal } from "antd";
import { useState } from "react";
import { deskApi } from "../../api.ts";
import { problemText } from "../../problems.tsx";
import { useT } from "../../words.tsx";

const NOTE_MAX_CHARS = 500;

export function EndButtons({ conversation }: { conversation: string }) {
  const t = useT();
  const [open, setOpen] = useState<"handback" | "close">();
  return (
    <div className="end-buttons">
      <Button onClick={() => setOpen("handback")}>{t("handback.open")}</Button>
      <Button danger onClick={() => setOpen("close")}>
        {t("close.open")}
      </Button>
      {open && <EndForm key={open} kind={open} conversation={conversation} onDone={() => setOpen(undefined)} />}
    </div>
  );
}

interface EndFormProps {
  kind: "handback" | "close";
  conversation: string;
  onDone(): void;
}

function EndForm({ kind, conversation, onDone }: EndFormProps) {
  const t = useT();
  const client = useQueryClient();
  const { message } = App.useApp();
  const [form] = Form.useForm<{ words: string }>();
  const end = useMutation({
    mutationFn: ({ words }: { words: string }) =>
      kind === "handback" ? deskApi.handBack(conversation, words.trim()) : deskApi.close(conversation, words.trim()),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ["conversation", conversation] });
      void client.invalidateQueries({ queryKey: ["mine"] });
      onDone();
    },
    onError: (error) => void message.error(problemText(error, t)),
  });
  const label = kind === "handback" ? t("handback.note") : t("close.reason");
  return (
    <Modal
      open
      title={t(`${kind}.title`)}
      okText={t(`${kind}.submit`)}
      cancelText={t("form.cancel")}
      okButtonProps={{ danger: kind === "close" }}
      confirmLoading={end.isPending}
      onOk={() => form.submit()}
      onCancel={onDone}
    >
      <Form form={form} layout="vertical" requiredMark={false} onFinish={(values) => end.mutate(values)}>
        <Form.Item name="words" label={label} rules={[{ required: true, whitespace: true, message: t("form.required") }]}>
          {kind === "handback" ? (
            <Input.TextArea autoFocus rows={3} maxLength={NOTE_MAX_CHARS} />
          ) : (
            <AutoComplete
              autoFocus
              maxLength={NOTE_MAX_CHARS}
              options={(["close.resolved", "close.left", "close.other_channel"] as const).map((key) => ({
                value: t(key),
              }))}
            />
          )}
        </Form.Item>
      </Form>
    </Modal>
  );
}
