// A sheet over the page: from below on a phone, from the side on a desk. The
// browser's own dialog keeps focus inside and gives it back on closing.

import { type ReactNode, useEffect, useId, useRef } from "react";
import { useT } from "../i18n/chat.tsx";
import { CloseIcon } from "../shared/icons.tsx";

export function Sheet({ title, onClose, children }: { title: string; onClose(): void; children: ReactNode }) {
  const t = useT();
  const titleId = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      className="sheet"
      aria-labelledby={titleId}
      onClose={onClose}
      onClick={(event) => {
        // A click on the dialog itself is one on its backdrop.
        if (event.target === dialog.current) dialog.current.close();
      }}
    >
      <div className="sheet-body">
        <header>
          <h2 id={titleId}>{title}</h2>
          <button
            type="button"
            className="tool icon"
            aria-label={t("article.close")}
            onClick={() => dialog.current?.close()}
          >
            <CloseIcon />
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}
