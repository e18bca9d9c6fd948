// Recent conversations, and for each the Explain view.

import { ArrowLeftOutlined } from "@ant-design/icons";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Button, Skeleton, Table, type TableProps, Tag } from "antd";
import { Link, Route, Routes, useNavigate, useParams } from "react-router";
import type { RecentConversation } from "../../../api/types.ts";
import { deskApi } from "../../api.ts";
import { useEvents } from "../../events.ts";
import { Problem } from "../../problems.tsx";
import { dateTimeOf, useT, useWords, wordOf } from "../../words.tsx";
import { Timeline } from "./Timeline.tsx";

const PAGE_LIMIT = 50;
const REFRESH_MS = 15_000;

export default function ConversationsPage() {
  return (
    <Routes>
      <Route index element={<Recent />} />
      <Route path=":conversation" element={<Explain />} />
    </Routes>
  );
}

function Recent() {
  const { t, locale } = useWords();
  const navigate = useNavigate();
  const recent = useInfiniteQuery({
    queryKey: ["recent"],
    queryFn: ({ pageParam, signal }) => deskApi.recent(PAGE_LIMIT, pageParam, signal),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: (page) => (page.length < PAGE_LIMIT ? undefined : page.at(-1)?.opened_at_ms),
    refetchInterval: REFRESH_MS,
  });
  const columns: TableProps<RecentConversation>["columns"] = [
    {
      key: "customer",
      title: t("conv.customer"),
      render: (_, it) => (
        <Link to={it.conversation} onClick={(event) => event.stopPropagation()}>
          {it.customer_masked ?? t("queue.anonymous")}
        </Link>
      ),
    },
    { key: "last", title: t("conv.last"), dataIndex: "last_text_masked", ellipsis: true },
    {
      key: "status",
      title: t("conv.status"),
      render: (_, it) => <Tag>{wordOf(t, "status", it.status)}</Tag>,
      responsive: ["sm"],
    },
    { key: "events", title: t("conv.events"), dataIndex: "events", align: "right", responsive: ["md"] },
    {
      key: "opened",
      title: t("conv.opened"),
      render: (_, it) => <span className="num">{dateTimeOf(it.opened_at_ms, locale)}</span>,
      responsive: ["md"],
    },
  ];
  return (
    <div className="page-body">
      <h1>{t("conv.title")}</h1>
      {recent.error && <Problem problem={recent.error} onRetry={() => void recent.refetch()} />}
      <Table
        rowKey="conversation"
        columns={columns}
        dataSource={recent.data?.pages.flat() ?? []}
        loading={recent.isPending}
        pagination={false}
        locale={{ emptyText: t("conv.empty") }}
        onRow={(it) => ({ onClick: () => navigate(it.conversation), className: "clickable" })}
      />
      {recent.hasNextPage && (
        <Button
          className="more-button"
          loading={recent.isFetchingNextPage}
          onClick={() => void recent.fetchNextPage()}
        >
          {t("conv.more")}
        </Button>
      )}
    </div>
  );
}

function Explain() {
  const t = useT();
  const navigate = useNavigate();
  const { conversation = "" } = useParams();
  const events = useEvents(conversation);
  return (
    <div className="page-body explain">
      <header className="pane-head">
        <Button
          type="text"
          icon={<ArrowLeftOutlined />}
          aria-label={t("pane.back")}
          onClick={() => navigate("/conversations")}
        />
        <h1>{t("explain.title")}</h1>
        <code className="quiet">{conversation}</code>
      </header>
      {events.error && <Problem problem={events.error} onRetry={() => void events.refetch()} />}
      {events.data ? <Timeline events={events.data} /> : events.isPending && <Skeleton active />}
    </div>
  );
}
