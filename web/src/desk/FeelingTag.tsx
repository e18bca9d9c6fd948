// How a customer feels, in one tag: the mood, how strong, where it is going.

import { Tag } from "antd";
import type { Feeling } from "../api/types.ts";
import { useT } from "./words.tsx";

const ARROWS = { rising: "↑", steady: "", falling: "↓" };

export function FeelingTag({ feeling }: { feeling: Feeling | null | undefined }) {
  const t = useT();
  if (!feeling) return null;
  const heavy = feeling.intensity >= 2 && feeling.mood !== "happy";
  return (
    <Tag color={heavy ? "volcano" : "default"} title={t(`trend.${feeling.trend}`)}>
      {t(`mood.${feeling.mood}`)}
      {feeling.intensity > 0 && ` ${feeling.intensity}`} {ARROWS[feeling.trend]}
    </Tag>
  );
}
