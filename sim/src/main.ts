/**
 * `npm run simulate -- [--from SEED] [--count N] [--real-signing]`: sound buildings, one line of JSON for each seed.
 *
 * Ends with exit code 1 when a rule broke; the line of the seed says which, and the seed shows it again.
 */
import { parseArgs } from "node:util"
import { type Options, type Report, simulate, SimulationBroken } from "./simulate.ts"

const HELP = `Usage: npm run simulate -- [OPTIONS]

--from SEED      the first seed (default 0)
--count N        how many seeds (default 10)
--real-signing   real ECDSA and Ed25519 in place of stand-ins that repeat

Each seed is a building under virtual time. A line of JSON each says what came of it; the last line sums up.`

const MICROSECONDS_A_MINUTE = 60_000_000

type Call = { readonly from: number; readonly count: number; readonly options: Options }

/** Words that cannot be read become one line on standard error. */
class CallError extends Error {
  override readonly name = "CallError"
}

function readCall(words: readonly string[]): Call | "help" {
  const { values } = parseArgs({
    args: [...words],
    options: {
      from: { type: "string", default: "0" },
      count: { type: "string", default: "10" },
      "real-signing": { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  })
  if (values.help) return "help"
  const [from, count] = [Number(values.from), Number(values.count)]
  if (!Number.isSafeInteger(from) || from < 0)
    throw new CallError(`--from takes a seed from 0 on, not "${values.from}"`)
  if (!Number.isSafeInteger(count) || count < 1)
    throw new CallError(`--count takes a number from 1 on, not "${values.count}"`)
  return { from, count, options: { realSigning: values["real-signing"] } }
}

/** One building; null when a rule broke, or the building itself. */
async function live(seed: number, options: Options): Promise<Report | null> {
  try {
    const report = await simulate(seed, options)
    console.log(JSON.stringify(report))
    return report
  } catch (error) {
    if (error instanceof SimulationBroken) console.log(JSON.stringify({ seed, broken: error.broken }))
    else console.log(JSON.stringify({ seed, fell_apart: error instanceof Error ? error.stack : String(error) }))
    return null
  }
}

async function main(): Promise<void> {
  const call = readCall(process.argv.slice(2))
  if (call === "help") return console.log(HELP)
  const before = process.cpuUsage()
  let [sound, doorHours] = [0, 0]
  for (let seed = call.from; seed < call.from + call.count; seed++) {
    const report = await live(seed, call.options)
    if (report === null) continue
    sound += 1
    doorHours += report.doorHours
  }
  const { user, system } = process.cpuUsage(before)
  const core_minutes = (user + system) / MICROSECONDS_A_MINUTE
  const rounded = (value: number): number => Math.round(value * 10) / 10
  const sums = { seeds: call.count, sound, door_hours: rounded(doorHours), core_minutes: rounded(core_minutes) }
  console.log(JSON.stringify({ ...sums, door_hours_per_core_minute: rounded(doorHours / core_minutes) }))
  if (sound < call.count) process.exitCode = 1
}

try {
  await main()
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}
