// What is there before anything was said: the greeting and the common services.

import type { Bank, CustomerBrief, QuickReply } from "../api/types.ts";
import { useLocale, useT } from "../i18n/chat.tsx";
import { RightIcon, ShieldIcon } from "../shared/icons.tsx";

/** Shortcuts shown in elder mode, where fewer and larger is better. */
const ELDER_SHORTCUTS = 4;

interface HomeProps {
  bank: Bank;
  customer: CustomerBrief | undefined;
  elder: boolean;
  onSend(text: string): void;
}

export function Home({ bank, customer, elder, onSend }: HomeProps) {
  const t = useT();
  const locale = useLocale();
  const shortcuts: QuickReply[] = bank.quick_replies[locale] ?? [];
  return (
    <section className="home">
      <p className="hello">{customer ? t("home.hello.name", { name: customer.name_masked }) : t("home.hello")}</p>
      <p className="greeting">{bank.greeting[locale]}</p>
      {shortcuts.length > 0 && (
        <ul className="shortcuts" aria-label={t("home.shortcuts")}>
          {shortcuts.slice(0, elder ? ELDER_SHORTCUTS : undefined).map((shortcut) => (
            <li key={shortcut.send}>
              <button type="button" onClick={() => onSend(shortcut.send)}>
                <span>{shortcut.label}</span>
                <RightIcon />
              </button>
            </li>
          ))}
        </ul>
      )}
      <p className="safety">
        <ShieldIcon />
        {t("home.safety")}
      </p>
    </section>
  );
}
