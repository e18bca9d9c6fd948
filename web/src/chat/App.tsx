// The customer page: header, log, text box, and the sheets over them.

import { useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { publicApi } from "../api/client.ts";
import type { Bank, Locale, QuickReply } from "../api/types.ts";
import { chatWords, LocaleContext, useT } from "../i18n/chat.tsx";
import { htmlLang, rememberLocale } from "../i18n/core.ts";
import { ArticleSheet, type ArticleRef } from "./ArticleSheet.tsx";
import { Composer } from "./Composer.tsx";
import { type PartHost, PartHostContext } from "./context.ts";
import type { ChatController, Snapshot } from "./controller.ts";
import { Header } from "./Header.tsx";
import { HistorySheet } from "./HistorySheet.tsx";
import { Home } from "./Home.tsx";
import { Log } from "./Log.tsx";
import { problemAdvice, problemText } from "./problems.ts";
import { StatusStrip } from "./StatusStrip.tsx";
import { useElder } from "./elder.ts";

interface AppProps {
  controller: ChatController;
  locale: Locale;
  embedded: boolean;
  handover: () => string | undefined;
  onClose(): void;
}

export function App({ controller, locale: firstLocale, embedded, handover, onClose }: AppProps) {
  const snapshot = useSyncExternalStore(controller.subscribe, controller.getSnapshot);
  const [locale, setLocale] = useState(firstLocale);
  const [article, setArticle] = useState<ArticleRef>();
  const [history, setHistory] = useState(false);
  const bank = useBank();
  const { transcript, session } = snapshot;
  const [elder, toggleElder] = useElder(session?.customer?.elder);
  const t = chatWords(locale);

  useEffect(() => {
    document.documentElement.lang = htmlLang[locale];
    document.title = bank ? `${bank.name[locale]} ${t("header.assistant")}` : t("header.assistant");
  });

  useEffect(() => controller.onLocale(setLocale), [controller]);

  const changeLocale = () => {
    const next: Locale = locale === "zh" ? "en" : "zh";
    rememberLocale(next);
    setLocale(next);
    controller.setLocale(next);
  };

  const host = useMemo<PartHost>(
    () => ({
      transcript,
      readOnly: false,
      act: (action) => controller.act(action),
      submitOtp: (challenge, code) => controller.submitOtp(challenge, code),
      openArticle: (id, version) => setArticle({ article: id, version }),
      linkTarget: embedded ? "_blank" : "_self",
    }),
    // The transcript changes inside; its version makes the cards look again.
    [transcript, snapshot.version, controller, embedded],
  );

  return (
    <LocaleContext value={locale}>
      <PartHostContext value={host}>
        <div className="page">
          <Header
            bank={bank}
            elder={elder}
            signedIn={controller.signedIn}
            embedded={embedded}
            status={transcript.status}
            onLocale={changeLocale}
            onElder={toggleElder}
            onHistory={() => setHistory(true)}
            onHuman={() => void controller.act({ action: "ask_human" })}
            onClose={onClose}
          />
          <StatusStrip snapshot={snapshot} bank={bank} />
          <Log
            bank={bank}
            transcript={transcript}
            version={snapshot.version}
            outbox={snapshot.outbox}
            busy={snapshot.busy}
            agentTyping={snapshot.agentTyping}
            home={
              bank && (
                <Home
                  bank={bank}
                  customer={session?.customer}
                  elder={elder}
                  onSend={(text) => void controller.sendText(text)}
                />
              )
            }
            tail={<Refused snapshot={snapshot} controller={controller} bank={bank} />}
            onRetry={(id) => controller.retry(id)}
            onDiscard={(id) => controller.discard(id)}
          />
          <Composer
            agent={transcript.agent}
            closed={transcript.status === "closed"}
            quickReplies={liveQuickReplies(snapshot)}
            onSend={(text) => controller.sendText(text)}
            onTyping={() => transcript.status === "agent" && controller.typing()}
            onNew={() => controller.startNew()}
          />
        </div>
        {article && <ArticleSheet {...article} onClose={() => setArticle(undefined)} />}
        {history && (
          <HistorySheet
            handover={handover() ?? ""}
            current={session?.conversation}
            onPick={(id) => controller.resume(id)}
            onNew={() => controller.startNew()}
            onClose={() => setHistory(false)}
          />
        )}
      </PartHostContext>
    </LocaleContext>
  );
}

/** Quick replies belong to the last thing said, if the machine said it. */
function liveQuickReplies({ transcript, outbox }: Snapshot): QuickReply[] {
  const last = transcript.items.at(-1);
  if (last?.kind !== "machine" || outbox.length > 0) return [];
  return last.quick_replies;
}

function Refused({ snapshot, controller, bank }: { snapshot: Snapshot; controller: ChatController; bank: Bank | undefined }) {
  const t = useT();
  if (snapshot.phase.phase !== "refused") return null;
  const { problem } = snapshot.phase;
  return (
    <section className="card card-warning refused" role="alert">
      <h3>{t("problem.open")}</h3>
      <p>{problemText(problem, t)}</p>
      <p>
        {t(problemAdvice(problem), { hotline: bank?.hotline ?? "" })}{" "}
        {bank && problemAdvice(problem) !== "problem.todo.call" && t("problem.todo.call", { hotline: bank.hotline })}
      </p>
      <div className="confirm-buttons">
        {problem.code === "handover_invalid" ? (
          <button type="button" className="btn primary" onClick={() => controller.continueAsVisitor()}>
            {t("problem.anonymous")}
          </button>
        ) : (
          <button type="button" className="btn primary" onClick={() => controller.reopen()}>
            {t("problem.retry")}
          </button>
        )}
      </div>
    </section>
  );
}

function useBank(): Bank | undefined {
  const [bank, setBank] = useState<Bank>();
  useEffect(() => {
    let wanted = true;
    let timer: ReturnType<typeof setTimeout>;
    const load = (wait_ms: number) => {
      publicApi.bank().then(
        (it) => wanted && setBank(it),
        () => {
          if (wanted) timer = setTimeout(load, wait_ms, Math.min(wait_ms * 2, 30_000));
        },
      );
    };
    load(1_000);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, []);
  return bank;
}
