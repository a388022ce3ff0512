/** Which ports a building takes: one in use is passed over or named, and none is given to two of its parts. */
import { ok, notEqual, rejects } from "node:assert/strict"
import { once } from "node:events"
import { type AddressInfo, createServer } from "node:net"
import { test } from "node:test"
import { LOOPBACK, NotOurAddressError, PortInUseError, portFor, portNear } from "../src/ports.ts"

/** Each was free a moment ago. Another program may have taken one since; that it took all of them is not to be believed. */
async function freePorts(): Promise<readonly number[]> {
  const ports: number[] = []
  while (ports.length < 8) ports.push(await portNear(0, ports))
  return ports
}

test("an address of another machine is named, whatever the port", async () => {
  await rejects(portFor(0, "mqtt-port", "192.0.2.1"), NotOurAddressError)
  await rejects(portNear(0, [], "192.0.2.1"), NotOurAddressError)
})

test("a port in use is refused where it was asked for, and passed over where any will do", async () => {
  const server = createServer().listen(0, LOOPBACK)
  await once(server, "listening")
  const { port } = server.address() as AddressInfo
  await rejects(portFor(port, "port"), PortInUseError)
  notEqual(await portNear(port, []), port)
  server.close()
})

test("a free port is given as it was asked for", async () => {
  const given = await Promise.all((await freePorts()).map(async (port) => (await portNear(port, [])) === port))
  ok(given.includes(true))
})

test("beside the last port of all there is none, so any other will do", async () => {
  const port = await portNear(65_536, [])
  ok(port > 0 && port <= 65_535, String(port))
})

test("a port that another part of the building will take is passed over, though nobody listens there yet", async () => {
  const taken = await freePorts()
  for (const port of taken) ok(!taken.includes(await portNear(port, taken)), `${port} was given twice`)
})
