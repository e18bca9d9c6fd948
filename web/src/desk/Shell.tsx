// The frame of the console: the pages the person may open on the left (or in a
// drawer on a phone), the live state, the language, the way out.

import { LogoutOutlined, MenuOutlined } from "@ant-design/icons";
import { Button, Drawer, Empty, Spin } from "antd";
import { Suspense, useState } from "react";
import { Navigate, NavLink, Route, Routes, useLocation } from "react-router";
import type { StaffSession } from "../api/types.ts";
import { Spruce } from "../shared/icons.tsx";
import { useLive } from "./LiveProvider.tsx";
import { type DeskPage, pages } from "./pages.ts";
import { may } from "./permissions.ts";
import { useT, useWords } from "./words.tsx";

interface ShellProps {
  session: StaffSession;
  onSignOut(): Promise<void>;
}

export function Shell({ session, onSignOut }: ShellProps) {
  const t = useT();
  const [drawer, setDrawer] = useState(false);
  const open = pages.filter((page) => may(session.staff.roles, page.permission));
  const first = open[0];
  const side = <Side pages={open} session={session} onSignOut={onSignOut} onGo={() => setDrawer(false)} />;
  return (
    <div className="shell">
      <a className="skip" href="#content">
        {t("app.skip")}
      </a>
      <aside className="side">{side}</aside>
      <header className="bar">
        <Button type="text" icon={<MenuOutlined />} aria-label={t("app.menu")} onClick={() => setDrawer(true)} />
        <CurrentPage pages={open} />
        <LiveDot />
      </header>
      <Drawer open={drawer} onClose={() => setDrawer(false)} placement="left" size={264} title={t("app.title")}>
        {side}
      </Drawer>
      <main className="content" id="content" tabIndex={-1}>
        <Suspense fallback={<Spin className="page-spin" size="large" />}>
          <Routes>
            {open.map((page) => (
              <Route key={page.path} path={`${page.path}/*`} element={<page.component />} />
            ))}
            <Route
              path="*"
              element={first ? <Navigate to={`/${first.path}`} replace /> : <Empty description={t("app.nopages")} />}
            />
          </Routes>
        </Suspense>
      </main>
    </div>
  );
}

function CurrentPage({ pages: open }: { pages: DeskPage[] }) {
  const t = useT();
  const { pathname } = useLocation();
  const page = open.find((it) => pathname.startsWith(`/${it.path}`));
  return <b className="bar-title">{t(page?.label ?? "app.title")}</b>;
}

interface SideProps extends ShellProps {
  pages: DeskPage[];
  onGo(): void;
}

function Side({ pages: open, session, onSignOut, onGo }: SideProps) {
  const { t, locale, setLocale } = useWords();
  return (
    <div className="side-body">
      <div className="side-brand">
        <Spruce size={34} />
        <b>{t("app.title")}</b>
      </div>
      <nav aria-label={t("app.menu")}>
        {open.map((page) => (
          <NavLink key={page.path} to={`/${page.path}`} onClick={onGo} className="side-link">
            <page.icon />
            {t(page.label)}
          </NavLink>
        ))}
      </nav>
      <div className="side-foot">
        <LiveDot />
        <p className="side-who">{session.staff.name}</p>
        <div className="side-buttons">
          <Button
            size="small"
            aria-label={t("app.locale.label")}
            onClick={() => setLocale(locale === "zh" ? "en" : "zh")}
          >
            {t("app.locale")}
          </Button>
          <Button size="small" icon={<LogoutOutlined />} onClick={() => void onSignOut()}>
            {t("app.signout")}
          </Button>
        </div>
      </div>
    </div>
  );
}

function LiveDot() {
  const t = useT();
  const { status } = useLive();
  return (
    <span className={`live live-${status}`} role="status">
      <i aria-hidden="true" />
      {t(`live.${status}`)}
    </span>
  );
}
