// The server's coded problems, for staff.

import { Alert, Button } from "antd";
import { ApiProblem } from "../api/client.ts";
import { type T, useT } from "./words.tsx";

export function problemText(problem: unknown, t: T): string {
  if (!(problem instanceof ApiProblem)) return t("problem.unknown");
  if (problem.code === "offline") return t("problem.offline");
  return t("problem.what", { message: problem.message || t("problem.unknown"), code: problem.code });
}

export function Problem({ problem, onRetry }: { problem: unknown; onRetry?: () => void }) {
  const t = useT();
  return (
    <Alert
      type="error"
      showIcon
      title={t("problem.load")}
      description={problemText(problem, t)}
      action={onRetry && <Button onClick={onRetry}>{t("problem.retry")}</Button>}
    />
  );
}
