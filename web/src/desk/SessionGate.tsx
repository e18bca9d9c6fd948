// Nothing of the console without a session: sign in first.

import { type QueryClient, useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Form, Input, Spin } from "antd";
import { useState } from "react";
import { ApiProblem } from "../api/client.ts";
import type { StaffSession } from "../api/types.ts";
import { Spruce } from "../shared/icons.tsx";
import { deskApi } from "./api.ts";
import { LiveProvider } from "./LiveProvider.tsx";
import { Problem, problemText } from "./problems.tsx";
import { Shell } from "./Shell.tsx";
import { useWords } from "./words.tsx";

/** How often the session is looked at, so that an expired one is noticed. */
const SESSION_CHECK_MS = 60_000;

export function SessionGate() {
  const { t } = useWords();
  const client = useQueryClient();
  const session = useQuery({
    queryKey: ["session"],
    queryFn: deskApi.session,
    refetchInterval: SESSION_CHECK_MS,
    staleTime: SESSION_CHECK_MS,
  });
  const signedOut = session.error instanceof ApiProblem && session.error.status === 401;
  if (signedOut) {
    return (
      <SignIn
        onDone={(got) => {
          forgetAllBut(client, "session");
          client.setQueryData(["session"], got);
        }}
      />
    );
  }
  if (session.data) {
    return (
      <LiveProvider>
        <Shell
          session={session.data}
          onSignOut={async () => {
            await deskApi.signOut();
            forgetAllBut(client, "session");
            await client.resetQueries({ queryKey: ["session"] });
          }}
        />
      </LiveProvider>
    );
  }
  return (
    <main className="gate">
      {session.error ? (
        <Problem problem={session.error} onRetry={() => void session.refetch()} />
      ) : (
        <Spin size="large" description={t("app.loading")} />
      )}
    </main>
  );
}

/** What one person saw is not kept for the next. */
function forgetAllBut(client: QueryClient, kept: string): void {
  client.removeQueries({ predicate: (query) => query.queryKey[0] !== kept });
}

function SignIn({ onDone }: { onDone(session: StaffSession): void }) {
  const { t, locale, setLocale } = useWords();
  const [problem, setProblem] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const submit = async ({ user, password }: { user: string; password: string }) => {
    setBusy(true);
    setProblem(undefined);
    try {
      onDone(await deskApi.signIn(user.trim(), password));
    } catch (error) {
      setProblem(error);
      setBusy(false);
    }
  };
  return (
    <main className="gate">
      <section className="sign-in">
        <div className="sign-in-head">
          <Spruce size={44} />
          <Button
            type="text"
            aria-label={t("app.locale.label")}
            onClick={() => setLocale(locale === "zh" ? "en" : "zh")}
          >
            {t("app.locale")}
          </Button>
        </div>
        <h1>{t("signin.title")}</h1>
        <Form layout="vertical" requiredMark={false} onFinish={submit} size="large">
          <Form.Item name="user" label={t("signin.user")} rules={[{ required: true, message: t("form.required") }]}>
            <Input autoComplete="username" autoFocus />
          </Form.Item>
          <Form.Item
            name="password"
            label={t("signin.password")}
            rules={[{ required: true, message: t("form.required") }]}
          >
            <Input.Password autoComplete="current-password" />
          </Form.Item>
          {problem !== undefined && (
            <Alert className="sign-in-problem" type="error" showIcon title={problemText(problem, t)} />
          )}
          <Button type="primary" htmlType="submit" block loading={busy}>
            {t("signin.submit")}
          </Button>
        </Form>
        <p className="quiet">{t("signin.demo")}</p>
      </section>
    </main>
  );
}
