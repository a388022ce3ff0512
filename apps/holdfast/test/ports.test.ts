/** Which ports a building takes: one in use is passed over or named, and none is given to two of its parts. */
import { equal, notEqual, rejects } from "node:assert/strict"
import { once } from "node:events"
import { type AddressInfo, createServer } from "node:net"
import { test } from "node:test"
import { LOOPBACK, NotOurAddressError, PortInUseError, portFor, portNear } from "../src/ports.ts"

/** Below those that a system gives out by itself. */
const NEVER_GIVEN = 20_883

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

test("a port that another part of the building will take is passed over, though nobody listens there yet", async () => {
  equal(await portNear(NEVER_GIVEN, []), NEVER_GIVEN)
  notEqual(await portNear(NEVER_GIVEN, [NEVER_GIVEN]), NEVER_GIVEN)
})
