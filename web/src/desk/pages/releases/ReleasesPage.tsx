// Operations held for four eyes: what will be done, who agreed so far, and a
// reason from each who decides.

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Card, Descriptions, Empty, Form, Input, Modal, Skeleton } from "antd";
import { useState } from "react";
import type { Release } from "../../../api/types.ts";
import { summaryRows } from "../../../shared/values.ts";
import { deskApi } from "../../api.ts";
import { Problem, problemText } from "../../problems.tsx";
import { dateTimeOf, type T, useT, useWords } from "../../words.tsx";

const REFRESH_MS = 10_000;
const REASON_MAX_CHARS = 500;

type Decision = "approve" | "decline";

export default function ReleasesPage() {
  const t = useT();
  const [deciding, setDeciding] = useState<{ release: Release; decision: Decision }>();
  const releases = useQuery({
    queryKey: ["releases"],
    queryFn: ({ signal }) => deskApi.releases(signal),
    refetchInterval: REFRESH_MS,
  });
  return (
    <div className="page-body narrow">
      <h1>{t("release.title")}</h1>
      <p className="quiet">{t("release.rule")}</p>
      {releases.error && <Problem problem={releases.error} onRetry={() => void releases.refetch()} />}
      {releases.isPending && <Skeleton active />}
      {releases.data?.length === 0 && <Empty description={t("release.empty")} />}
      <ul className="releases">
        {releases.data?.map((release) => (
          <li key={release.release}>
            <ReleaseCard release={release} onDecide={(decision) => setDeciding({ release, decision })} />
          </li>
        ))}
      </ul>
      {deciding && <DecideForm {...deciding} onDone={() => setDeciding(undefined)} />}
    </div>
  );
}

function ReleaseCard({ release, onDecide }: { release: Release; onDecide(decision: Decision): void }) {
  const { t, locale } = useWords();
  return (
    <Card
      title={release.operation}
      extra={
        <span className="quiet num">
          {t("release.requested", { time: dateTimeOf(release.requested_at_ms, locale) })}
        </span>
      }
    >
      <Descriptions
        column={{ xs: 1, sm: 2 }}
        size="small"
        items={summaryRows(release.summary).map((row, index) => ({
          key: index,
          label: row.label,
          children: row.strong ? <b className="num">{row.value}</b> : <span className="num">{row.value}</span>,
        }))}
      />
      <div className="release-foot">
        <p>
          {release.requested_by && <>{t("release.by", { name: release.requested_by })} · </>}
          {firstWords(release, t)}
        </p>
        <div className="end-buttons">
          <Button onClick={() => onDecide("decline")} danger>
            {t("release.decline")}
          </Button>
          <Button type="primary" onClick={() => onDecide("approve")}>
            {t("release.approve")}
          </Button>
        </div>
      </div>
    </Card>
  );
}

function firstWords({ first_approval }: Release, t: T): string {
  if (!first_approval) return t("release.none");
  return t("release.first", { name: typeof first_approval === "string" ? first_approval : first_approval.by });
}

function DecideForm({ release, decision, onDone }: { release: Release; decision: Decision; onDone(): void }) {
  const t = useT();
  const client = useQueryClient();
  const { message } = App.useApp();
  const [form] = Form.useForm<{ reason: string }>();
  const decide = useMutation({
    mutationFn: ({ reason }: { reason: string }) => deskApi.decide(release.release, decision, reason.trim()),
    onSuccess: () => {
      void message.success(t(`release.done.${decision}`));
      onDone();
    },
    onError: (error) => void message.error(problemText(error, t)),
    onSettled: () => client.invalidateQueries({ queryKey: ["releases"] }),
  });
  return (
    <Modal
      open
      title={t(`release.${decision}.title`, { operation: release.operation })}
      okText={t(`release.${decision}`)}
      cancelText={t("form.cancel")}
      okButtonProps={{ danger: decision === "decline" }}
      confirmLoading={decide.isPending}
      onOk={() => form.submit()}
      onCancel={onDone}
    >
      <Form form={form} layout="vertical" requiredMark={false} onFinish={(values) => decide.mutate(values)}>
        <Form.Item
          name="reason"
          label={t("release.reason")}
          rules={[{ required: true, whitespace: true, message: t("form.required") }]}
        >
          <Input.TextArea autoFocus rows={3} maxLength={REASON_MAX_CHARS} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
