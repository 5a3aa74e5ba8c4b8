import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** `vite build` writes the browser's files to dist/web; the API serves them. `vite` serves them beside a running API. */
// oxlint-disable-next-line import/no-default-export -- Vite reads the default export
export default defineConfig({
  root: "src/web",
  plugins: [react()],
  build: {
    outDir: "../../dist/web",
    emptyOutDir: true,
    target: "es2024",
    // An inlined data: URL would need a wider content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { host: "127.0.0.1", port: 7171, proxy: { "/v1": "http://127.0.0.1:7070" } },
});
