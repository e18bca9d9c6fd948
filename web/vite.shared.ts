// What the builds of the customer pages and of the console have in common.
import { resolve } from "node:path";
import type { Plugin, UserConfig } from "vite";
import { pageFor } from "./dev/pages.ts";

/** The server, or the stand-in, that development pages talk to. */
const api = process.env.TELLER_URL ?? "http://127.0.0.1:8787";

/** In development, the same pretty paths as the server's. */
function prettyPaths(): Plugin {
  return {
    name: "teller-pretty-paths",
    configureServer(server) {
      server.middlewares.use((request, _response, next) => {
        const page = pageFor(request.url ?? "/");
        if (page) request.url = `/${page}${(request.url ?? "").replace(/^[^?]*/, "")}`;
        next();
      });
    },
  };
}

/** A build of the named pages into `dist`; the first of the builds empties it. */
export function pages(names: string[], first: boolean): UserConfig {
  return {
    plugins: [prettyPaths()],
    ...(first ? {} : { publicDir: false }),
    build: {
      outDir: "dist",
      emptyOutDir: first,
      target: "es2022",
      modulePreload: { polyfill: false },
      rollupOptions: {
        input: Object.fromEntries(names.map((name) => [name, resolve(import.meta.dirname, `${name}.html`)])),
      },
    },
    server: { proxy: { "/api": { target: api, ws: true } } },
  };
}
