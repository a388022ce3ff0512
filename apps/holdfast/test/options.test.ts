/** What a person may type, wrong words first. */
import { deepEqual, equal, ok } from "node:assert/strict"
import { test } from "node:test"
import { parseOptions } from "../src/options.ts"

const WRONG: readonly (readonly [string, RegExp])[] = [
  ["--port many", /--port takes a number from 0 to 65535, not "many"/],
  ["--port 65536", /--port takes a number/],
  ["--mqtt-port -1", /mqtt-port/],
  ["--example castle", /--example takes office or none, not "castle"/],
  ["--colour red", /colour/],
  ["dance", /no command "dance"/],
  ["boards", /no command "boards"/],
  ["invite twice", /"twice" is one word too many/],
  ["--data", /data/],
]

for (const [words, says] of WRONG)
  test(`${words} is answered by name`, () => {
    const parsed = parseOptions(words.split(" "), {})
    ok(parsed.kind === "wrong" && says.test(parsed.text), JSON.stringify(parsed))
    ok(parsed.text.endsWith("--help lists the options."))
    ok(!parsed.text.includes("\n"), "one line")
  })

test("without a word, the defaults", () => {
  deepEqual(parseOptions([], {}), {
    kind: "run",
    command: "start",
    options: {
      data: "data",
      port: null,
      mqttPort: null,
      listen: "localhost",
      example: "office",
      reset: false,
      foundingKey: null,
      databaseUrl: null,
      boardRelease: null,
    },
  })
})

test("a flag wins over its environment variable, which wins over the default", () => {
  const environment = { HOLDFAST_PORT: "5000", HOLDFAST_DATA: "/from environment", HOLDFAST_RESET: "1" }
  const parsed = parseOptions(["--port", "0", "invite"], environment)
  ok(parsed.kind === "run")
  equal(parsed.command, "invite")
  equal(parsed.options.port, 0)
  equal(parsed.options.data, "/from environment")
  equal(parsed.options.reset, true)
})

for (const command of ["start", "invite", "board"] as const)
  test(`${command} is a command`, () => {
    const parsed = parseOptions([command], {})
    ok(parsed.kind === "run" && parsed.command === command)
  })

test("--help names every flag and its environment variable", () => {
  const parsed = parseOptions(["--help"], {})
  ok(parsed.kind === "help")
  for (const flag of ["data", "port", "mqtt-port", "listen", "example", "founding-key", "reset"]) {
    ok(parsed.text.includes(`--${flag}`))
    ok(parsed.text.includes(`HOLDFAST_${flag.toUpperCase().replace("-", "_")}`))
  }
})
