// Cards that only show: account lists, statements, estimates, receipts, things
// still under way, warnings.

import { type ReactNode, useId, useState } from "react";
import type { CardPart, CardStyle, Row, Table } from "../../api/types.ts";
import { useT } from "../../i18n/chat.tsx";
import {
  CalculatorIcon,
  CardIcon,
  CheckIcon,
  ClockIcon,
  InfoIcon,
  ListIcon,
  WarnIcon,
} from "../../shared/icons.tsx";
import { headline, isInward, numericColumns } from "./model.ts";

/** Rows of a table shown before "show all". */
const ROWS_SHOWN = 6;

const icons: Record<CardStyle, () => ReactNode> = {
  info: InfoIcon,
  accounts: CardIcon,
  transactions: ListIcon,
  calculator: CalculatorIcon,
  receipt: CheckIcon,
  pending: ClockIcon,
  warning: WarnIcon,
};

export function Card({ part }: { part: CardPart }) {
  const t = useT();
  const titleId = useId();
  const StyleIcon = icons[part.style] ?? InfoIcon;
  const big = part.style === "receipt" || part.style === "calculator" || part.style === "pending";
  const { main, rest } = big ? headline(part.rows) : { main: undefined, rest: part.rows };
  return (
    <section className={`card card-${part.style}`} aria-labelledby={titleId}>
      <header className="card-head">
        <span className="card-icon">
          <StyleIcon />
        </span>
        <h3 id={titleId}>
          <span className="sr">{t(`card.style.${part.style}`)}: </span>
          {part.title}
        </h3>
      </header>
      {main && (
        <p className="card-main">
          <span>{main.label}</span>
          <strong className="num">{main.value}</strong>
        </p>
      )}
      {rest.length > 0 && <Rows rows={rest} tiles={part.style === "accounts"} />}
      {part.table && part.table.rows.length > 0 && <TableView table={part.table} title={part.title} />}
      {part.note && <p className="card-note">{part.note}</p>}
    </section>
  );
}

export function Rows({ rows, tiles = false }: { rows: Row[]; tiles?: boolean }) {
  return (
    <dl className={tiles ? "rows tiles" : "rows"}>
      {rows.map((row, index) => (
        <div key={index} className={row.strong ? "row strong" : "row"}>
          <dt>{row.label}</dt>
          <dd className="num">{row.value}</dd>
        </div>
      ))}
    </dl>
  );
}

function TableView({ table, title }: { table: Table; title: string }) {
  const t = useT();
  const [open, setOpen] = useState(false);
  const numeric = numericColumns(table);
  const shown = open ? table.rows : table.rows.slice(0, ROWS_SHOWN);
  return (
    <>
      {/* A region that scrolls must be reachable by keyboard. */}
      <div className="table-scroll" role="region" aria-label={t("card.table", { title })} tabIndex={0}>
        <table>
          <thead>
            <tr>
              {table.columns.map((column, index) => (
                <th key={index} scope="col" className={numeric[index] ? "right" : undefined}>
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((row, at) => (
              <tr key={at}>
                {table.columns.map((_, index) => {
                  const cell = row[index] ?? "";
                  const inward = numeric[index] && isInward(cell) ? " inward" : "";
                  return (
                    <td key={index} className={numeric[index] ? `right num${inward}` : undefined}>
                      {cell}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {table.rows.length > ROWS_SHOWN && (
        <button type="button" className="more" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? t("card.collapse") : t("card.expand", { count: table.rows.length })}
        </button>
      )}
    </>
  );
}
