/**
 * What a person may say on the command line or in the environment, read once, with every wrong word answered by name.
 *
 * A flag wins over its environment variable, that over the default. Nothing here touches the outside.
 */
import { parseArgs } from "node:util"

export type Options = {
  readonly data: string
  /** The console's port; 0 = any free one; null = the one the site was founded with, or the default. */
  readonly port: number | null
  readonly mqttPort: number | null
  readonly listen: string
  readonly example: string
  readonly reset: boolean
  readonly foundingKey: string | null
  /** A PostgreSQL of the owner's; null for the one that comes along. From the environment alone. */
  readonly databaseUrl: string | null
  /** The folder of a release of the boards' program, which set-up makes; null runs it from its source. */
  readonly boardRelease: string | null
}

const COMMANDS = ["start", "invite", "board"] as const
type Command = (typeof COMMANDS)[number]

export type Parsed =
  | { readonly kind: "run"; readonly command: Command; readonly options: Options }
  | { readonly kind: "help"; readonly text: string }
  | { readonly kind: "wrong"; readonly text: string }

export const DEFAULT_PORT = 4870
export const DEFAULT_MQTT_PORT = 8883
export const EXAMPLES: readonly string[] = ["office", "none"]

type Flag = {
  readonly name: string
  readonly variable: string
  readonly value: string | null
  readonly says: string
}

const FLAGS: readonly Flag[] = [
  { name: "data", variable: "HOLDFAST_DATA", value: "DIR", says: "where everything is kept (default: ./data)" },
  {
    name: "port",
    variable: "HOLDFAST_PORT",
    value: "N",
    says: `the console's port, 0 = any (default: ${DEFAULT_PORT})`,
  },
  {
    name: "mqtt-port",
    variable: "HOLDFAST_MQTT_PORT",
    value: "N",
    says: `the locks' port, 0 = any (default: ${DEFAULT_MQTT_PORT})`,
  },
  {
    name: "listen",
    variable: "HOLDFAST_LISTEN",
    value: "ADDRESS",
    says: "where locks are heard, 0.0.0.0 = everywhere; the console stays here (default: localhost)",
  },
  {
    name: "example",
    variable: "HOLDFAST_EXAMPLE",
    value: "NAME",
    says: `the building to begin with: ${EXAMPLES.join(" or ")} (default: office)`,
  },
  {
    name: "founding-key",
    variable: "HOLDFAST_FOUNDING_KEY",
    value: "FILE",
    says: "the recovery file, when an administrator has to be named anew",
  },
  {
    name: "reset",
    variable: "HOLDFAST_RESET",
    value: null,
    says: "put the data directory aside and found a new building",
  },
]

export const HELP = [
  "Usage: npm start -- [OPTIONS]          run this building: keeper, front, server and, in an example, its doors",
  "       npm run invite -- [OPTIONS]     print a new link for an administrator's passkey",
  "       npm run board -- [--data DIR]   give a running building without an example virtual boards",
  "       npm run board -- --site LINK    be one board by itself, for a site on this or another machine",
  "",
  "Options (each also an environment variable):",
  ...FLAGS.map((flag) => {
    const shown = `  --${flag.name}${flag.value === null ? "" : ` ${flag.value}`}`
    return `${shown.padEnd(24)}${flag.variable.padEnd(24)}${flag.says}`
  }),
  `${"  --help".padEnd(48)}this text`,
].join("\n")

const VALUES = Object.fromEntries(
  FLAGS.map((flag) => [flag.name, { type: flag.value === null ? ("boolean" as const) : ("string" as const) }]),
)

class WrongOptionError extends Error {
  override readonly name = "WrongOptionError"
}

function port(text: string | null, flag: string): number | null {
  if (text === null) return null
  const value = Number(text)
  if (/^\d{1,5}$/.test(text) && value <= 65_535) return value
  throw new WrongOptionError(`--${flag} takes a number from 0 to 65535, not "${text}".`)
}

const filled = (value: string | undefined): string | null => (value === undefined || value === "" ? null : value)

function chosen(
  values: Readonly<Record<string, unknown>>,
  environment: NodeJS.ProcessEnv,
  name: string,
): string | null {
  const said = values[name]
  if (typeof said === "string") return said
  const variable = FLAGS.find((flag) => flag.name === name)?.variable ?? ""
  return filled(environment[variable])
}

function readOptions(values: Readonly<Record<string, unknown>>, environment: NodeJS.ProcessEnv): Options {
  const text = (name: string) => chosen(values, environment, name)
  const example = text("example") ?? "office"
  if (!EXAMPLES.includes(example))
    throw new WrongOptionError(`--example takes ${EXAMPLES.join(" or ")}, not "${example}".`)
  return {
    data: text("data") ?? "data",
    port: port(text("port"), "port"),
    mqttPort: port(text("mqtt-port"), "mqtt-port"),
    listen: text("listen") ?? "localhost",
    example,
    reset: values["reset"] === true || environment["HOLDFAST_RESET"] === "1",
    foundingKey: text("founding-key"),
    databaseUrl: filled(environment["HOLDFAST_DATABASE_URL"]),
    boardRelease: filled(environment["HOLDFAST_BOARD_RELEASE"]),
  }
}

/** Reads the words after the program's name: [`invite` or `board`] and flags. */
export function parseOptions(words: readonly string[], environment: NodeJS.ProcessEnv): Parsed {
  try {
    const { values, positionals } = parseArgs({
      args: [...words],
      options: { ...VALUES, help: { type: "boolean", short: "h" } },
      allowPositionals: true,
    })
    if (values["help"] === true) return { kind: "help", text: HELP }
    const [word = "start", ...rest] = positionals
    const command = COMMANDS.find((each) => each === word)
    if (command === undefined) throw new WrongOptionError(`There is no command "${word}".`)
    if (rest.length > 0) throw new WrongOptionError(`"${rest[0]}" is one word too many.`)
    return { kind: "run", command, options: readOptions(values, environment) }
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error)
    return {
      kind: "wrong",
      text: `${said.split(/\.\s|\n/)[0]?.replace(/\.?$/, ".")} npm start -- --help lists the options.`,
    }
  }
}
