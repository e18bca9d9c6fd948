// The versions of the bank pack: which is in use, since when, by whom; another
// one can be activated, an earlier one as a roll-back.

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Table, type TableProps, Tag } from "antd";
import type { PackVersionInfo } from "../../../api/types.ts";
import { deskApi } from "../../api.ts";
import { Problem, problemText } from "../../problems.tsx";
import { dateTimeOf, useWords } from "../../words.tsx";

const VERSION_SHOWN = 15;
const short = (version: string): string => version.slice(0, VERSION_SHOWN);

export default function PacksPage() {
  const { t, locale } = useWords();
  const client = useQueryClient();
  const { message, modal } = App.useApp();
  const packs = useQuery({ queryKey: ["packs"], queryFn: ({ signal }) => deskApi.packs(signal) });
  const activate = useMutation({
    mutationFn: deskApi.activate,
    onSuccess: (_, version) => void message.success(t("pack.done", { version: short(version) })),
    onError: (error) => void message.error(problemText(error, t)),
    onSettled: () => client.invalidateQueries({ queryKey: ["packs"] }),
  });
  const ask = (version: string) => {
    void modal.confirm({
      title: t("pack.activate.title", { version: short(version) }),
      content: t("pack.activate.note"),
      okText: t("pack.activate"),
      cancelText: t("form.cancel"),
      onOk: () => activate.mutateAsync(version).catch(() => undefined),
    });
  };
  const columns: TableProps<PackVersionInfo>["columns"] = [
    { key: "version", title: t("pack.version"), render: (_, it) => <code title={it.version}>{short(it.version)}</code> },
    { key: "id", title: t("pack.id"), dataIndex: "id", responsive: ["sm"] },
    {
      key: "state",
      title: t("pack.state"),
      render: (_, it) =>
        it.active ? <Tag color="green">{t("pack.active")}</Tag> : <span className="quiet">{t("pack.inactive")}</span>,
    },
    {
      key: "when",
      title: t("pack.when"),
      responsive: ["md"],
      render: (_, it) => (it.activated_at_ms ? dateTimeOf(it.activated_at_ms, locale) : "—"),
    },
    { key: "by", title: t("pack.by"), responsive: ["md"], render: (_, it) => it.activated_by ?? "—" },
    {
      key: "act",
      align: "right",
      render: (_, it) =>
        !it.active && (
          <Button size="small" onClick={() => ask(it.version)}>
            {t("pack.activate")}
          </Button>
        ),
    },
  ];
  return (
    <div className="page-body narrow">
      <h1>{t("pack.title")}</h1>
      {packs.error && <Problem problem={packs.error} onRetry={() => void packs.refetch()} />}
      <Table
        rowKey="version"
        columns={columns}
        dataSource={packs.data ?? []}
        loading={packs.isPending}
        pagination={false}
        locale={{ emptyText: t("pack.empty") }}
      />
    </div>
  );
}
