/**
 * The command behind `npm start`, `npm run invite` and `npm run board`. It alone reads the arguments and the environment.
 */
import { parseOptions } from "./options.ts"
import { ask, start } from "./start.ts"

const parsed = parseOptions(process.argv.slice(2), process.env)
switch (parsed.kind) {
  case "help":
    process.stdout.write(`${parsed.text}\n`)
    break
  case "wrong":
    process.stderr.write(`${parsed.text}\n`)
    process.exitCode = 1
    break
  case "run": {
    const { command, options } = parsed
    const code = await (command === "start" ? start(options) : ask(command, options))
    process.exit(code)
  }
}
