// The launcher another site embeds with one script tag:
//
//   <script src="https://bank/widget.js" data-locale="zh" data-position="right" async></script>
//
// Adds one button and, when first opened, one frame that shows `/embed` of the
// host the script came from. Invariants: styles live in a shadow root and touch
// nothing of the page; the only global is `Teller`; messages are taken from our
// own frame only; nothing is loaded before the customer opens it.

interface TellerWidget {
  open(): void;
  close(): void;
  toggle(): void;
}

const words = {
  zh: { open: "打开银行客服", close: "收起银行客服", frame: "银行客服", label: "客服" },
  en: { open: "Open the bank's customer service", close: "Close customer service", frame: "Bank customer service", label: "Help" },
};

const styles = `
:host { all: initial; }
* { box-sizing: border-box; }
button {
  position: fixed; bottom: calc(20px + env(safe-area-inset-bottom)); z-index: 2147483000;
  display: flex; align-items: center; gap: 8px; height: 52px; padding: 0 20px 0 16px;
  font: 600 16px/1 -apple-system, BlinkMacSystemFont, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif;
  color: #fff; background: #14594a; border: 0; border-radius: 26px; cursor: pointer;
  box-shadow: 0 2px 6px rgb(13 58 48 / 20%), 0 8px 24px rgb(13 58 48 / 20%);
}
button:hover { background: #0d3a30; }
button:focus-visible { outline: 3px solid #0b63c5; outline-offset: 3px; }
svg { width: 24px; height: 24px; }
iframe {
  position: fixed; bottom: calc(84px + env(safe-area-inset-bottom)); z-index: 2147483000;
  width: 400px; height: min(680px, calc(100dvh - 108px)); border: 0; border-radius: 16px;
  background: #f4f6f3; box-shadow: 0 4px 12px rgb(13 58 48 / 12%), 0 16px 48px rgb(13 58 48 / 22%);
}
.right { right: 20px; } .left { left: 20px; }
[hidden] { display: none; }
@media (max-width: 480px) {
  iframe { inset: 0; width: 100%; height: 100dvh; border-radius: 0; }
  button[aria-expanded="true"] { display: none; }
}
`;

const TREE =
  '<svg viewBox="0 0 40 40" aria-hidden="true"><path d="M20 4 28 15h-4l6 8h-4l7 9H7l7-9h-4l6-8h-4zM18 32h4v5h-4z" fill="#fff"/></svg>';

function install(script: HTMLScriptElement): TellerWidget {
  const host = new URL(script.src).origin;
  const locale = script.dataset.locale === "en" ? "en" : "zh";
  const side = script.dataset.position === "left" ? "left" : "right";
  const text = words[locale];

  const mount = document.createElement("div");
  const shadow = mount.attachShadow({ mode: "open" });
  // A sheet of our own, not a style element: a page's content policy may forbid those.
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(styles);
  shadow.adoptedStyleSheets = [sheet];
  const button = document.createElement("button");
  button.type = "button";
  button.className = side;
  button.innerHTML = TREE;
  const caption = document.createElement("span");
  caption.textContent = script.dataset.label ?? text.label;
  button.append(caption);
  shadow.append(button);
  let frame: HTMLIFrameElement | undefined;

  const show = (open: boolean) => {
    if (open && !frame) {
      frame = makeFrame(host, locale, side, text.frame);
      shadow.append(frame);
    }
    if (frame) frame.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
    button.setAttribute("aria-label", open ? text.close : text.open);
    if (open) frame?.focus();
  };
  const isOpen = () => frame !== undefined && !frame.hidden;
  const close = () => {
    if (!isOpen()) return;
    show(false);
    button.focus();
  };

  button.addEventListener("click", () => (isOpen() ? close() : show(true)));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
  });
  window.addEventListener("message", (event) => {
    if (event.origin !== host || event.source !== frame?.contentWindow) return;
    if ((event.data as { teller?: unknown } | null)?.teller === "close") close();
  });
  show(false);
  document.body.append(mount);
  return { open: () => show(true), close, toggle: () => (isOpen() ? close() : show(true)) };
}

function makeFrame(host: string, locale: string, side: string, title: string): HTMLIFrameElement {
  const frame = document.createElement("iframe");
  const url = new URL("/embed", host);
  url.searchParams.set("origin", window.location.origin);
  url.searchParams.set("locale", locale);
  frame.src = url.toString();
  frame.title = title;
  frame.className = side;
  // The page's origin, and nothing else of its address, reaches the bank.
  frame.referrerPolicy = "origin";
  frame.allow = "clipboard-write";
  return frame;
}

const script = document.currentScript;
const page = window as Window & { Teller?: TellerWidget };
if (script instanceof HTMLScriptElement && !page.Teller) {
  const start = () => {
    page.Teller = install(script);
  };
  if (document.body) start();
  else document.addEventListener("DOMContentLoaded", start, { once: true });
}
