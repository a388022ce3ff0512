/** `--listen ADDRESS`: locks are heard there, over TLS with certificates on both sides; the console and its API are not. */
import { equal, match, ok } from "node:assert/strict"
import { readFileSync } from "node:fs"
import { createConnection } from "node:net"
import { join } from "node:path"
import { after, test } from "node:test"
import { Command, freshPlace } from "./command.ts"
import { siteFile } from "./visitor.ts"

/** All of 127.0.0.0/8 is a Linux machine's own, so this one can stand for the building's network; elsewhere there is one address. */
const NETWORK = process.platform === "linux" ? "127.0.0.2" : "0.0.0.0"
const building = new Command(freshPlace("data"))
after(() => building.remove())

function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, host)
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false))
    socket.once("connect", () => socket.destroy())
  })
}

test(`--listen ${NETWORK}: boards ask and locks are heard there, the console and its API stay at localhost`, async () => {
  await building.stand("--port", "0", "--mqtt-port", "0", "--example", "none", "--listen", NETWORK)
  ok(building.lines.some((line) => line.includes(`Locks are heard at ${NETWORK}`)))
  const told = await siteFile(building.origin)
  const page = JSON.parse(readFileSync(join(building.directory, "holdfast.json"), "utf8")) as {
    port: number
    apiPort: number
    mqttPort: number
    boardsPort: number
  }
  match(told.boards, new RegExp(`^https://[0-9.]+:${page.boardsPort}/#[0-9a-f]{32}$`))
  for (const port of [page.mqttPort, page.boardsPort]) {
    equal(await answers(NETWORK, port), true, `${NETWORK}:${port}`)
    equal(await answers("127.0.0.1", port), NETWORK === "0.0.0.0", `127.0.0.1:${port}`)
  }
  for (const port of [page.port, page.apiPort]) {
    equal(await answers("127.0.0.1", port), true, `127.0.0.1:${port}`)
    if (NETWORK !== "0.0.0.0") equal(await answers(NETWORK, port), false, `${NETWORK}:${port}`)
  }
  equal(await building.stop("SIGINT", "group"), 0)
})
