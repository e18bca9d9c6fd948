// Bounds the page shares with the server (crates/kernel: limits).

/** Longest message, in Unicode characters. */
export const MESSAGE_MAX_CHARS = 2_000;
/** How long a confirmation may wait. */
export const CONFIRMATION_TTL_MS = 10 * 60_000;
/** Shortest time between two one-time passwords. */
export const OTP_RESEND_MS = 60_000;
export const OTP_DIGITS = 6;

/** Length as the server counts it: code points, not UTF-16 units. */
export function charCount(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}
