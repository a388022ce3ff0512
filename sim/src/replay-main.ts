/**
 * `npm run replay -- FILE [--data DIR] [--zone Z] [--founding-key FILE] [--port N]`: a badge log lived again by real locks.
 *
 * The last line on standard output is one JSON object with what came of it; everything for people goes to standard error.
 */
import { readFileSync } from "node:fs"
import { resolve } from "node:path"
import { parseArgs } from "node:util"
import { DEFAULT_PORT } from "@holdfast/holdfast"
import { readBadgeLog } from "./replay/badge-log.ts"
import { RULE } from "./replay/building.ts"
import { ImportError, importLog } from "./replay/import.ts"

const HELP = `Usage: npm run replay -- FILE [OPTIONS]

FILE            a badge log: "timestamp, type, prox-id, floor, zone" (VAST Challenge 2016) or "time,badge,door[,floor]"
--data DIR      where the building is made; must be new or empty (default: ./data-replay)
--zone Z        IANA time zone of the file's times (default: UTC)
--founding-key FILE  where the founding key goes (default: DIR.founding-key.txt)
--port N        the console's port, which the site's root metadata names (default: ${DEFAULT_PORT})`

const BAD_ROWS_SHOWN = 20
const BAR_WIDTH = 40
const FILE_BYTES_MAX = 1024 * 1024 * 1024

type Call = {
  readonly file: string
  readonly data: string
  readonly zone: string
  readonly key: string
  readonly port: number
}

function readCall(words: readonly string[]): Call | "help" {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      data: { type: "string" },
      zone: { type: "string" },
      "founding-key": { type: "string" },
      port: { type: "string" },
      help: { type: "boolean", short: "h" },
    },
  })
  if (values.help === true) return "help"
  const [file, extra] = positionals
  if (file === undefined || extra !== undefined)
    throw new ImportError("name one file to replay; npm run replay -- --help says how")
  const port = values.port === undefined ? DEFAULT_PORT : Number(values.port)
  if (!Number.isInteger(port) || port < 1 || port > 65_534)
    throw new ImportError(`--port takes a number from 1 to 65534, not "${values.port}"`)
  const data = resolve(values.data ?? "data-replay")
  return { file, data, zone: values.zone ?? "UTC", key: values["founding-key"] ?? `${data}.founding-key.txt`, port }
}

function readText(file: string): string {
  try {
    const bytes = readFileSync(file)
    if (bytes.length > FILE_BYTES_MAX) throw new ImportError(`${file} is larger than 1 GiB`)
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes)
  } catch (error) {
    if (error instanceof ImportError) throw error
    if (error instanceof TypeError) throw new ImportError(`${file} is not UTF-8`)
    const { code, message } = error as NodeJS.ErrnoException
    throw new ImportError(code === "ENOENT" ? `there is no file ${file}` : `cannot read ${file}: ${message}`)
  }
}

/** A bar that redraws itself on a terminal, and a line every tenth elsewhere. */
function progressBar(total: number): (done: number) => void {
  let tenths = -1
  return (done) => {
    const share = total === 0 ? 1 : done / total
    if (process.stderr.isTTY) {
      const filled = Math.round(share * BAR_WIDTH)
      process.stderr.write(`\r[${"#".repeat(filled)}${".".repeat(BAR_WIDTH - filled)}] ${done} of ${total} rows`)
      if (done === total) process.stderr.write("\n")
    } else if (Math.floor(share * 10) > tenths) {
      tenths = Math.floor(share * 10)
      console.error(`${tenths * 10} %: ${done} of ${total} rows`)
    }
  }
}

async function main(): Promise<void> {
  const call = readCall(process.argv.slice(2))
  if (call === "help") return console.log(HELP)
  const started_ms = performance.now()
  const read = readBadgeLog(readText(call.file))
  if (!read.ok) throw new ImportError(`${call.file}: ${read.fault}; npm run replay -- --help shows the two forms`)
  const { rows, bad } = read.log
  for (const { line, why } of bad.slice(0, BAD_ROWS_SHOWN)) console.error(`line ${line} is left out: ${why}`)
  if (bad.length > BAD_ROWS_SHOWN) console.error(`... and ${bad.length - BAD_ROWS_SHOWN} more rows are left out`)
  console.error(RULE)
  const counts = await importLog({
    log: read.log,
    zone: call.zone,
    directory: call.data,
    foundingKeyFile: call.key,
    port: call.port,
    progress: progressBar(rows.length),
  })
  const seconds = Math.round((performance.now() - started_ms) / 100) / 10
  console.error(`The founding key lies in ${call.key}: whoever has it can name an administrator.`)
  console.error(`To see it: npm start -- --data "${call.data}" --founding-key "${call.key}"`)
  console.log(JSON.stringify({ rows: rows.length, bad_rows: bad.length, ...counts, seconds }))
}

try {
  await main()
} catch (error) {
  const said = error instanceof Error ? error.message : String(error)
  console.error(error instanceof ImportError || said.includes("option") ? said : `the replay failed: ${said}`)
  process.exitCode = 1
}
