// The customer's pages. They are written against React's API and types, and
// run on Preact: the same components at a fifth of the size, for the phones of
// people who came to ask their bank one thing. The console runs on React
// itself (vite.desk.config.ts).
import react from "@vitejs/plugin-react";
import { defineConfig, mergeConfig } from "vitest/config";
import { pages } from "./vite.shared.ts";

export default mergeConfig(
  pages(["index", "embed", "phone", "demo"], true),
  defineConfig({
    plugins: [react()],
    resolve: {
      alias: [
        { find: /^react\/jsx-(dev-)?runtime$/, replacement: "preact/jsx-runtime" },
        { find: /^react-dom\/client$/, replacement: "preact/compat/client" },
        { find: /^react(-dom)?$/, replacement: "preact/compat" },
      ],
    },
    server: { port: 5173 },
    test: { include: ["test/**/*.test.{ts,tsx}"], environment: "node" },
  }),
);
