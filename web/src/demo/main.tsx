// The demo's front door: play the bank's signed-in app for one of its invented
// customers, or come as a visitor.

import { useEffect, useState } from "react";
import { createRoot } from "react-dom/client";
import { demoApi } from "../api/client.ts";
import type { DemoCustomer, Locale } from "../api/types.ts";
import { problemText } from "../chat/problems.ts";
import { chatWords, LocaleContext } from "../i18n/chat.tsx";
import { htmlLang, initialLocale, rememberLocale } from "../i18n/core.ts";
import { DeskIcon, PersonIcon, PhoneIcon, RightIcon, Spruce } from "../shared/icons.tsx";
import "../shared/tokens.css";
import "./demo.css";

function DemoPage() {
  const [locale, setLocale] = useState<Locale>(() => initialLocale(window.location.search).locale);
  const [customers, setCustomers] = useState<DemoCustomer[]>();
  const [wanted, setWanted] = useState("");
  const [problem, setProblem] = useState<unknown>();
  const t = chatWords(locale);

  useEffect(() => {
    demoApi.customers(locale).then(setCustomers, setProblem);
  }, [locale]);
  useEffect(() => {
    document.documentElement.lang = htmlLang[locale];
    document.title = t("demo.title");
  });

  const enter = (customer: string) => {
    demoApi.signIn(customer).then(
      ({ handover }) => window.location.assign(`/?handover=${encodeURIComponent(handover)}`),
      setProblem,
    );
  };
  const shown = customers?.filter((it) => `${it.name} ${it.note}`.toLowerCase().includes(wanted.trim().toLowerCase()));

  return (
    <LocaleContext value={locale}>
      <div className="demo">
        <header>
          <Spruce size={44} />
          <h1>{t("demo.title")}</h1>
          <button
            type="button"
            aria-label={t("header.locale")}
            onClick={() => {
              const next = locale === "zh" ? "en" : "zh";
              rememberLocale(next);
              setLocale(next);
            }}
          >
            {locale === "zh" ? "EN" : "中文"}
          </button>
        </header>
        <p className="intro">{t("demo.intro")}</p>
        <nav className="doors" aria-label={t("demo.title")}>
          <a href="/">
            <PersonIcon />
            <span>
              <b>{t("demo.anonymous")}</b>
              <small>{t("demo.anonymous.note")}</small>
            </span>
          </a>
          <a href="/phone" target="teller-phone">
            <PhoneIcon />
            <span>
              <b>{t("demo.phone")}</b>
              <small>{t("demo.phone.note")}</small>
            </span>
          </a>
          <a href="/desk" target="teller-desk">
            <DeskIcon />
            <span>
              <b>{t("demo.desk")}</b>
              <small>{t("demo.desk.note")}</small>
            </span>
          </a>
        </nav>
        <main>
          <div className="demo-head">
            <h2>{t("demo.customers")}</h2>
            {customers && (
              <input
                type="search"
                value={wanted}
                placeholder={t("demo.search")}
                aria-label={t("demo.search")}
                onChange={(event) => setWanted(event.target.value)}
              />
            )}
          </div>
          {problem !== undefined && (
            <p className="demo-problem" role="alert">
              {(problem as { code?: string }).code === "not_found" ? t("demo.off") : problemText(problem, t)}
            </p>
          )}
          {shown?.length === 0 && <p className="intro">{t("demo.none")}</p>}
          <ul className="people">
            {shown?.map((it) => (
              <li key={it.id}>
                <button type="button" onClick={() => enter(it.id)} aria-label={`${it.name}, ${t("demo.enter")}`}>
                  <span className="initial" aria-hidden="true">
                    {it.name.slice(0, 1)}
                  </span>
                  <span className="who">
                    <b>
                      {it.name}
                      {it.elder && <em>{t("demo.elder")}</em>}
                    </b>
                    <small>{it.note}</small>
                  </span>
                  <RightIcon />
                </button>
                <a
                  href={`/phone?customer=${encodeURIComponent(it.id)}`}
                  target="teller-phone"
                  aria-label={`${it.name}, ${t("demo.phone")}`}
                  title={t("demo.phone")}
                >
                  <PhoneIcon />
                </a>
              </li>
            ))}
          </ul>
        </main>
      </div>
    </LocaleContext>
  );
}

const root = document.getElementById("root");
if (root) createRoot(root).render(<DemoPage />);
