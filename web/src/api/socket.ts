// One WebSocket session, and how long to wait before the next.
//
// A session ends by itself when nothing was heard for too long after the first
// ping: a dead connection must not look like a quiet one.

const OPEN_TIMEOUT_MS = 8_000;
const SILENCE_MAX_MS = 75_000;
const BACKOFF_FIRST_MS = 500;
const BACKOFF_MAX_MS = 20_000;

/** The part of WebSocket that is used, so that tests can play the server. */
export interface SocketLike {
  onopen: ((event: never) => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  send(data: string): void;
  close(): void;
}
export type MakeSocket = (url: string, protocols: string[]) => SocketLike;

export const browserSocket: MakeSocket = (url, protocols) => new WebSocket(url, protocols) as unknown as SocketLike;

/** Full jitter: anywhere between half and the whole of an exponential step. */
export function backoffMs(attempt: number, random: () => number = Math.random): number {
  const step = Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** Math.min(attempt, 10));
  return Math.round(step / 2 + (step / 2) * random());
}

export interface SessionHandlers {
  onOpen(send: (frame: unknown) => void): void;
  onFrame(frame: unknown): void;
}

/** Runs one session to its end; says whether it ever opened. */
export function socketSession(
  make: MakeSocket,
  url: string,
  protocols: string[],
  signal: AbortSignal,
  handlers: SessionHandlers,
): Promise<boolean> {
  return new Promise((resolve) => {
    let opened = false;
    let over = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let socket: SocketLike;

    const finish = () => {
      if (over) return;
      over = true;
      clearTimeout(timer);
      signal.removeEventListener("abort", finish);
      try {
        socket?.close();
      } catch {
        // Already closed.
      }
      resolve(opened);
    };
    const deadline = (ms: number) => {
      clearTimeout(timer);
      timer = setTimeout(finish, ms);
    };

    if (signal.aborted) {
      resolve(false);
      return;
    }
    signal.addEventListener("abort", finish);
    try {
      socket = make(url, protocols);
    } catch {
      finish();
      return;
    }
    deadline(OPEN_TIMEOUT_MS);
    let pings = false;
    socket.onopen = () => {
      opened = true;
      clearTimeout(timer);
      handlers.onOpen((frame) => {
        if (!over) socket.send(JSON.stringify(frame));
      });
    };
    socket.onmessage = ({ data }) => {
      if (over) return;
      const frame = parseFrame(data);
      if (frame === undefined) return;
      if ((frame as { kind?: unknown }).kind === "ping") pings = true;
      if (pings) deadline(SILENCE_MAX_MS);
      handlers.onFrame(frame);
    };
    socket.onerror = finish;
    socket.onclose = finish;
  });
}

function parseFrame(data: unknown): object | undefined {
  if (typeof data !== "string") return undefined;
  try {
    const frame: unknown = JSON.parse(data);
    return typeof frame === "object" && frame !== null ? frame : undefined;
  } catch {
    return undefined;
  }
}

/** Waits, or returns early when the signal is aborted. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
  });
}
