// The server's coded problems in the customer's words, with what to do next.

import { ApiProblem } from "../api/client.ts";
import type { ChatKey, T } from "../i18n/chat.tsx";

export interface ShownProblem {
  code: string;
  message: string;
}

/** What went wrong, with the code to quote. */
export function problemText(problem: unknown, t: T): string {
  const { code, message } = shown(problem);
  if (code === "offline") return t("problem.offline");
  return t("problem.what", { message: message || t("problem.unknown"), code });
}

/** What the customer can do about it. */
export function problemAdvice(problem: unknown): ChatKey {
  switch (shown(problem).code) {
    case "handover_invalid":
      return "problem.todo.handover";
    case "unauthenticated":
    case "conversation_not_found":
    case "conversation_closed":
    case "conversation_full":
    case "erased_payload":
      return "problem.todo.new";
    case "core_unavailable":
    case "overloaded":
    case "internal":
      return "problem.todo.call";
    default:
      return "problem.todo.retry";
  }
}

function shown(problem: unknown): ShownProblem {
  if (problem instanceof ApiProblem) return problem;
  if (typeof problem === "object" && problem !== null && "code" in problem) return problem as ShownProblem;
  return { code: "unknown", message: "" };
}
