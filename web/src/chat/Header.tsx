// The top of the page: whose it is, that a machine answers, language, type size,
// and the way to a human, which is always here.

import type { Bank, ConversationStatus } from "../api/types.ts";
import { useLocale, useT } from "../i18n/chat.tsx";
import { CloseIcon, HeadsetIcon, HistoryIcon, Spruce } from "../shared/icons.tsx";

export interface HeaderProps {
  bank: Bank | undefined;
  elder: boolean;
  signedIn: boolean;
  embedded: boolean;
  status: ConversationStatus;
  onLocale(): void;
  onElder(): void;
  onHistory(): void;
  onHuman(): void;
  onClose(): void;
}

export function Header(props: HeaderProps) {
  const t = useT();
  const locale = useLocale();
  const { bank, elder } = props;
  const wantsHuman = props.status === "machine";
  return (
    <header className="top">
      <div className="top-row">
        <div className="brand">
          <Spruce />
          <h1>
            <span className="brand-name">{bank?.name[locale] ?? "\u00a0"}</span>
            <span className="brand-ai">
              <b>{t("log.ai")}</b>
              {t("header.assistant")}
            </span>
          </h1>
        </div>
        <nav className="tools" aria-label={t("header.assistant")}>
          <button
            type="button"
            className="tool"
            onClick={props.onLocale}
            aria-label={t("header.locale")}
            lang={locale === "zh" ? "en" : "zh-CN"}
          >
            {locale === "zh" ? "EN" : "中文"}
          </button>
          <button
            type="button"
            className="tool"
            onClick={props.onElder}
            aria-pressed={elder}
            aria-label={t(elder ? "header.elder.off" : "header.elder.on")}
          >
            <span aria-hidden="true">{elder ? t("header.standard") : locale === "zh" ? "大字" : "A+"}</span>
          </button>
          {props.signedIn && (
            <button type="button" className="tool icon" onClick={props.onHistory} aria-label={t("header.history")}>
              <HistoryIcon />
            </button>
          )}
          {wantsHuman && !elder && (
            <button type="button" className="tool human" onClick={props.onHuman}>
              <HeadsetIcon />
              {t("header.human")}
            </button>
          )}
          {props.embedded && (
            <button type="button" className="tool icon" onClick={props.onClose} aria-label={t("header.close")}>
              <CloseIcon />
            </button>
          )}
        </nav>
      </div>
      {wantsHuman && elder && (
        <button type="button" className="human-wide" onClick={props.onHuman}>
          <HeadsetIcon />
          {t("header.human.long")}
        </button>
      )}
    </header>
  );
}
