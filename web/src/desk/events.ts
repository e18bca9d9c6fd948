// The events of one conversation at the desk: loaded once, then live.

import { type QueryClient, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import type { Event } from "../api/types.ts";
import { deskApi } from "./api.ts";
import { useLive } from "./LiveProvider.tsx";

/** Pages fetched before giving up; a conversation holds 20,000 events at most. */
const PAGES_MAX = 100;
/** How often to look while the live connection is down. */
const FALLBACK_POLL_MS = 4_000;

export const eventsKey = (conversation: string) => ["events", conversation] as const;

/** Both lists in order of `seq`, each event once. */
export function mergeEvents(before: readonly Event[], more: readonly Event[]): Event[] {
  const last = before.at(-1)?.seq ?? 0;
  if (more.every((event, index) => event.seq > (index === 0 ? last : (more[index - 1]?.seq ?? 0)))) {
    return more.length === 0 ? [...before] : [...before, ...more];
  }
  const bySeq = new Map([...before, ...more].map((event) => [event.seq, event]));
  return [...bySeq.values()].sort((a, b) => a.seq - b.seq);
}

async function loadAfter(conversation: string, known: readonly Event[], signal: AbortSignal): Promise<Event[]> {
  let events = [...known];
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const after = events.at(-1)?.seq ?? 0;
    const got = await deskApi.events(conversation, after, signal);
    events = mergeEvents(events, got.events);
    if (got.events.length === 0 || (events.at(-1)?.seq ?? 0) >= got.last_seq) break;
  }
  return events;
}

export function addLiveEvent(client: QueryClient, event: Event): void {
  client.setQueryData<Event[]>(eventsKey(event.conversation), (known) => known && mergeEvents(known, [event]));
}

export function useEvents(conversation: string) {
  const client = useQueryClient();
  const { live, status } = useLive();
  const key = eventsKey(conversation);
  const query = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => loadAfter(conversation, client.getQueryData<Event[]>(key) ?? [], signal),
    refetchInterval: status === "on" ? false : FALLBACK_POLL_MS,
  });
  const loaded = query.isSuccess;
  useEffect(() => {
    if (!loaded) return;
    live.watch(conversation, client.getQueryData<Event[]>(eventsKey(conversation))?.at(-1)?.seq ?? 0);
    return () => live.unwatch(conversation);
  }, [loaded, conversation, live, client]);
  return query;
}
