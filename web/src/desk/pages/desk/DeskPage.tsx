// The agent's page: who waits, whom I serve, and the conversation in hand.

import { Empty } from "antd";
import { Route, Routes, useParams } from "react-router";
import { useT } from "../../words.tsx";
import { ConversationPane } from "./ConversationPane.tsx";
import { Lists } from "./Lists.tsx";

export default function DeskPage() {
  const t = useT();
  return (
    <Routes>
      <Route
        index
        element={
          <div className="desk">
            <Lists current={undefined} />
            <div className="pane pane-empty">
              <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t("pane.empty")} />
            </div>
          </div>
        }
      />
      <Route path=":conversation" element={<InHand />} />
    </Routes>
  );
}

function InHand() {
  const { conversation = "" } = useParams();
  return (
    <div className="desk desk-open">
      <Lists current={conversation} />
      <ConversationPane key={conversation} conversation={conversation} />
    </div>
  );
}
