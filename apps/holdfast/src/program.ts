/**
 * Where the programs of a building's parts lie: beside this one, each with its own entry.
 */
import { join } from "node:path"
import { fileURLToPath } from "node:url"

/** What a process runs: an entry, and the words after its name. */
export type Program = { readonly entry: string; readonly words: readonly string[] }

const beside = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url))

/** The entry of a part's program. */
export function programOf(part: "keeper" | "server" | "front"): string {
  return beside(`${part}/src/main.ts`)
}

/** The folder of the console's pages, as they were built. */
export const CONSOLE = beside("console/dist")

/** A release of the boards' program goes through its launcher, which verifies it and runs what it verified. */
export function boardsProgram(release: string | null): Program {
  if (release === null) return { entry: beside("board/src/main.ts"), words: [] }
  const words = ["--image", join(release, "board.image"), "--trust", join(release, "trust.json")]
  return { entry: beside("board/src/launcher-main.ts"), words }
}
