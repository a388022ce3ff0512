/**
 * Tests against real servers of other makers: files named `*.real.test.ts`, run by `npm run test:real` only.
 *
 * Each such file names the programs that it needs in its head, as in ` * Needs: mosquitto, initdb`. Nothing is skipped
 * when one is missing: the run fails and says which Debian package holds it.
 */
import { globSync, readFileSync } from "node:fs"
import { delimiter, join } from "node:path"
import { ROOT } from "./sources.ts"

/** The programs that a real test may need, the Debian package of each, and where Debian puts what is not on the PATH. */
export const SERVERS: Readonly<Record<string, { readonly debian: string; readonly at?: string }>> = {
  mosquitto: { debian: "mosquitto", at: "/usr/sbin/mosquitto" },
  initdb: { debian: "postgresql", at: "/usr/lib/postgresql/*/bin/initdb" },
  openssl: { debian: "openssl" },
  "softhsm2-util": { debian: "softhsm2" },
  go: { debian: "golang-go" },
}

export function isThere(program: string): boolean {
  const folders = (process.env["PATH"] ?? "").split(delimiter).map((folder) => join(folder, program))
  return [...folders, SERVERS[program]?.at ?? ""].some((place) => place !== "" && globSync(place).length > 0)
}

/** The programs that a file's head names. */
export function needsOf(text: string): readonly string[] {
  const named = /^ \* Needs: (.*)$/m.exec(text)?.[1] ?? ""
  return named.split(/[ ,]+/).filter((program) => program !== "")
}

/** What stands in the way of running these files, one line each; empty when all can run. */
export function missingFor(files: readonly string[]): readonly string[] {
  return files.flatMap((file) => {
    const needs = needsOf(readFileSync(join(ROOT, file), "utf8"))
    if (needs.length === 0) return [`${file} does not say which server it needs ("Needs: ..." in its head)`]
    return needs.flatMap((program) => {
      const server = SERVERS[program]
      if (server === undefined) return [`${file} needs ${program}, which tools/real.ts does not know`]
      return isThere(program) ? [] : [`${file} needs ${program}: apt install ${server.debian}`]
    })
  })
}
