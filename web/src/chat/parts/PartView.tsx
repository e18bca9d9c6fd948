// One part of a reply, by its kind.

import type { Part } from "../../api/types.ts";
import { Answer } from "./Answer.tsx";
import { Card } from "./Card.tsx";
import { Choices } from "./Choices.tsx";
import { Confirm } from "./Confirm.tsx";
import { Handoff } from "./Handoff.tsx";
import { Jump } from "./Jump.tsx";
import { Otp } from "./Otp.tsx";
import { Progress } from "./Progress.tsx";
import "./parts.css";

export function PartView({ part, seq, turn }: { part: Part; seq: number; turn: number }) {
  switch (part.kind) {
    case "text":
      return <div className="bubble said">{part.text}</div>;
    case "answer":
      return <Answer part={part} />;
    case "card":
      return <Card part={part} />;
    case "choices":
      return <Choices part={part} turn={turn} />;
    case "confirm":
      return <Confirm part={part} seq={seq} />;
    case "otp":
      return <Otp part={part} seq={seq} />;
    case "jump":
      return <Jump part={part} />;
    case "handoff":
      return <Handoff part={part} />;
    case "progress":
      return <Progress part={part} />;
    default:
      // A newer server may know more parts than this page.
      return null;
  }
}
