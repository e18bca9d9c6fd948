// An answer out of the knowledge base: each run of sentences carries a mark
// that opens the article version it rests on.

import type { ReactNode } from "react";
import type { AnswerPart } from "../../api/types.ts";
import { useT } from "../../i18n/chat.tsx";
import { BookIcon, RightIcon } from "../../shared/icons.tsx";
import { usePartHost } from "../context.ts";
import { citedRuns, runBlocks } from "./model.ts";

export function Answer({ part }: { part: AnswerPart }) {
  const t = useT();
  const { openArticle } = usePartHost();
  const { runs, citations } = citedRuns(part);
  const several = citations.length > 1;
  return (
    <div className="bubble answer">
      <div className="answer-text">
        {runs.map((run, index) => {
          const citation = run.mark === undefined ? undefined : citations[run.mark];
          const mark = several && citation && run.mark !== undefined && (
            <button
              type="button"
              className="mark"
              aria-label={t("answer.mark", { number: run.mark + 1 })}
              onClick={() => openArticle(citation.article, citation.version)}
            >
              {run.mark + 1}
            </button>
          );
          return <Run key={index} sentences={run.sentences} mark={mark} />;
        })}
      </div>
      {citations.length > 0 && (
        <ul className="sources" aria-label={t("answer.sources")}>
          {citations.map((citation, index) => (
            <li key={`${citation.article}@${citation.version}`}>
              <button
                type="button"
                className="source"
                aria-label={t("answer.open", { title: citation.title })}
                onClick={() => openArticle(citation.article, citation.version)}
              >
                <BookIcon />
                <span>
                  {several && <b className="num">{index + 1} </b>}
                  {citation.title}
                </span>
                <RightIcon />
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** The mark stands at the end of what it vouches for. */
function Run({ sentences, mark }: { sentences: string[]; mark: ReactNode }) {
  const blocks = runBlocks(sentences);
  return blocks.map((block, index) => {
    const end = index === blocks.length - 1 && mark;
    if ("text" in block) {
      return (
        <p key={index}>
          {block.text}
          {end}
        </p>
      );
    }
    return (
      <ul key={index}>
        {block.items.map((item, at) => (
          <li key={at}>
            {item}
            {at === block.items.length - 1 && end}
          </li>
        ))}
      </ul>
    );
  });
}
