/**
 * `npm run audit -- DIR|URL [--key VKEY] [--receipt FILE] [--token-file FILE]`: is this history what it claims to be?
 *
 * Exit code 0 when everything that was given holds, 1 when something is wrong (named in the last line), 2 for a wrong call.
 */
import { readFile } from "node:fs/promises"
import { parseArgs } from "node:util"
import { audit } from "./audit.ts"
import { looksLikeHash, readVkeys } from "./keys.ts"
import { openSource, SourceError } from "./source.ts"

const HELP = `Usage: npm run audit -- DIR|URL [--key VKEY]... [--receipt FILE]... [--token-file FILE]

DIR   a data directory, its ledger folder, or one log's folder
URL   one log over HTTP, such as http://localhost:4871/ledger/events/2026Q4
--key         a log key you trust: the text of log.vkey, or a file that holds it; without it the one beside the log is used
--receipt     a receipt to hold against the log
--token-file  a file with the session token of an authorised reader, for a URL`

/** The call was wrong; the message is one line for a person. */
class CallError extends Error {
  override readonly name = "CallError"
}

function wordsOf(): { place: string; keys: string[]; receipts: string[]; token: string | null } | null {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      key: { type: "string", multiple: true },
      receipt: { type: "string", multiple: true },
      "token-file": { type: "string" },
      help: { type: "boolean", short: "h" },
    },
  })
  if (values.help === true) return null
  const [place, extra] = positionals
  if (place === undefined || extra !== undefined) throw new CallError("give one directory or address to audit")
  return { place, keys: values.key ?? [], receipts: values.receipt ?? [], token: values["token-file"] ?? null }
}

async function keyLines(keys: readonly string[]): Promise<readonly string[]> {
  const lines: string[] = []
  for (const key of keys) {
    if (looksLikeHash(key)) throw new CallError("--key takes the text of log.vkey, not a hash")
    const text = key.includes("+") ? key : await readFile(key, "utf8").catch(() => null)
    if (text === null) throw new CallError(`--key: ${key} is neither a log key nor a file that can be read`)
    lines.push(...readVkeys(text))
  }
  return lines
}

async function receiptFiles(names: readonly string[]): Promise<{ name: string; bytes: Uint8Array }[]> {
  return Promise.all(
    names.map(async (name) => {
      const bytes = await readFile(name).catch(() => null)
      if (bytes === null) throw new CallError(`--receipt: ${name} cannot be read`)
      return { name, bytes: new Uint8Array(bytes) }
    }),
  )
}

async function tokenIn(name: string): Promise<string> {
  const text = await readFile(name, "utf8").catch(() => null)
  if (text === null) throw new CallError(`--token-file: ${name} cannot be read`)
  return text.trim()
}

async function main(): Promise<number> {
  const words = wordsOf()
  if (words === null) {
    console.log(HELP)
    return 0
  }
  const token = words.token === null ? null : await tokenIn(words.token)
  const history = await openSource(words.place, token)
  const report = await audit({
    history,
    vkeys: await keyLines(words.keys),
    receipts: await receiptFiles(words.receipts),
  })
  for (const line of report.lines) console.log(line)
  console.log(report.wrong === null ? "The history holds." : `WRONG: ${report.wrong}`)
  return report.wrong === null ? 0 : 1
}

try {
  process.exitCode = await main()
} catch (error) {
  const expected = error instanceof CallError || error instanceof SourceError
  const said = error instanceof Error ? error.message : String(error)
  console.error(expected ? said : `the audit could not be done: ${said}`)
  if (!expected || error instanceof CallError) console.error(HELP.split("\n")[0])
  process.exitCode = error instanceof SourceError ? 1 : 2
}
