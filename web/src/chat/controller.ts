// One customer page's conversation: opens or resumes it, keeps the transcript,
// sends what the customer says. React reads snapshots; nothing here knows React.
//
// Invariants: an anonymous conversation is opened by the first thing the
// customer does, not by looking at the page; the one-time password goes straight
// to the server and is neither stored nor queued.

import { ApiProblem, ConversationApi, publicApi } from "../api/client.ts";
import { newClientId, Outbox, type OutboxItem } from "../api/outbox.ts";
import { EventStream, type StreamStatus } from "../api/stream.ts";
import type { CustomerAction, Locale, OpenedConversation } from "../api/types.ts";
import type { Session, SessionStore } from "./session.ts";
import { Transcript } from "./transcript.ts";

/** How long "is typing" is shown after the last sign of it. */
const TYPING_SHOWN_MS = 4_000;
/** Least time between two "typing" frames of ours. */
const TYPING_EVERY_MS = 2_500;
const OTP_TRIES = 3;
/** Events that come within this time are shown together. */
const BURST_MS = 16;

export type Phase =
  | { phase: "home" }
  | { phase: "opening" }
  | { phase: "ready" }
  | { phase: "refused"; problem: ApiProblem };

export interface Snapshot {
  phase: Phase;
  session: Session | undefined;
  /** Rises with every change; the transcript itself is one mutable object. */
  version: number;
  transcript: Transcript;
  outbox: readonly OutboxItem[];
  stream: StreamStatus;
  busy: boolean;
  agentTyping: boolean;
}

export interface ControllerOptions {
  store: SessionStore;
  locale: Locale;
  handover: string | undefined;
  /** Set inside the widget. */
  origin: string | undefined;
}

export class ChatController {
  private snapshot: Snapshot;
  private readonly listeners = new Set<() => void>();
  private api: ConversationApi | undefined;
  private stream: EventStream | undefined;
  private outbox: Outbox | undefined;
  private opening: Promise<boolean> | undefined;
  private typingTimer: ReturnType<typeof setTimeout> | undefined;
  private typedAt = 0;
  private dirty = false;
  private locale: Locale;
  private readonly localeListeners = new Set<(locale: Locale) => void>();
  /** The language we asked for and have not yet seen in the conversation. */
  private wantedLocale: Locale | undefined;
  private readonly options: ControllerOptions;

  constructor(options: ControllerOptions) {
    this.options = options;
    this.locale = options.locale;
    this.snapshot = {
      phase: { phase: "home" },
      session: undefined,
      version: 0,
      transcript: new Transcript(),
      outbox: [],
      stream: "connecting",
      busy: false,
      agentTyping: false,
    };
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
  getSnapshot = (): Snapshot => this.snapshot;

  /** Told when another device changed the language of the conversation. */
  onLocale(listener: (locale: Locale) => void): () => void {
    this.localeListeners.add(listener);
    return () => {
      this.localeListeners.delete(listener);
    };
  }

  /** Resumes, opens for a signed-in customer or a widget, or waits at home. */
  boot(): void {
    const { store, handover, origin } = this.options;
    if (handover) {
      store.session = undefined;
      store.handover = handover;
      void this.open();
    } else if (store.session) {
      this.attach(store.session);
      void this.alignLocale();
    } else if (store.handover || origin !== undefined) {
      void this.open();
    }
    window.addEventListener("online", this.hurry);
    document.addEventListener("visibilitychange", this.hurry);
  }

  get signedIn(): boolean {
    return this.options.store.handover !== undefined;
  }

  setLocale(locale: Locale): void {
    this.locale = locale;
    if (this.api && this.snapshot.transcript.status !== "closed") this.askLocale();
  }

  private askLocale(): void {
    this.wantedLocale = this.locale;
    this.outbox?.add({ action: { action: "set_locale", locale: this.locale } });
  }

  async sendText(text: string): Promise<boolean> {
    if (!(await this.ensureOpen())) return false;
    return this.outbox?.add({ text }) !== undefined;
  }

  async act(action: CustomerAction): Promise<boolean> {
    if (!(await this.ensureOpen())) return false;
    return this.outbox?.add({ action }) !== undefined;
  }

  /** Resolves when the server took the code; what it found comes as an event or a problem. */
  async submitOtp(challenge: string, code: string): Promise<void> {
    const api = this.api;
    if (!api) throw new ApiProblem(0, { code: "offline", message: "" });
    const client_id = newClientId();
    for (let attempt = 1; ; attempt += 1) {
      try {
        await api.sendAction(client_id, { action: "submit_otp", challenge }, this.locale, code);
        return;
      } catch (error) {
        if (!(error instanceof ApiProblem) || error.status !== 0 || attempt >= OTP_TRIES) throw error;
        await new Promise((resolve) => setTimeout(resolve, 400 * attempt));
      }
    }
  }

  retry(client_id: string): void {
    this.outbox?.retry(client_id);
  }
  discard(client_id: string): void {
    this.outbox?.drop(client_id);
  }

  typing(): void {
    const now = Date.now();
    if (now - this.typedAt < TYPING_EVERY_MS) return;
    this.typedAt = now;
    this.stream?.typing();
  }

  /** Leaves this conversation; the next thing said opens another. */
  startNew(): void {
    this.detach();
    this.options.store.session = undefined;
    this.set({ phase: { phase: "home" }, session: undefined, transcript: new Transcript(), outbox: [], busy: false });
    if (this.signedIn || this.options.origin !== undefined) void this.open();
  }

  /** Goes on without the hand-over that was refused. */
  continueAsVisitor(): void {
    this.options.store.handover = undefined;
    this.startNew();
  }

  reopen(): void {
    void this.open();
  }

  async resume(conversation: string): Promise<void> {
    const handover = this.options.store.handover;
    if (!handover || conversation === this.api?.conversation) return;
    const opened = await publicApi.resume(conversation, handover, this.locale);
    this.detach();
    this.set({ transcript: new Transcript(), outbox: [], busy: false });
    this.adopt(opened);
    void this.alignLocale();
  }

  /** A conversation taken up again speaks the page's language from here on. */
  private async alignLocale(): Promise<void> {
    this.wantedLocale = this.locale;
    const state = await this.api?.state(this.locale).catch(() => undefined);
    if (state && state.locale !== this.locale && state.status !== "closed") this.askLocale();
  }

  /** Follows the conversation's language, unless our own wish is on its way. */
  private followLocale(): void {
    const { locale } = this.snapshot.transcript;
    if (!locale) return;
    if (this.wantedLocale !== undefined) {
      if (locale === this.wantedLocale) this.wantedLocale = undefined;
    } else if (locale !== this.locale) {
      this.locale = locale;
      for (const listener of this.localeListeners) listener(locale);
    }
  }

  private hurry = (): void => {
    if (document.visibilityState === "hidden") return;
    this.stream?.nudge();
    this.outbox?.resume();
  };

  private ensureOpen(): Promise<boolean> {
    return this.api ? Promise.resolve(true) : this.open();
  }

  private open(): Promise<boolean> {
    this.opening ??= this.openOnce().finally(() => {
      this.opening = undefined;
    });
    return this.opening;
  }

  private async openOnce(): Promise<boolean> {
    const { store, origin } = this.options;
    const handover = store.handover;
    this.set({ phase: { phase: "opening" } });
    try {
      const opened = await publicApi.open(
        {
          channel: "web",
          locale: this.locale,
          ...(handover ? { handover } : {}),
          ...(origin === undefined ? {} : { origin }),
        },
        this.locale,
      );
      this.adopt(opened);
      return true;
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      this.set({ phase: { phase: "refused", problem: error } });
      return false;
    }
  }

  private adopt(opened: OpenedConversation): void {
    const session: Session = {
      conversation: opened.conversation,
      token: opened.token,
      ownership: opened.ownership,
      level: opened.level,
      ...(opened.customer ? { customer: opened.customer } : {}),
    };
    this.options.store.session = session;
    this.attach(session);
  }

  private attach(session: Session): void {
    const api = new ConversationApi(session.conversation, session.token);
    const { store } = this.options;
    const transcript = new Transcript();
    transcript.ownership = session.ownership;
    this.api = api;
    this.outbox = new Outbox({
      send: (item) =>
        "text" in item.body
          ? api.sendMessage(item.client_id, item.body.text, this.locale)
          : api.sendAction(item.client_id, item.body.action, this.locale),
      load: () => store.outbox(session.conversation),
      save: (items) => store.saveOutbox(session.conversation, items),
      onChange: (outbox) => this.set({ outbox }),
    });
    this.stream = new EventStream(
      {
        url: (after) => api.streamUrl(after),
        protocols: ["teller.v1", `bearer.${session.token}`],
        page: (after, limit, signal) => api.events(after, limit, signal),
      },
      {
        onEvent: (event) => {
          transcript.apply(event);
          if ("client_id" in event) this.outbox?.settle(event.client_id);
          if (event.type === "agent_replied") this.set({ agentTyping: false });
          this.touch();
        },
        onBusy: (busy) => this.set({ busy }),
        onTyping: () => this.showTyping(),
        onStatus: (stream) => this.set({ stream }),
        onRefused: (problem) => this.refused(problem),
      },
    );
    this.set({ phase: { phase: "ready" }, session, transcript, outbox: this.outbox.list() });
    this.stream.start();
    this.outbox.resume();
  }

  private refused(problem: ApiProblem): void {
    this.detach();
    this.options.store.session = undefined;
    this.set({ phase: { phase: "refused", problem }, session: undefined });
  }

  private detach(): void {
    this.stream?.stop();
    this.outbox?.stop();
    this.stream = undefined;
    this.outbox = undefined;
    this.api = undefined;
  }

  private showTyping(): void {
    clearTimeout(this.typingTimer);
    this.typingTimer = setTimeout(() => this.set({ agentTyping: false }), TYPING_SHOWN_MS);
    this.set({ agentTyping: true });
  }

  /** Events come in bursts; the page is told once for each burst. */
  private touch(): void {
    if (this.dirty) return;
    this.dirty = true;
    setTimeout(() => {
      this.dirty = false;
      this.followLocale();
      this.set({});
    }, BURST_MS);
  }

  private set(change: Partial<Snapshot>): void {
    this.snapshot = { ...this.snapshot, ...change, version: this.snapshot.version + 1 };
    for (const listener of this.listeners) listener();
  }
}
