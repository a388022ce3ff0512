/**
 * The command behind `npm start` and `npm run invite`. It alone reads the arguments and the environment.
 */
import { enableCompileCache } from "node:module"
import { parseOptions } from "./options.ts"
import { invite, start } from "./start.ts"

enableCompileCache()

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
    const code = await (parsed.command === "invite" ? invite(parsed.options) : start(parsed.options))
    process.exit(code)
  }
}
