// What the cards show, worked out without React.

import { CONFIRMATION_TTL_MS, OTP_DIGITS } from "../../api/limits.ts";
import type { AnswerPart, Citation, Row, Table } from "../../api/types.ts";
import type { ChallengeState, ConfirmationState } from "../transcript.ts";

/** Sentences in a row that rest on the same citation, read as one run. */
export interface CitedRun {
  sentences: string[];
  /** Index into the returned `citations`; undefined when the index was bad. */
  mark: number | undefined;
}

/** Runs, and the citations that are really used, in the order of first use. */
export function citedRuns(part: AnswerPart): { runs: CitedRun[]; citations: Citation[] } {
  const citations: Citation[] = [];
  const runs: CitedRun[] = [];
  for (const sentence of part.sentences) {
    const citation = part.citations[sentence.citation];
    let mark = citation ? citations.indexOf(citation) : undefined;
    if (citation && mark === -1) mark = citations.push(citation) - 1;
    const last = runs.at(-1);
    if (last && last.mark === mark) last.sentences.push(sentence.text);
    else runs.push({ sentences: [sentence.text], mark });
  }
  return { runs, citations };
}

/** A run as paragraphs and lists: sentences that begin with a dash are items. */
export function runBlocks(sentences: readonly string[]): ({ text: string } | { items: string[] })[] {
  const blocks: ({ text: string } | { items: string[] })[] = [];
  for (const sentence of sentences) {
    const item = /^\s*[-•·]\s*(.+)$/s.exec(sentence)?.[1];
    const last = blocks.at(-1);
    if (item !== undefined) {
      if (last && "items" in last) last.items.push(item);
      else blocks.push({ items: [item] });
    } else if (last && "text" in last) last.text = joinSentences(last.text, sentence);
    else blocks.push({ text: sentence });
  }
  return blocks;
}

/** Latin sentences need a space between them, Chinese ones do not. */
function joinSentences(before: string, after: string): string {
  return /[A-Za-z0-9.!?)]$/.test(before) && !/^\s/.test(after) ? `${before} ${after}` : before + after;
}

const NUMERIC = /^[+\-−–]?\s*(?:[¥$€£]|[A-Z]{3}\s?)?\s*[+\-−]?[\d,]+(?:\.\d+)?\s*%?$/;

export function isNumeric(cell: string): boolean {
  return NUMERIC.test(cell.trim());
}

/** Which columns hold only numbers, to be set right-aligned. */
export function numericColumns(table: Table): boolean[] {
  return table.columns.map((_, column) => {
    const cells = table.rows.map((row) => row[column] ?? "").filter((cell) => cell.trim() !== "");
    return cells.length > 0 && cells.every(isNumeric);
  });
}

/** Is the amount money coming in? Only an explicit plus says so. */
export function isInward(cell: string): boolean {
  return cell.trim().startsWith("+");
}

/** The line shown large, and the rest. */
export function headline(rows: Row[]): { main: Row | undefined; rest: Row[] } {
  const main = rows.find((row) => row.strong && isNumeric(row.value)) ?? rows.find((row) => row.strong);
  return { main, rest: rows.filter((row) => row !== main) };
}

export type ConfirmStatus = "open" | "accepted" | "refused" | "expired" | "stale";

export function confirmStatus(state: ConfirmationState | undefined, itemSeq: number, nowMs: number): ConfirmStatus {
  if (!state) return "stale";
  if (state.accepted !== undefined) return state.accepted ? "accepted" : "refused";
  if (state.closed || state.seq !== itemSeq) return "stale";
  return nowMs >= confirmExpiry(state) ? "expired" : "open";
}

export function confirmExpiry(state: ConfirmationState): number {
  return state.shown_at_ms + CONFIRMATION_TTL_MS;
}

export type OtpStatus = "open" | "passed" | "void" | "superseded" | "expired";

export function otpStatus(
  state: ChallengeState | undefined,
  itemSeq: number,
  expiresAtMs: number,
  nowMs: number,
): OtpStatus {
  if (!state) return "void";
  if (state.outcome) return state.outcome;
  if (state.seq !== itemSeq) return "superseded";
  return nowMs >= expiresAtMs ? "expired" : "open";
}

/** Only digits, full-width ones turned into plain ones, no more than a code has. */
export function cleanCode(typed: string): string {
  return typed.normalize("NFKC").replace(/\D/g, "").slice(0, OTP_DIGITS);
}

export function secondsLeft(untilMs: number, nowMs: number): number {
  return Math.max(0, Math.ceil((untilMs - nowMs) / 1000));
}

/** A link that may be followed; anything but http(s) is refused. */
export function safeUrl(url: string, base: string): string | undefined {
  try {
    const parsed = new URL(url, base);
    return parsed.protocol === "https:" || parsed.protocol === "http:" ? parsed.toString() : undefined;
  } catch {
    return undefined;
  }
}
