// Who the customer is (masked) and what was handed over, so that nothing is
// asked twice.

import { Descriptions, Tag } from "antd";
import type { DeskConversation, HandoffPacket } from "../../../api/types.ts";
import { formatValue } from "../../../shared/values.ts";
import { FeelingTag } from "../../FeelingTag.tsx";
import { useT } from "../../words.tsx";
import { TierTag } from "./Lists.tsx";

export function ContextPanel({ state }: { state: DeskConversation }) {
  const t = useT();
  const { customer, packet } = state;
  const flow = state.flow ?? packet?.flow;
  const named = (id: string) => state.names[id] ?? id;
  const slots: [string, unknown][] = state.slots.length
    ? state.slots.map((slot) => [slot.name, slot.value])
    : (packet?.slots ?? []);
  return (
    <div className="context-body">
      {packet && <Summary packet={packet} />}
      <Descriptions
        size="small"
        column={1}
        title={t("pane.customer")}
        items={[
          {
            key: "name",
            label: t("pane.customer"),
            children: (
              <>
                {customer?.name ?? t("queue.anonymous")}
                {customer?.elder && (
                  <Tag color="purple" className="after">
                    {t("queue.elder")}
                  </Tag>
                )}
              </>
            ),
          },
          { key: "phone", label: t("pane.phone"), children: customer?.phone ?? "—" },
          { key: "level", label: t("pane.level"), children: t(`level.${customer?.level ?? "L0"}`) },
        ]}
      />
      <Descriptions
        size="small"
        column={1}
        title={t("pane.slots")}
        items={[
          { key: "flow", label: t("pane.flow"), children: flow ? named(flow) : t("pane.none") },
          ...slots.map(([name, value]) => ({ key: `slot-${name}`, label: named(name), children: formatValue(value) })),
        ]}
      />
      {packet && <PacketDetails packet={packet} named={named} />}
    </div>
  );
}

function Summary({ packet }: { packet: HandoffPacket }) {
  const t = useT();
  return (
    <section className="summary">
      <h3>
        {t("pane.summary")} <TierTag tier={packet.tier} /> <FeelingTag feeling={packet.feeling} />
      </h3>
      <ul>
        {packet.summary.map((line, index) => (
          <li key={index}>
            {line.text} <small className="num">{t("pane.seqs", { seqs: line.seqs.join(", ") })}</small>
          </li>
        ))}
      </ul>
      {packet.next_action && (
        <p>
          <b>{t("pane.next")}</b> {packet.next_action}
        </p>
      )}
    </section>
  );
}

function PacketDetails({ packet, named }: { packet: HandoffPacket; named: (id: string) => string }) {
  const t = useT();
  const lists = [
    ["tried", packet.tried],
    ["failed", packet.failed],
    ["open", packet.open_commits],
  ] as const;
  return (
    <Descriptions
      size="small"
      column={1}
      title={t("pane.intent")}
      items={[
        { key: "intent", label: t("pane.intent"), children: packet.intent ? named(packet.intent) : t("pane.none") },
        ...(packet.step ? [{ key: "step", label: t("pane.step"), children: packet.step }] : []),
        ...lists
          .filter(([, values]) => values.length > 0)
          .map(([name, values]) => ({ key: name, label: t(`pane.${name}`), children: values.map(named).join(", ") })),
      ]}
    />
  );
}
