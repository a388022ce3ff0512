/**
 * How the console becomes files: hashed bundles, fonts as files, nothing inline, so that the front's content security policy
 * can forbid everything else. (Vite wants a default export here; nowhere else in the house is there one.)
 */
import react from "@vitejs/plugin-react"
import { defineConfig } from "vite"

export default defineConfig({
  plugins: [react()],
  build: {
    target: "es2023",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
    // One bundle on purpose: a lock's console is small, and a page that loads in parts can be half there.
    chunkSizeWarningLimit: 1_000,
  },
  worker: { format: "es" },
})
