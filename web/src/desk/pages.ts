// Every page of the console. A new room adds one entry here.

import { AuditOutlined, CommentOutlined, InboxOutlined, PartitionOutlined } from "@ant-design/icons";
import { type ComponentType, type LazyExoticComponent, lazy } from "react";
import type { DeskKey } from "./words.tsx";
import type { Permission } from "./permissions.ts";

export interface DeskPage {
  /** Under `/desk`; the page owns everything below it. */
  path: string;
  label: DeskKey;
  icon: ComponentType;
  permission: Permission;
  component: LazyExoticComponent<ComponentType>;
}

export const pages: readonly DeskPage[] = [
  {
    path: "queue",
    label: "nav.desk",
    icon: CommentOutlined,
    permission: "converse",
    component: lazy(() => import("./pages/desk/DeskPage.tsx")),
  },
  {
    path: "conversations",
    label: "nav.conversations",
    icon: PartitionOutlined,
    permission: "explain",
    component: lazy(() => import("./pages/conversations/ConversationsPage.tsx")),
  },
  {
    path: "releases",
    label: "nav.releases",
    icon: AuditOutlined,
    permission: "release",
    component: lazy(() => import("./pages/releases/ReleasesPage.tsx")),
  },
  {
    path: "packs",
    label: "nav.packs",
    icon: InboxOutlined,
    permission: "manage_packs",
    component: lazy(() => import("./pages/packs/PacksPage.tsx")),
  },
];
