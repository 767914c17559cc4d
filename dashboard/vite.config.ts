import { fileURLToPath } from "node:url";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

const projector = `http://127.0.0.1:${process.env.WEFT_PROJECTOR_PORT ?? "8600"}`;

/** Nothing is inlined: the pages obey `default-src 'self'`. Addresses are relative, so that any path may serve them. */
export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  base: "./",
  plugins: [svelte({ compilerOptions: { runes: true } })],
  build: {
    target: "es2023",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: { proxy: { "/api": projector } },
});
