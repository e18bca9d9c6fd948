// Entry of the customer page and of the widget's frame; `data-embedded` on the
// root says which.

import { createRoot } from "react-dom/client";
import { initialLocale } from "../i18n/core.ts";
import { embeddingOrigin } from "../shared/embedding.ts";
import { App } from "./App.tsx";
import { ChatController } from "./controller.ts";
import { SessionStore, takeHandover } from "./session.ts";
import "../shared/tokens.css";
import "./chat.css";

const root = document.getElementById("root");
if (root) {
  const embedded = root.dataset.embedded !== undefined;
  const { locale } = initialLocale(window.location.search);
  const store = new SessionStore(embedded ? "teller.embed" : "teller.page");
  const handover = embedded ? undefined : takeHandover(window.location, window.history);
  const controller = new ChatController({
    store,
    locale,
    handover,
    origin: embedded ? embeddingOrigin() : undefined,
  });
  controller.boot();
  document.documentElement.classList.toggle("embedded", embedded);
  createRoot(root).render(
    <App
      controller={controller}
      locale={locale}
      embedded={embedded}
      handover={() => store.handover}
      onClose={() => window.parent.postMessage({ teller: "close" }, "*")}
    />,
  );
}
