// Values of slots, variables and summaries as text for staff.
//
// Invariant: money is never turned into a float; the point is put into the
// digits of the minor units.

import type { Money, Row } from "../api/types.ts";

/** Currencies without digits after the point; the rest have two. */
const WHOLE_CURRENCIES = new Set(["JPY", "KRW"]);

export function formatMoney({ minor, currency }: Money): string {
  const negative = minor < 0;
  const digits = String(Math.abs(minor));
  const places = WHOLE_CURRENCIES.has(currency) ? 0 : 2;
  const padded = digits.padStart(places + 1, "0");
  const whole = padded.slice(0, padded.length - places).replace(/\B(?=(\d{3})+$)/g, ",");
  const fraction = places > 0 ? `.${padded.slice(-places)}` : "";
  return `${currency} ${negative ? "-" : ""}${whole}${fraction}`;
}

export function formatValue(value: unknown): string {
  if (value === null || value === undefined) return "—";
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (Array.isArray(value)) return value.map(formatValue).join(", ");
  const record = value as Record<string, unknown>;
  if (typeof record.minor === "number" && typeof record.currency === "string") return formatMoney(record as never);
  if (typeof record.type === "string") return formatSlot(record);
  if (typeof record.label === "string") return record.label;
  if (typeof record.from === "string" && typeof record.to === "string") return `${record.from} – ${record.to}`;
  return JSON.stringify(value);
}

/** A slot value: the one or two fields beside its `type`. */
function formatSlot({ type: _, ...fields }: Record<string, unknown>): string {
  if (fields.label !== undefined) return formatValue(fields.label);
  if (typeof fields.from === "string" && typeof fields.to === "string") return `${fields.from} – ${fields.to}`;
  return Object.values(fields)
    .filter((field) => field !== null && field !== undefined)
    .map(formatValue)
    .join(" ");
}

/** A summary of any shape as rows: rows as they are, an object by its keys. */
export function summaryRows(summary: unknown): Row[] {
  if (Array.isArray(summary)) return summary.flatMap(asRow);
  if (typeof summary !== "object" || summary === null) return [];
  const record = summary as Record<string, unknown>;
  if (Array.isArray(record.rows)) return record.rows.flatMap(asRow);
  return Object.entries(record).map(([label, value]) => ({ label, value: formatValue(value) }));
}

function asRow(value: unknown): Row[] {
  if (typeof value !== "object" || value === null) return [];
  const row = value as Record<string, unknown>;
  if (typeof row.label !== "string") return [];
  return [{ label: row.label, value: formatValue(row.value), ...(row.strong === true ? { strong: true } : {}) }];
}
