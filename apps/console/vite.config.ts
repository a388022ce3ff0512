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
  },
  worker: { format: "es" },
})
