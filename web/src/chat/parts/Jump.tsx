// A way to the bank's own page.

import type { JumpPart } from "../../api/types.ts";
import { useT } from "../../i18n/chat.tsx";
import { ExternalIcon } from "../../shared/icons.tsx";
import { usePartHost } from "../context.ts";
import { safeUrl } from "./model.ts";

export function Jump({ part }: { part: JumpPart }) {
  const t = useT();
  const { linkTarget } = usePartHost();
  const url = safeUrl(part.url, typeof window === "undefined" ? "https://invalid.example" : window.location.href);
  if (!url) return <p className="bubble said">{t("jump.blocked")}</p>;
  return (
    <a className="jump" href={url} target={linkTarget} rel="noopener noreferrer">
      <span className="jump-text">
        <b>{part.label}</b>
        <small>{new URL(url).host}</small>
      </span>
      <ExternalIcon />
      {linkTarget === "_blank" && <span className="sr">{t("jump.new")}</span>}
    </a>
  );
}
