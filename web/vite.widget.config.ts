// The embeddable launcher: one small self-contained script, no framework.
import { resolve } from "node:path";
import { defineConfig } from "vite";

export default defineConfig({
  publicDir: false,
  build: {
    outDir: "dist",
    emptyOutDir: false,
    target: "es2020",
    rollupOptions: {
      input: resolve(import.meta.dirname, "src/widget/widget.ts"),
      output: { format: "iife", entryFileNames: "widget.js" },
    },
  },
});
