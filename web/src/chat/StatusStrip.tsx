// One line under the header: no network, in the queue, with an agent, on a
// partner's page. Nothing when all is as usual.

import { useEffect, useState } from "react";
import type { Bank } from "../api/types.ts";
import { useLocale, useT } from "../i18n/chat.tsx";
import { HeadsetIcon, InfoIcon, WarnIcon } from "../shared/icons.tsx";
import type { Snapshot } from "./controller.ts";

/** A reconnection shorter than this is not worth a word. */
const RECONNECT_SHOWN_MS = 4_000;

export function StatusStrip({ snapshot, bank }: { snapshot: Snapshot; bank: Bank | undefined }) {
  const t = useT();
  const locale = useLocale();
  const { transcript, stream, phase } = snapshot;
  const slow = useSlow(phase.phase === "ready" && stream === "connecting");
  if (phase.phase === "ready" && stream === "offline") {
    return (
      <p className="strip strip-bad" role="status">
        <WarnIcon />
        {t("net.offline")}
      </p>
    );
  }
  if (slow) {
    return (
      <p className="strip" role="status">
        {t("net.connecting")}
      </p>
    );
  }
  if (transcript.status === "agent") {
    return (
      <p className="strip strip-agent" role="status">
        <HeadsetIcon />
        {t("status.agent", { name: transcript.agent ?? "" })}
      </p>
    );
  }
  if (transcript.status === "queued") {
    const ahead = (transcript.queue?.position ?? 1) - 1;
    return (
      <p className="strip strip-queue num" role="status">
        <HeadsetIcon />
        {ahead > 0 ? t("status.queued", { ahead }) : t("status.queued.next")}
      </p>
    );
  }
  if (transcript.ownership === "third_party") {
    return (
      <p className="strip">
        <InfoIcon />
        {t("notice.third_party", { bank: bank?.name[locale] ?? "" })}
      </p>
    );
  }
  return null;
}

function useSlow(connecting: boolean): boolean {
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    setSlow(false);
    if (!connecting) return;
    const timer = setTimeout(() => setSlow(true), RECONNECT_SHOWN_MS);
    return () => clearTimeout(timer);
  }, [connecting]);
  return slow;
}
