/**
 * `npm run launch -- --slots DIR --trust TRUST`: starts a board's program out of its image slots, and nothing else; `--help`
 * shows the options.
 *
 * `--install` is the factory's act: it puts an image into slot a of an empty directory. What comes later comes as an update.
 * With `--image IMAGE` instead of slots this one image runs, verified and not replaced, until it ends: so the boards of a
 * virtual building are started.
 */
import { readFileSync } from "node:fs"
import { parseArgs } from "node:util"
import { FileImageSlots, type ImageSlots, OneImage } from "./image/slots.ts"
import { readTrust, VendorError } from "./image/vendor.ts"
import { Launcher } from "./launcher.ts"

const TRIAL_MS = 300_000
const HELP = `Usage: npm run launch -- (--slots DIR | --image IMAGE) --trust TRUST [OPTIONS] [-- ARGUMENTS]

--slots DIR       the board's image slots; an update that comes is tried, and confirmed or taken back
--image IMAGE     one image instead: it runs once, and nothing replaces it
--trust TRUST     whose signatures count, as npm run image -- trust writes it
--install IMAGE   puts a first image into empty slots
--model HF-VB1    what board this is; an image for another does not run
--revision 1      which revision of it
--trial-ms 300000 how long an image on trial has until it confirms itself

A program that hangs or crashes is started again: five times in a row at most, and a run of an hour ends the row. What stands
behind -- is for the program.`

const WORDS = {
  "nothing may run": "nothing may run: no image here is whole and signed as the trust file asks",
  "keeps crashing": "the program ended by a fault",
} as const

/** The slots of a board, with a first image put into them if one is given. */
function slotsIn(directory: string, install: string | undefined): ImageSlots {
  const slots = new FileImageSlots(directory)
  if (install === undefined) return slots
  if (slots.read("a") !== null)
    throw new VendorError(`${directory} has an image already: bring a newer one as an update`)
  slots.write("a", 0, new Uint8Array(readFileSync(install)))
  return slots
}

/** Null where only help was asked for. */
function launcherFor(words: readonly string[]): Launcher | null {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      slots: { type: "string" },
      image: { type: "string" },
      trust: { type: "string" },
      model: { type: "string" },
      revision: { type: "string" },
      install: { type: "string" },
      "trial-ms": { type: "string" },
      help: { type: "boolean", short: "h" },
    },
  })
  if (values.help === true) return null
  const { slots: directory, image, install, trust } = values
  if ((directory === undefined) === (image === undefined) || trust === undefined) throw new VendorError(HELP)
  const slots =
    directory === undefined ? new OneImage(new Uint8Array(readFileSync(image ?? ""))) : slotsIn(directory, install)
  const vendor = readTrust(readFileSync(trust, "utf8"))
  return new Launcher({
    loader: { slots, vendor, model: values.model ?? "HF-VB1", revision: Number(values.revision ?? "1") },
    trial_ms: Number(values["trial-ms"] ?? TRIAL_MS),
    ...(image === undefined ? {} : { crashes_max: 1 }), // Whoever gave it its settings has to give them anew.
    args: positionals,
    say: (line) => console.error(`launcher: ${line}`),
    tell: (message) => process.send?.(message),
  })
}

async function launch(launcher: Launcher): Promise<number> {
  process.on("message", (message) => launcher.pass(message))
  process.on("SIGTERM", () => launcher.stop())
  process.on("disconnect", () => launcher.stop()) // Its parent is gone, so nobody would stop the program.
  process.on("SIGINT", () => undefined) // The program has it too, and decides.
  const end = await launcher.run()
  if (end === "ended") return 0
  console.error(`launcher: ${WORDS[end]}`)
  return 3
}

try {
  const launcher = launcherFor(process.argv.slice(2))
  if (launcher === null) console.log(HELP)
  else process.exit(await launch(launcher))
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}
