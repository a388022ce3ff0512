/**
 * Runs test files in this one process and tells what failed: `node tools/suite.ts FILE...`
 *
 * Only failures are printed, and the last line is a {@link totalsLine} for stage.ts to read. It starts no process: who wants
 * a process per file runs it once per file.
 */
import { once } from "node:events"
import { run } from "node:test"
import { inspect } from "node:util"
import { type Totals, totalsLine } from "./totals.ts"

const TEST_MS_MAX = 120_000
const LINGER_MS_MAX = 30_000

type Told = {
  readonly name: string
  readonly file?: string
  readonly line?: number
  readonly skip?: string | boolean
  readonly todo?: string | boolean
  readonly details: {
    readonly type?: string
    readonly error?: { readonly cause?: unknown; readonly failureType?: string }
  }
}

function tellFailure({ name, file, line, details }: Told): void {
  const { error } = details
  if (error?.failureType === "subtestsFailed") return // The subtest has told it already.
  console.log(`${file ?? ""}:${line ?? 0}: ${name}\n${inspect(error?.cause ?? error)}\n`)
}

async function runAll(files: readonly string[]): Promise<Totals> {
  let [passed, failed, skipped] = [0, 0, 0]
  const told = run({ files: [...files], isolation: "none", timeout: TEST_MS_MAX })
  told.on("test:pass", (data: Told) => {
    if (data.details.type === "suite") return
    if (data.skip !== undefined || data.todo !== undefined) skipped++
    else passed++
  })
  told.on("test:fail", (data: Told) => {
    failed++
    tellFailure(data)
  })
  told.resume()
  await once(told, "end")
  return { passed, failed, skipped }
}

/** What a test left open would keep this process alive for ever: say what it is, and fail. */
function leaveSoon(): void {
  setTimeout(() => {
    console.log(`A test left something open: ${process.getActiveResourcesInfo().join(", ")}`)
    process.exit(1)
  }, LINGER_MS_MAX).unref()
}

if (import.meta.main) {
  const totals = await runAll(process.argv.slice(2))
  console.log(totalsLine(totals))
  process.exitCode = totals.failed === 0 ? 0 : 1
  leaveSoon()
}
