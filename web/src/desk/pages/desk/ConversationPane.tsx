// One conversation in hand: transcript and reply box, the context beside it
// (in a drawer where there is no room), and how the machine came to its replies.

import { ArrowLeftOutlined, ProfileOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button, Drawer, Grid, Segmented, Skeleton, Tag } from "antd";
import { useState } from "react";
import { useNavigate } from "react-router";
import type { DeskConversation, Event } from "../../../api/types.ts";
import { deskApi } from "../../api.ts";
import { useEvents } from "../../events.ts";
import { useLive } from "../../LiveProvider.tsx";
import { Problem } from "../../problems.tsx";
import { useT, wordOf } from "../../words.tsx";
import { Timeline } from "../conversations/Timeline.tsx";
import { ContextPanel } from "./ContextPanel.tsx";
import { EndButtons } from "./EndButtons.tsx";
import { ReplyBox } from "./ReplyBox.tsx";
import { TranscriptView } from "./TranscriptView.tsx";

type View = "transcript" | "explain";

export function ConversationPane({ conversation }: { conversation: string }) {
  const t = useT();
  const [view, setView] = useState<View>("transcript");
  const [drawer, setDrawer] = useState(false);
  const wide = Grid.useBreakpoint().xl ?? true;
  const events = useEvents(conversation);
  const state = useQuery({
    queryKey: ["conversation", conversation],
    queryFn: ({ signal }) => deskApi.conversation(conversation, signal),
  });
  const problem = state.error ?? events.error;
  if (problem && !state.data) {
    return (
      <div className="pane">
        <Problem problem={problem} onRetry={() => void Promise.all([state.refetch(), events.refetch()])} />
      </div>
    );
  }
  if (!state.data || !events.data) {
    return (
      <div className="pane pane-loading">
        <Skeleton active paragraph={{ rows: 6 }} />
      </div>
    );
  }
  const context = <ContextPanel state={state.data} />;
  return (
    <>
      <section className="pane" aria-label={t("pane.transcript")}>
        <PaneHead state={state.data} wide={wide} onContext={() => setDrawer(true)} />
        <Segmented<View>
          className="pane-views"
          value={view}
          onChange={setView}
          options={[
            { value: "transcript", label: t("pane.transcript") },
            { value: "explain", label: t("pane.explain") },
          ]}
        />
        <PaneBody view={view} events={events.data} />
        <PaneFoot state={state.data} />
      </section>
      {wide ? (
        <aside className="context" aria-label={t("pane.context")}>
          {context}
        </aside>
      ) : (
        <Drawer open={drawer} onClose={() => setDrawer(false)} title={t("pane.context")} size={340}>
          {context}
        </Drawer>
      )}
    </>
  );
}

function PaneHead({ state, wide, onContext }: { state: DeskConversation; wide: boolean; onContext(): void }) {
  const t = useT();
  const navigate = useNavigate();
  return (
    <header className="pane-head">
      <Button
        type="text"
        className="pane-back"
        icon={<ArrowLeftOutlined />}
        aria-label={t("pane.back")}
        onClick={() => navigate("/queue")}
      />
      <h2>{state.customer?.name ?? t("queue.anonymous")}</h2>
      <Tag>{wordOf(t, "status", state.status)}</Tag>
      {!wide && (
        <Button
          className="pane-context"
          icon={<ProfileOutlined />}
          aria-label={t("pane.context")}
          title={t("pane.context")}
          onClick={onContext}
        />
      )}
      {state.status === "agent" && <EndButtons conversation={state.conversation} />}
    </header>
  );
}

function PaneBody({ view, events }: { view: View; events: Event[] }) {
  return view === "transcript" ? <TranscriptView events={events} /> : <Timeline events={events} />;
}

function PaneFoot({ state }: { state: DeskConversation }) {
  const t = useT();
  const { typing } = useLive();
  return (
    <footer className="pane-foot">
      <p className="pane-typing" role="status">
        {typing.has(state.conversation) ? t("pane.typing") : ""}
      </p>
      {state.status === "agent" && <ReplyBox conversation={state.conversation} />}
    </footer>
  );
}
