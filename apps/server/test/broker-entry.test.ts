/** Who gets into the broker and who is put out again, over real TLS. */
import { deepEqual, equal, ok, rejects } from "node:assert/strict"
import { randomBytes } from "node:crypto"
import { once } from "node:events"
import { connect as connectPlain } from "node:net"
import { type Broker, BrokerError } from "../src/broker/broker.ts"
import type { Rejection } from "../src/broker/rejection.ts"
import {
  ANNA,
  AUTHORITY,
  BERT,
  bareLine,
  client,
  closes,
  connectBytes,
  connected,
  hangsUp,
  lock,
  lockPair,
  OTHER_AUTHORITY,
  runBroker,
  testWithBroker,
  topicDown,
  topicUp,
  until,
} from "./broker-lines.ts"
import { BOARD, makeBoardPair, makePair } from "./certificates.ts"

const anna = lockPair(ANNA)
const bert = lockPair(BERT)

const named = (...names: readonly string[]) => makePair(AUTHORITY, "client", ...names)

const strangers: readonly (readonly [string, Rejection, (broker: Broker) => Promise<unknown>])[] = [
  ["no certificate", "TLS handshake", (broker) => connected(client(broker, { cert: "", key: "", serial: "" }, ANNA))],
  [
    "a certificate of another authority",
    "TLS handshake",
    (broker) => lock(broker, lockPair(ANNA, OTHER_AUTHORITY), ANNA),
  ],
  [
    "the server's certificate",
    "TLS handshake",
    (broker) => lock(broker, makePair(AUTHORITY, "server", "server"), ANNA),
  ],
  [
    "a certificate of ours that names the server",
    "no lock's certificate",
    (broker) => lock(broker, named("server"), ANNA),
  ],
  ["a name in two parts", "no lock's certificate", (broker) => lock(broker, named(`lock:${ANNA}`, "x"), ANNA)],
  ["a name in the other order", "no lock's certificate", (broker) => lock(broker, named("x", `lock:${ANNA}`), ANNA)],
  [
    "a name in upper case",
    "no lock's certificate",
    (broker) => lock(broker, named(`lock:${ANNA.toUpperCase()}`), ANNA),
  ],
  ["a name with a line break", "no lock's certificate", (broker) => lock(broker, named(`lock:${ANNA}\nCN=x`), ANNA)],
  [
    "no board's name",
    "no lock's certificate",
    (broker) => lock(broker, makeBoardPair(AUTHORITY, `lock:${ANNA}`), ANNA),
  ],
  ["TLS 1.2", "TLS handshake", (broker) => lock(broker, anna, ANNA, { maxVersion: "TLSv1.2" })],
  ["another lock's name as client id", "client id is not the certificate's name", (broker) => lock(broker, anna, BERT)],
  [
    "no client id",
    "client id is not the certificate's name",
    (broker) => lock(broker, anna, ANNA, { clientId: "", clean: true }),
  ],
  [
    "its bare id as client id",
    "client id is not the certificate's name",
    (broker) => lock(broker, anna, ANNA, { clientId: ANNA }),
  ],
  ["MQTT 5", "not MQTT 3.1.1", (broker) => lock(broker, anna, ANNA, { protocolVersion: 5 })],
  ["no keep-alive", "no keep-alive", (broker) => lock(broker, anna, ANNA, { keepalive: 0 })],
  ["a keep-alive of an hour", "no keep-alive", (broker) => lock(broker, anna, ANNA, { keepalive: 3_600 })],
  [
    "a will on its own topic",
    "a will",
    (broker) =>
      lock(broker, anna, ANNA, {
        will: { topic: topicUp(ANNA, "beat"), payload: Buffer.from("x"), qos: 1, retain: false },
      }),
  ],
  [
    "a retained will on another's topic",
    "a will",
    (broker) =>
      lock(broker, anna, ANNA, {
        will: { topic: topicDown(BERT), payload: Buffer.from("x"), qos: 1, retain: true },
      }),
  ],
]
for (const [what, rejection, connecting] of strangers) {
  testWithBroker(`a lock with ${what} is not let in`, async (building) => {
    await rejects(connecting(building.broker))
    await until(() => building.broker.counts().rejected[rejection] > 0)
    await building.emptied()
    building.rejectedOnly(rejection)
    deepEqual(building.heard.changes, [])
  })
}

testWithBroker("R36: no line may be silent for longer than half an hour unnoticed", async (building) => {
  await rejects(lock(building.broker, anna, ANNA, { keepalive: 1_201 })) // The broker waits one and a half times as long.
  await until(() => building.broker.counts().rejected["no keep-alive"] === 1)
  await lock(building.broker, anna, ANNA, { keepalive: 1_200 }).then((line) => line.end(true))
})

testWithBroker("plain TCP is no way in", async (building) => {
  const socket = connectPlain(building.broker.port, "127.0.0.1")
  socket.write(connectBytes(ANNA))
  await hangsUp(socket)
  building.rejectedOnly("TLS handshake")
})

const OTHER_BOARD = BOARD.replaceAll("0", "1")

testWithBroker("a lock that is not on the allow list is not let in, by door or by board", async (building) => {
  const asked: string[] = []
  const replaced = lockPair(ANNA, AUTHORITY, OTHER_BOARD)
  await building.restart({
    allowed: (door, board) => {
      asked.push(`${door} ${board}`)
      return door === ANNA && board === BOARD
    },
  })
  await rejects(lock(building.broker, bert, BERT))
  await rejects(lock(building.broker, replaced, ANNA))
  await until(() => building.broker.counts().rejected["not on the allow list"] === 2)
  deepEqual(asked, [`${BERT} ${BOARD}`, `${ANNA} ${OTHER_BOARD}`])
  await lock(building.broker, anna, ANNA).then((line) => line.end(true))
})

testWithBroker(
  "a revoked lock is cut off at once, on all its connections, and does not come back",
  async (building) => {
    const revoked = new Set<string>()
    await building.restart({ allowed: (door) => !revoked.has(door) })
    const [line, other] = [await lock(building.broker, anna, ANNA), await lock(building.broker, bert, BERT)]
    await line.subscribeAsync(topicDown(ANNA), { qos: 1 })
    const idle = await bareLine(building.broker, anna) // It has shown its certificate and said nothing yet.
    await until(() => building.broker.counts().connections === 3)
    revoked.add(ANNA)
    equal(building.broker.recheck(ANNA), 2)
    equal(await building.broker.publish(ANNA, Buffer.from("late")), "not connected")
    await Promise.all([closes(line), hangsUp(idle)])
    await rejects(lock(building.broker, anna, ANNA))
    deepEqual(building.heard.changes, ["a up", "a down"])
    equal(building.broker.recheck(ANNA) + building.broker.recheck(BERT), 0)
    ok(other.connected)
    other.end(true)
  },
)

testWithBroker(
  "attack 73: the board that another one replaced loses its line, and the new one keeps its own",
  async (building) => {
    let paired = BOARD
    await building.restart({ allowed: (_door, board) => board === paired })
    const replacing = lockPair(ANNA, AUTHORITY, OTHER_BOARD)
    const line = await lock(building.broker, anna, ANNA)
    await rejects(lock(building.broker, replacing, ANNA)) // Nobody has paired it yet.
    paired = OTHER_BOARD
    const next = await lock(building.broker, replacing, ANNA)
    await closes(line) // One lock has one connection, and the newest wins.
    const idle = await bareLine(building.broker, replacing)
    equal(building.broker.recheck(ANNA), 0)
    await rejects(lock(building.broker, anna, ANNA))
    ok(next.connected)
    idle.destroy()
    next.end(true)
  },
)

testWithBroker("a lock that is revoked between its handshake and its CONNECT is rejected there", async (building) => {
  let isAllowed = true
  await building.restart({ allowed: () => isAllowed })
  const line = await bareLine(building.broker, anna)
  await until(() => building.broker.counts().connections === 1)
  isAllowed = false
  line.write(connectBytes(ANNA))
  const [answer]: Buffer[] = await once(line, "data")
  deepEqual([...(answer ?? [])], [0x20, 2, 0, 5]) // CONNACK, not authorized.
  await hangsUp(line)
  building.rejectedOnly("not on the allow list")
})

testWithBroker("what a revoked lock had on the way is not taken in", async (building) => {
  let release = () => {}
  const taken: string[] = []
  let isAllowed = true
  await building.restart({
    allowed: () => isAllowed,
    onMessage: (_door, word) => {
      taken.push(word)
      return new Promise((resolve) => {
        release = resolve
      })
    },
  })
  const line = await lock(building.broker, anna, ANNA)
  line.publish(topicUp(ANNA, "hello"), "1", { qos: 1 })
  await until(() => taken.length === 1)
  line.publish(topicUp(ANNA, "batch"), Buffer.alloc(1_000), { qos: 1 })
  isAllowed = false
  equal(building.broker.recheck(ANNA), 1)
  release()
  await closes(line)
  await building.emptied()
  deepEqual(taken, ["hello"])
})

testWithBroker("no session is resumed: each connection shows its certificate", async (building) => {
  const first = await bareLine(building.broker, anna)
  const sessions: Buffer[] = []
  first.on("session", (session: Buffer) => sessions.push(session))
  first.write(connectBytes(ANNA))
  await once(first, "data") // Tickets, if there were any, came before this.
  for (const session of [...sessions, first.getSession()]) {
    const second = await bareLine(building.broker, anna, { session })
    equal(second.isSessionReused(), false)
    second.destroy()
  }
  first.destroy()
})

const PUBLISH = 0x32
const badBytes: readonly (readonly [string, Rejection, Buffer])[] = [
  ["a packet that announces 200 KiB", "packet too large", Buffer.from([PUBLISH, 0x80, 0xc0, 0x0c])],
  ["a packet that announces 256 MiB", "packet too large", Buffer.from([PUBLISH, 0xff, 0xff, 0xff, 0x7f])],
  ["a length of five bytes", "protocol violation", Buffer.from([PUBLISH, 0x80, 0x80, 0x80, 0x80, 0x00])],
  ["a packet of no type", "protocol violation", Buffer.from([0x00, 0x00])],
  ["a packet of a type that does not exist", "protocol violation", Buffer.from([0xf0, 0x00])],
  ["a second CONNECT", "protocol violation", connectBytes(ANNA)],
  ["PUBLISH with an impossible quality of service", "protocol violation", Buffer.from([0x36, 5, 0, 1, 120, 0, 1])],
  ["SUBSCRIBE with wrong flags", "protocol violation", Buffer.from([0x80, 6, 0, 1, 0, 1, 35, 0])],
  ["SUBSCRIBE to nothing", "protocol violation", Buffer.from([0x82, 2, 0, 1])],
  ["PUBLISH with a topic longer than itself", "protocol violation", Buffer.from([PUBLISH, 4, 0xff, 0xff, 120, 120])],
]
for (const [what, rejection, bytes] of badBytes) {
  testWithBroker(`${what} closes the connection and is counted`, async (building) => {
    const line = await bareLine(building.broker, anna)
    line.write(connectBytes(ANNA))
    await once(line, "data")
    line.write(bytes)
    await hangsUp(line)
    await building.emptied()
    building.rejectedOnly(rejection)
  })
}

testWithBroker("a packet before CONNECT closes the connection", async (building) => {
  const line = await bareLine(building.broker, anna)
  line.write(Buffer.from([PUBLISH, 5, 0, 1, 120, 0, 1]))
  await hangsUp(line)
  await building.emptied()
  building.rejectedOnly("protocol violation")
})

testWithBroker("noise closes the connection and never the broker", async (building) => {
  for (let i = 0; i < 50; i++) {
    const line = await bareLine(building.broker, anna)
    if (i % 2 === 0) line.write(connectBytes(ANNA))
    line.end(randomBytes(64 + i * 40))
    await hangsUp(line)
  }
  await building.emptied()
  await lock(building.broker, bert, BERT).then((line) => line.end(true))
})

testWithBroker("a connection over the bound is dropped and counted, the others stay", async (building) => {
  await building.restart({ connections_max: 1 })
  const line = await lock(building.broker, anna, ANNA)
  await rejects(lock(building.broker, bert, BERT))
  await until(() => building.broker.counts().rejected["too many connections"] === 1)
  ok(line.connected)
  line.end(true)
})

testWithBroker("a port in use is said by name", async (building) => {
  await rejects(
    runBroker({ port: building.broker.port }),
    (error) => error instanceof BrokerError && error.code === "EADDRINUSE",
  )
})
