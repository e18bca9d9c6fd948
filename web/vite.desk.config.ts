// The staff console, on React and Ant Design.
import react from "@vitejs/plugin-react";
import { defineConfig, mergeConfig } from "vite";
import { pages } from "./vite.shared.ts";

export default mergeConfig(
  pages(["desk"], false),
  defineConfig({
    plugins: [react()],
    // The component library is one large chunk, loaded once and cached.
    build: { chunkSizeWarningLimit: 1500 },
    server: { port: 5174 },
  }),
);
