/** Writes this room's vectors to vectors/. Run by hand when a format changes: `node core/access/test/write-vectors.ts`. */
import { writeFileSync } from "node:fs"
import { vectorFiles } from "./vectors.ts"

for (const [name, content] of Object.entries(vectorFiles()))
  writeFileSync(new URL(`../../../vectors/${name}`, import.meta.url), `${JSON.stringify(content, null, 2)}\n`)
