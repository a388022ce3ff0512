/**
 * `npm run launch -- --slots DIR --trust TRUST [--model HF-VB1] [--revision 1] [--install IMAGE] [-- ARGUMENTS]`: starts a
 * board's program out of its image slots, and nothing else.
 *
 * `--install` is the factory's act: it puts an image into slot a of an empty directory. What comes later comes as an update.
 */
import { readFileSync } from "node:fs"
import { parseArgs } from "node:util"
import { FileImageSlots } from "./image/slots.ts"
import { readTrust, VendorError } from "./image/vendor.ts"
import { Launcher } from "./launcher.ts"

const TRIAL_MS = 300_000
const HELP =
  "Usage: npm run launch -- --slots DIR --trust TRUST [--model HF-VB1] [--revision 1] [--install IMAGE] [-- ARGUMENTS]"

function launcherFor(words: readonly string[]): Launcher {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      slots: { type: "string" },
      trust: { type: "string" },
      model: { type: "string" },
      revision: { type: "string" },
      install: { type: "string" },
      "trial-ms": { type: "string" },
    },
  })
  if (values.slots === undefined || values.trust === undefined) throw new VendorError(HELP)
  const slots = new FileImageSlots(values.slots)
  const vendor = readTrust(readFileSync(values.trust, "utf8"))
  if (values.install !== undefined) {
    if (slots.read("a") !== null)
      throw new VendorError(`${values.slots} has an image already: bring a newer one as an update`)
    slots.write("a", 0, new Uint8Array(readFileSync(values.install)))
  }
  return new Launcher({
    loader: { slots, vendor, model: values.model ?? "HF-VB1", revision: Number(values.revision ?? "1") },
    trial_ms: Number(values["trial-ms"] ?? TRIAL_MS),
    args: positionals,
    say: (line) => console.error(`launcher: ${line}`),
    tell: (message) => process.send?.(message),
  })
}

try {
  const launcher = launcherFor(process.argv.slice(2))
  process.on("message", (message) => launcher.pass(message))
  process.on("SIGTERM", () => launcher.stop())
  process.on("SIGINT", () => undefined) // The program has it too, and decides.
  const end = await launcher.run()
  if (end !== "ended") console.error(`launcher: ${end}`)
  process.exit(end === "ended" ? 0 : 3)
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}
