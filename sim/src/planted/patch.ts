/**
 * Loads modules with one bug planted: Node's loader hands a file over with one piece of it replaced.
 *
 * It imports nothing of ours, so that a bug can be planted in any file.
 */
import { ok } from "node:assert/strict"
import { registerHooks } from "node:module"
import type { Bug } from "./bug.ts"

/** A file from the root of the project, a piece of it, and what stands there instead. */
export type Piece = Pick<Bug, "file" | "find" | "replace">

const ROOT = new URL("../../../", import.meta.url)

/** The file with the bug in it. The piece must stand there exactly once, or the list of bugs has fallen behind the code. */
export function withBug(source: string, { file, find, replace }: Piece): string {
  ok(source.split(find).length === 2, `the piece to replace stands exactly once in ${file}`)
  return source.replace(find, () => replace)
}

/** From now on the bug's file is loaded with the bug. Must be called before the file is loaded for the first time. */
export function plant(bug: Piece): void {
  const target = new URL(bug.file, ROOT).href
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context)
      if (url !== target || loaded.source == null) return loaded
      const source =
        typeof loaded.source === "string" ? loaded.source : Buffer.from(loaded.source as Uint8Array).toString("utf8")
      return { ...loaded, source: withBug(source, bug) }
    },
  })
}
