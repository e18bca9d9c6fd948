// A customer's phone, for the demo: the text messages the bank sent, the code
// large enough to read across a desk.

import { useEffect, useRef, useState } from "react";
import { createRoot } from "react-dom/client";
import { demoApi } from "../api/client.ts";
import type { DemoCustomer, Locale, Phone } from "../api/types.ts";
import { clockTime } from "../chat/context.ts";
import { problemText } from "../chat/problems.ts";
import { chatWords } from "../i18n/chat.tsx";
import { htmlLang, initialLocale } from "../i18n/core.ts";
import { Spruce } from "../shared/icons.tsx";
import { codeIn } from "./code.ts";
import "../shared/tokens.css";
import "./phone.css";

const POLL_MS = 1_500;

function PhonePage() {
  const [locale] = useState<Locale>(() => initialLocale(window.location.search).locale);
  const [customers, setCustomers] = useState<DemoCustomer[]>();
  const [customer, setCustomer] = useState(() => new URLSearchParams(window.location.search).get("customer") ?? "");
  const { phone, problem } = usePhone(customer);
  const messages = (phone?.messages ?? []).toSorted((a, b) => a.at_ms - b.at_ms);
  const t = chatWords(locale);
  const end = useRef<HTMLDivElement>(null);

  useEffect(() => {
    demoApi.customers(locale).then(setCustomers, () => undefined);
    document.documentElement.lang = htmlLang[locale];
    document.title = t("phone.title");
  }, [locale]);
  useEffect(() => {
    end.current?.scrollIntoView({ block: "end" });
  }, [messages.length]);

  const choose = (id: string) => {
    setCustomer(id);
    window.history.replaceState(null, "", `/phone?customer=${encodeURIComponent(id)}`);
  };
  return (
    <div className="phone-desk">
      <label className="phone-pick">
        <span>{t("demo.customers")}</span>
        <select value={customer} onChange={(event) => choose(event.target.value)}>
          <option value="">{t("phone.pick")}</option>
          {customers?.map((it) => (
            <option key={it.id} value={it.id}>
              {it.name}
            </option>
          ))}
        </select>
      </label>
      <div className="phone">
        <header>
          <Spruce size={40} />
          <h1>{t("phone.sender")}</h1>
          {phone?.token_code && (
            <p className="phone-token">
              {t("phone.token")}
              <output className="num" aria-label={t("phone.token")}>
                {phone.token_code}
              </output>
            </p>
          )}
        </header>
        <main>
          {problem !== undefined && <p role="alert">{problemText(problem, t)}</p>}
          {messages.length === 0 && <p className="phone-empty">{customer ? t("phone.empty") : t("phone.pick")}</p>}
          <ol role="log" aria-label={t("phone.messages")}>
            {messages.map((message) => (
              <li key={`${message.at_ms}/${message.text}`}>
                <time className="num" dateTime={new Date(message.at_ms).toISOString()}>
                  {clockTime(message.at_ms, locale)}
                </time>
                <Sms text={message.text} locale={locale} />
              </li>
            ))}
          </ol>
          <div ref={end} />
        </main>
      </div>
    </div>
  );
}

function Sms({ text, locale }: { text: string; locale: Locale }) {
  const t = chatWords(locale);
  const code = codeIn(text);
  const [copied, setCopied] = useState(false);
  return (
    <div className="sms">
      <p>{text}</p>
      {code && (
        <div className="sms-code">
          <output className="num" aria-label={t("phone.code")}>
            {code}
          </output>
          <button
            type="button"
            onClick={() => {
              navigator.clipboard?.writeText(code).then(
                () => setCopied(true),
                () => undefined,
              );
            }}
          >
            {copied ? t("phone.copied") : t("phone.copy")}
          </button>
        </div>
      )}
    </div>
  );
}

function usePhone(customer: string): { phone: Phone | undefined; problem: unknown } {
  const [phone, setPhone] = useState<Phone>();
  const [problem, setProblem] = useState<unknown>();
  useEffect(() => {
    setPhone(undefined);
    setProblem(undefined);
    if (!customer) return;
    let wanted = true;
    let timer: ReturnType<typeof setTimeout>;
    const look = () => {
      demoApi
        .phone(customer)
        .then(
          (it) => {
            if (!wanted) return;
            setProblem(undefined);
            setPhone(it);
          },
          (error: unknown) => wanted && setProblem(error),
        )
        .finally(() => {
          if (wanted) timer = setTimeout(look, POLL_MS);
        });
    };
    look();
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [customer]);
  return { phone, problem };
}

const root = document.getElementById("root");
if (root) createRoot(root).render(<PhonePage />);
