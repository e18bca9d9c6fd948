// Entry of the one-time password, outside the chat text.
//
// Invariants: the code lives in this component's state only, and is dropped as
// soon as it was sent; it never becomes a message.

import { type FormEvent, useEffect, useId, useRef, useState } from "react";
import { ApiProblem } from "../../api/client.ts";
import { OTP_DIGITS, OTP_RESEND_MS } from "../../api/limits.ts";
import type { OtpPart } from "../../api/types.ts";
import { useT } from "../../i18n/chat.tsx";
import { CheckIcon, ShieldIcon } from "../../shared/icons.tsx";
import { useNow, usePartHost } from "../context.ts";
import { cleanCode, otpStatus, secondsLeft } from "./model.ts";
import { problemText } from "../problems.ts";

/** How long a submitted code may stay without an answer before it can be sent again. */
const ANSWER_WAIT_MS = 8_000;

export function Otp({ part, seq }: { part: OtpPart; seq: number }) {
  const t = useT();
  const titleId = useId();
  const hintId = useId();
  const { transcript, readOnly } = usePartHost();
  const state = transcript.challenges.get(part.challenge);
  const now = useNow(state !== undefined && !state.outcome);
  const token = part.factor === "token";
  const status = otpStatus(state, seq, part.expires_at_ms, now);
  return (
    <section className={`card otp${status === "open" ? "" : " over"}`} aria-labelledby={titleId}>
      <header className="card-head">
        <span className="card-icon">{status === "passed" ? <CheckIcon /> : <ShieldIcon />}</span>
        <h3 id={titleId}>{t(token ? "otp.title.token" : "otp.title")}</h3>
      </header>
      <p className="otp-for">{t("otp.for", { what: part.authorises })}</p>
      <p className="otp-sent num">{token ? t("otp.from.token") : t("otp.sent", { to: part.sent_to })}</p>
      {status === "open" && !readOnly && (
        <Entry
          part={part}
          fails={state?.fails ?? 0}
          since={state?.issued_at_ms ?? 0}
          now={now}
          hintId={hintId}
        />
      )}
      {status !== "open" && (
        <p className={`outcome outcome-${status}`} role="status">
          {t(`otp.${status}`)}
        </p>
      )}
      {(status === "expired" || status === "void") && !token && !readOnly && state?.seq === seq && (
        <Resend challenge={part.challenge} since={state.issued_at_ms} now={now} />
      )}
      {status === "open" && (
        <p className="hint" id={hintId}>
          {t(token ? "otp.safe.token" : "otp.safe")}
        </p>
      )}
    </section>
  );
}

interface EntryProps {
  part: OtpPart;
  fails: number;
  since: number;
  now: number;
  hintId: string;
}

function Entry({ part, fails, since, now, hintId }: EntryProps) {
  const t = useT();
  const { submitOtp } = usePartHost();
  const token = part.factor === "token";
  const [code, setCode] = useState("");
  const [sending, setSending] = useState(false);
  const [problem, setProblem] = useState<string>();
  const input = useRef<HTMLInputElement>(null);

  useEffect(() => {
    // The customer asked for this step; go there unless they are typing.
    const active = document.activeElement;
    if (active === document.body || (active instanceof HTMLTextAreaElement && active.value === "")) {
      input.current?.focus({ preventScroll: true });
    }
  }, []);
  useEffect(() => {
    if (fails === 0) return;
    setSending(false);
    setProblem(t("otp.wrong"));
    input.current?.focus({ preventScroll: true });
    // Only a new failure matters, not a change of language.
  }, [fails]);
  useEffect(() => {
    if (!sending) return;
    const timer = setTimeout(() => setSending(false), ANSWER_WAIT_MS);
    return () => clearTimeout(timer);
  }, [sending]);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (code.length !== OTP_DIGITS || sending) return;
    setSending(true);
    setProblem(undefined);
    setCode("");
    submitOtp(part.challenge, code).catch((error: unknown) => {
      setSending(false);
      setProblem(error instanceof ApiProblem && error.code === "otp_wrong" ? t("otp.wrong") : problemText(error, t));
      input.current?.focus({ preventScroll: true });
    });
  };

  return (
    <form className="otp-form" onSubmit={submit}>
      <div className="otp-line">
        <div className="otp-boxes">
          {Array.from({ length: OTP_DIGITS }, (_, index) => (
            <span key={index} className={index === Math.min(code.length, OTP_DIGITS - 1) ? "box next" : "box"} aria-hidden="true">
              {code[index] ?? ""}
            </span>
          ))}
          <input
            ref={input}
            value={code}
            onChange={(event) => {
              const cleaned = cleanCode(event.target.value);
              // Also when the state stays the same: what was refused must not linger in the field.
              event.target.value = cleaned;
              setCode(cleaned);
              setProblem(undefined);
            }}
            inputMode="numeric"
            autoComplete={token ? "off" : "one-time-code"}
            pattern="\d*"
            readOnly={sending}
            aria-label={t(token ? "otp.input.token" : "otp.input")}
            aria-describedby={hintId}
            aria-invalid={problem !== undefined}
          />
        </div>
        <button type="submit" className="btn primary" disabled={code.length !== OTP_DIGITS || sending}>
          {sending ? t("otp.sending") : t("otp.submit")}
        </button>
      </div>
      {problem && (
        <p className="otp-state bad" role="alert">
          {problem}
        </p>
      )}
      <div className="otp-state">
        <span className="num">{t("otp.left", { seconds: secondsLeft(part.expires_at_ms, now) })}</span>
        {!token && <Resend challenge={part.challenge} since={since} now={now} />}
      </div>
    </form>
  );
}

function Resend({ challenge, since, now }: { challenge: string; since: number; now: number }) {
  const t = useT();
  const { act } = usePartHost();
  const [askedAt, setAskedAt] = useState<number>();
  const left = secondsLeft(Math.max(since, askedAt ?? 0) + OTP_RESEND_MS, now);
  return (
    <button
      type="button"
      className="link num"
      disabled={left > 0}
      onClick={() => {
        setAskedAt(now);
        void act({ action: "resend_otp", challenge });
      }}
    >
      {left > 0 ? t("otp.resend.in", { seconds: left }) : t("otp.resend")}
    </button>
  );
}
