// Joins the live connection and the query cache, and hands both to the pages.

import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";
import type { Event } from "../api/types.ts";
import { addLiveEvent } from "./events.ts";
import { DeskLive, type LiveStatus } from "./live.ts";

/** How long a customer is shown as typing after the last sign of it. */
const TYPING_SHOWN_MS = 4_000;

interface Live {
  live: DeskLive;
  status: LiveStatus;
  /** When each conversation's customer was last seen typing. */
  typing: ReadonlyMap<string, number>;
}

const LiveContext = createContext<Live | undefined>(undefined);

export function useLive(): Live {
  const live = useContext(LiveContext);
  if (!live) throw new Error("a page outside of LiveProvider");
  return live;
}

/** Events after which a conversation's state, not only its transcript, differs. */
const CHANGES_STATE = new Set<Event["type"]>([
  "slot_filled",
  "slot_cleared",
  "flow_started",
  "flow_ended",
  "identified",
  "handoff_requested",
  "handoff_withdrawn",
  "agent_joined",
  "handed_back",
  "otp_passed",
  "closed",
]);

export function LiveProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const [status, setStatus] = useState<LiveStatus>("connecting");
  const [typing, setTyping] = useState<ReadonlyMap<string, number>>(new Map());

  const live = useMemo(() => {
    const url = new URL("/api/v1/desk/stream", window.location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    return new DeskLive(url.toString(), {
      onQueue: () => {
        void client.invalidateQueries({ queryKey: ["queue"] });
        void client.invalidateQueries({ queryKey: ["mine"] });
        void client.invalidateQueries({ queryKey: ["releases"] });
      },
      onEvent: (event) => {
        addLiveEvent(client, event);
        if (event.type === "message_received") void client.invalidateQueries({ queryKey: ["mine"] });
        if (CHANGES_STATE.has(event.type)) {
          void client.invalidateQueries({ queryKey: ["conversation", event.conversation] });
        }
      },
      onTyping: (conversation) => setTyping((now) => new Map(now).set(conversation, Date.now())),
      onStatus: (next) => {
        setStatus(next);
        // The session may be over; then the sign-in page must come.
        if (next === "off") void client.invalidateQueries({ queryKey: ["session"] });
      },
    });
  }, [client]);

  useEffect(() => {
    live.start();
    const nudge = () => live.nudge();
    window.addEventListener("online", nudge);
    return () => {
      window.removeEventListener("online", nudge);
      live.stop();
    };
  }, [live]);

  useEffect(() => {
    if (typing.size === 0) return;
    const timer = setTimeout(() => {
      const since = Date.now() - TYPING_SHOWN_MS;
      setTyping((now) => new Map([...now].filter(([, at]) => at > since)));
    }, TYPING_SHOWN_MS);
    return () => clearTimeout(timer);
  }, [typing]);

  const value = useMemo(() => ({ live, status, typing }), [live, status, typing]);
  return <LiveContext value={value}>{children}</LiveContext>;
}
