// The article a sentence rests on, at the version that was cited.

import { useEffect, useState } from "react";
import { publicApi } from "../api/client.ts";
import type { Article } from "../api/types.ts";
import { useLocale, useT } from "../i18n/chat.tsx";
import { Markdown } from "../shared/markdown.tsx";
import { problemText } from "./problems.ts";
import { Sheet } from "./Sheet.tsx";

/** Characters of a version that are shown; the whole hash helps nobody. */
const VERSION_SHOWN = 12;

export interface ArticleRef {
  article: string;
  version: string;
}

export function ArticleSheet({ article, version, onClose }: ArticleRef & { onClose(): void }) {
  const t = useT();
  const locale = useLocale();
  const [loaded, setLoaded] = useState<Article>();
  const [problem, setProblem] = useState<unknown>();
  useEffect(() => {
    let wanted = true;
    publicApi.article(article, version, locale).then(
      (it) => wanted && setLoaded(it),
      (error: unknown) => wanted && setProblem(error),
    );
    return () => {
      wanted = false;
    };
  }, [article, version, locale]);

  return (
    <Sheet title={loaded?.title ?? t(problem ? "article.failed" : "article.loading")} onClose={onClose}>
      {problem !== undefined && <p role="alert">{problemText(problem, t)}</p>}
      {loaded && <ArticleView article={loaded} />}
    </Sheet>
  );
}

function ArticleView({ article }: { article: Article }) {
  const t = useT();
  return (
    <article className="article">
      {!article.current && <p className="superseded">{t("article.superseded")}</p>}
      <Markdown source={article.body_md} />
      <dl className="provenance">
        <dt>{t("article.source")}</dt>
        <dd>{article.source}</dd>
        <dt>{t("article.owner")}</dt>
        <dd>{article.owner}</dd>
        <dt>{t("article.effective")}</dt>
        <dd className="num">{article.effective}</dd>
        {article.expires && (
          <>
            <dt>{t("article.expires")}</dt>
            <dd className="num">{article.expires}</dd>
          </>
        )}
        <dt>{t("article.version")}</dt>
        <dd>
          <code title={article.version}>{article.version.slice(0, VERSION_SHOWN)}</code>
        </dd>
      </dl>
    </article>
  );
}
