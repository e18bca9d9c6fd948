// Entry of the staff console: language, theme, query cache, session, pages.

import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { App as AntApp, ConfigProvider, type ThemeConfig } from "antd";
import enUS from "antd/locale/en_US";
import zhCN from "antd/locale/zh_CN";
import { StrictMode, useEffect, useMemo, useState } from "react";
import { createRoot } from "react-dom/client";
import { BrowserRouter } from "react-router";
import { ApiProblem } from "../api/client.ts";
import type { Locale } from "../api/types.ts";
import { LocaleContext } from "../i18n/chat.tsx";
import { htmlLang, initialLocale, rememberLocale } from "../i18n/core.ts";
import { speak } from "./api.ts";
import { SessionGate } from "./SessionGate.tsx";
import { deskWords, WordsContext } from "./words.tsx";
import "../shared/tokens.css";
import "./desk.css";

const RETRIES = 2;

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 2_000,
      // Only what may pass is worth a second try.
      retry: (count, error) => count < RETRIES && (!(error instanceof ApiProblem) || error.passing),
    },
    mutations: { retry: false },
  },
});

const theme: ThemeConfig = {
  token: {
    colorPrimary: "#14594a",
    colorLink: "#14594a",
    colorError: "#b3261e",
    colorText: "#16221e",
    colorTextSecondary: "#475650",
    colorTextTertiary: "#5f6f69",
    colorTextDescription: "#5f6f69",
    colorTextPlaceholder: "#5f6f69",
    colorBgLayout: "#f4f6f3",
    colorBorderSecondary: "#e4e9e6",
    borderRadius: 8,
    fontFamily: "inherit",
    fontSize: 14,
  },
};

function Console() {
  const [locale, setLocale] = useState<Locale>(() => initialLocale(window.location.search).locale);
  const words = useMemo(
    () => ({
      locale,
      t: deskWords(locale),
      setLocale: (next: Locale) => {
        rememberLocale(next);
        setLocale(next);
      },
    }),
    [locale],
  );
  speak(locale);
  useEffect(() => {
    document.documentElement.lang = htmlLang[locale];
    document.title = words.t("app.title");
  }, [locale, words]);
  return (
    <ConfigProvider locale={locale === "zh" ? zhCN : enUS} theme={theme} button={{ autoInsertSpace: false }}>
      <AntApp>
        <WordsContext value={words}>
          <LocaleContext value={locale}>
            <SessionGate />
          </LocaleContext>
        </WordsContext>
      </AntApp>
    </ConfigProvider>
  );
}

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <BrowserRouter basename="/desk">
          <Console />
        </BrowserRouter>
      </QueryClientProvider>
    </StrictMode>,
  );
}
