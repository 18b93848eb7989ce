import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const root = fileURLToPath(new URL(".", import.meta.url));

/** The pages of the console, built for `style-src 'self'; script-src 'self'` and Trusted Types: nothing inlined, nothing fetched. */
export default defineConfig({
  root,
  base: "/console/",
  logLevel: "warn",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: fileURLToPath(new URL("../../../dist/console/ui", import.meta.url)),
    emptyOutDir: true,
    target: "es2023",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // One style sheet: the first paint of a screen never waits for its own.
    cssCodeSplit: false,
    reportCompressedSize: false,
  },
  server: { proxy: { "/console/api": "http://127.0.0.1:3000" } },
});
