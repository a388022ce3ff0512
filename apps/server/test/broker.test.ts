/** The broker against the real MQTT client over real TLS: who gets in, who may do what, and what is delivered. */
import { deepEqual, equal, ok, rejects } from "node:assert/strict"
import { randomBytes } from "node:crypto"
import { once } from "node:events"
import { connect as connectPlain } from "node:net"
import { afterEach, beforeEach, test } from "node:test"
import type { DoorId } from "@holdfast/base"
import type { MqttClient } from "mqtt"
import { type Broker, type BrokerOptions, BrokerError } from "../src/broker/broker.ts"
import { REFUSALS, type Refusal } from "../src/broker/refusal.ts"
import {
  ANNA,
  AUTHORITY,
  BERT,
  bareLine,
  client,
  connectBytes,
  connected,
  type Heard,
  lock,
  lockPair,
  OTHER_AUTHORITY,
  OTHER_SITE,
  runBroker,
  SITE,
  until,
} from "./broker-lines.ts"
import { makePair } from "./certificates.ts"

const TIME_LIMIT = { timeout: 20_000 }
const anna = lockPair(ANNA)
const bert = lockPair(BERT)
const up = (door: DoorId, word: string) => `hf/${SITE}/${door}/up/${word}`
const down = (door: DoorId) => `hf/${SITE}/${door}/down`

let broker: Broker
let heard: Heard

async function use(options: Partial<BrokerOptions>): Promise<void> {
  await broker.stop()
  ;({ broker, heard } = await runBroker(options))
}
beforeEach(async () => {
  ;({ broker, heard } = await runBroker())
})
afterEach(() => broker.stop())

function refusedOnly(refusal: Refusal | null, count = 1): void {
  const { refused } = broker.counts()
  const expected = Object.fromEntries(REFUSALS.map((each) => [each, each === refusal ? count : 0]))
  deepEqual(refused, expected)
}

/** Resolves when the line is closed, by whomever and with whatever error. */
function closes(line: MqttClient): Promise<void> {
  return line.connected ? new Promise((resolve) => void line.once("close", () => resolve())) : Promise.resolve()
}

// ---- Who gets in

const named = (...names: readonly string[]) => makePair(AUTHORITY, "client", ...names)

const strangers: readonly (readonly [string, Refusal, () => Promise<unknown>])[] = [
  ["no certificate", "TLS handshake", () => connected(client(broker, { cert: "", key: "", serial: "" }, ANNA))],
  ["a certificate of another authority", "TLS handshake", () => lock(broker, lockPair(ANNA, OTHER_AUTHORITY), ANNA)],
  ["the server's certificate", "TLS handshake", () => lock(broker, makePair(AUTHORITY, "server", "server"), ANNA)],
  ["a certificate of ours that names the server", "no lock's certificate", () => lock(broker, named("server"), ANNA)],
  ["a name in two parts", "no lock's certificate", () => lock(broker, named(`lock:${ANNA}`, "x"), ANNA)],
  ["a name in the other order", "no lock's certificate", () => lock(broker, named("x", `lock:${ANNA}`), ANNA)],
  ["a name in upper case", "no lock's certificate", () => lock(broker, named(`lock:${ANNA.toUpperCase()}`), ANNA)],
  ["a name with a line break", "no lock's certificate", () => lock(broker, named(`lock:${ANNA}\nCN=x`), ANNA)],
  ["TLS 1.2", "TLS handshake", () => lock(broker, anna, ANNA, { maxVersion: "TLSv1.2" })],
  ["another lock's name as client id", "client id is not the certificate's name", () => lock(broker, anna, BERT)],
  [
    "no client id",
    "client id is not the certificate's name",
    () => lock(broker, anna, ANNA, { clientId: "", clean: true }),
  ],
  [
    "its bare id as client id",
    "client id is not the certificate's name",
    () => lock(broker, anna, ANNA, { clientId: ANNA }),
  ],
  ["MQTT 5", "not MQTT 3.1.1", () => lock(broker, anna, ANNA, { protocolVersion: 5 })],
  ["no keep-alive", "no keep-alive", () => lock(broker, anna, ANNA, { keepalive: 0 })],
  ["a keep-alive of an hour", "no keep-alive", () => lock(broker, anna, ANNA, { keepalive: 3_600 })],
  [
    "a will on its own topic",
    "a will",
    () =>
      lock(broker, anna, ANNA, { will: { topic: up(ANNA, "beat"), payload: Buffer.from("x"), qos: 1, retain: false } }),
  ],
  [
    "a retained will on another's topic",
    "a will",
    () => lock(broker, anna, ANNA, { will: { topic: down(BERT), payload: Buffer.from("x"), qos: 1, retain: true } }),
  ],
]
for (const [what, refusal, connecting] of strangers) {
  test(`a lock with ${what} is not let in`, TIME_LIMIT, async () => {
    await rejects(connecting())
    await until(() => broker.counts().refused[refusal] > 0)
    await until(() => broker.counts().connections === 0)
    refusedOnly(refusal)
    deepEqual(heard.changes, [])
  })
}

test("plain TCP is no way in", TIME_LIMIT, async () => {
  const socket = connectPlain(broker.port, "127.0.0.1")
  socket.write(connectBytes(ANNA))
  await once(socket.resume(), "close")
  refusedOnly("TLS handshake")
})

test("a lock that is not on the allow list is not let in, by id or by serial number", TIME_LIMIT, async () => {
  const asked: string[] = []
  const replaced = lockPair(ANNA)
  await use({
    allowed: (door, serial) => {
      asked.push(`${door} ${serial}`)
      return door === ANNA && serial === anna.serial
    },
  })
  await rejects(lock(broker, bert, BERT))
  await rejects(lock(broker, replaced, ANNA))
  await until(() => broker.counts().refused["not on the allow list"] === 2)
  deepEqual(asked, [`${BERT} ${bert.serial}`, `${ANNA} ${replaced.serial}`])
  await lock(broker, anna, ANNA).then((line) => line.end(true))
})

// ---- Revocation

test("a revoked lock is cut off at once, on all its connections, and does not come back", TIME_LIMIT, async () => {
  const revoked = new Set<string>()
  await use({ allowed: (door) => !revoked.has(door) })
  const [line, other] = [await lock(broker, anna, ANNA), await lock(broker, bert, BERT)]
  await line.subscribeAsync(down(ANNA), { qos: 1 })
  const idle = await bareLine(broker, anna) // It has shown its certificate and said nothing yet.
  await until(() => broker.counts().connections === 3)
  revoked.add(ANNA)
  equal(broker.disconnect(ANNA), 2)
  equal(await broker.publish(ANNA, Buffer.from("late")), "not connected")
  await Promise.all([closes(line), once(idle.resume(), "close")])
  await rejects(lock(broker, anna, ANNA))
  deepEqual(heard.changes, ["a up", "a down"])
  equal(broker.disconnect(ANNA), 0)
  ok(other.connected)
  other.end(true)
})

test("a lock that is revoked between its handshake and its CONNECT is refused there", TIME_LIMIT, async () => {
  let isAllowed = true
  await use({ allowed: () => isAllowed })
  const line = await bareLine(broker, anna)
  await until(() => broker.counts().connections === 1)
  isAllowed = false
  line.write(connectBytes(ANNA))
  const [answer]: Buffer[] = await once(line, "data")
  deepEqual([...(answer ?? [])], [0x20, 2, 0, 5]) // CONNACK, not authorized.
  await once(line, "close")
  refusedOnly("not on the allow list")
})

test("what a revoked lock had on the way is not taken in", TIME_LIMIT, async () => {
  let release = () => {}
  const taken: string[] = []
  await use({
    onMessage: (_door, word) => {
      taken.push(word)
      return new Promise((resolve) => {
        release = resolve
      })
    },
  })
  const line = await lock(broker, anna, ANNA)
  line.publish(up(ANNA, "hello"), "1", { qos: 1 })
  await until(() => taken.length === 1)
  line.publish(up(ANNA, "batch"), Buffer.alloc(1_000), { qos: 1 })
  broker.disconnect(ANNA)
  release()
  await closes(line)
  await until(() => broker.counts().connections === 0)
  deepEqual(taken, ["hello"])
})

test("no session is resumed: each connection shows its certificate", TIME_LIMIT, async () => {
  const first = await bareLine(broker, anna)
  const sessions: Buffer[] = []
  first.on("session", (session: Buffer) => sessions.push(session))
  first.write(connectBytes(ANNA))
  await once(first, "data") // Tickets, if there were any, came before this.
  for (const session of [...sessions, first.getSession()]) {
    const second = await bareLine(broker, anna, { session })
    equal(second.isSessionReused(), false)
    second.destroy()
  }
  first.destroy()
})

// ---- Rights: what each topic gives a lock

const forbidden: readonly string[] = [
  `hf/${SITE}/${BERT}/up/beat`,
  `hf/${SITE}/${BERT}/down`,
  `hf/${SITE}/${ANNA}/up`,
  `hf/${SITE}/${ANNA}/up/`,
  `hf/${SITE}/${ANNA}/up/beat/`,
  `hf/${SITE}/${ANNA}/up/beat/x`,
  `hf/${SITE}/${ANNA}/up/state`,
  `hf/${SITE}/${ANNA}/up/BEAT`,
  `hf/${SITE}/${ANNA.toUpperCase()}/up/beat`,
  `/hf/${SITE}/${ANNA}/up/beat`,
  `hf//${SITE}/${ANNA}/up/beat`,
  `hf/${OTHER_SITE}/${ANNA}/up/beat`,
  `hf/${OTHER_SITE}/${ANNA}/down`,
  `hf/${SITE}/${ANNA}/down/`,
  `hf/${SITE}/${ANNA}/down/x`,
  `hf/${SITE}`,
  "$SYS/broker/uptime",
  `$share/group/hf/${SITE}/${ANNA}/down`,
  "x",
  "/",
  "a/".repeat(200),
]
const wildcards: readonly string[] = [
  "#",
  "+",
  "+/#",
  "hf/#",
  `hf/${SITE}/#`,
  `hf/${SITE}/+/down`,
  `hf/${SITE}/+/up/+`,
  `hf/${SITE}/${ANNA}/#`,
  `hf/${SITE}/${ANNA}/+`,
  `hf/${SITE}/${ANNA}/up/+`,
  `hf/${SITE}/${ANNA}/down/#`,
  `hf/+/${ANNA}/down`,
  "$SYS/#",
  "$SYS/+/new/clients",
  "$share/group/#",
  `$share/group/hf/${SITE}/+/down`,
]

for (const topic of [...forbidden, down(ANNA)]) {
  test(`a lock may not publish to ${topic.slice(0, 120)}`, TIME_LIMIT, async () => {
    const line = await lock(broker, anna, ANNA)
    line.publish(topic, "x", { qos: 1 })
    await closes(line)
    await until(() => broker.counts().connections === 0)
    const { refused } = broker.counts()
    equal(refused["publish outside its rights"] + refused["protocol violation"], 1)
    deepEqual(heard.messages, [])
  })
}

for (const topic of [...forbidden, ...wildcards, up(ANNA, "beat")]) {
  test(`a lock may not subscribe to ${topic.slice(0, 120)}`, TIME_LIMIT, async () => {
    const line = await lock(broker, anna, ANNA)
    const other = await lock(broker, bert, BERT)
    let received = 0
    line.on("message", () => received++)
    await line.subscribeAsync(topic, { qos: 1 }).then(
      (grants) => ok(grants.every(({ qos }) => qos === 128)),
      () => {}, // Refused by its client, or cut off by the broker: also good.
    )
    // Everything that could come, comes before the answers to what follows.
    await other.subscribeAsync(down(BERT), { qos: 1 })
    await other.publishAsync(up(BERT, "beat"), "x", { qos: 1 })
    equal(await broker.publish(BERT, Buffer.from("x")), "delivered")
    equal(await broker.publish(ANNA, Buffer.from("x")), "not connected")
    equal(received, 0)
    line.end(true)
    other.end(true)
  })
}

const wrongWays: readonly (readonly [string, Refusal, (line: MqttClient) => void])[] = [
  [
    "retained to its own topic",
    "retained publish",
    (line) => line.publish(up(ANNA, "beat"), "x", { qos: 1, retain: true }),
  ],
  [
    "retained to its down topic",
    "publish outside its rights",
    (line) => line.publish(down(ANNA), "x", { retain: true }),
  ],
  [
    "retained to another's down topic",
    "publish outside its rights",
    (line) => line.publish(down(BERT), "x", { retain: true }),
  ],
  ["with quality of service 2", "quality of service 2", (line) => line.publish(up(ANNA, "beat"), "x", { qos: 2 })],
]
for (const [what, refusal, act] of wrongWays) {
  test(`a lock may not publish ${what}`, TIME_LIMIT, async () => {
    const line = await lock(broker, anna, ANNA)
    act(line)
    await closes(line)
    await until(() => broker.counts().connections === 0)
    refusedOnly(refusal)
    deepEqual(heard.messages, [])
  })
}

for (const qos of [0, 2] as const) {
  test(`a lock may not subscribe with quality of service ${qos}`, TIME_LIMIT, async () => {
    const line = await lock(broker, anna, ANNA)
    await line.subscribeAsync(down(ANNA), { qos }).then(
      (grants) =>
        deepEqual(
          grants.map((grant) => grant.qos),
          [128],
        ),
      () => {},
    )
    refusedOnly("subscribe outside its rights")
    deepEqual(heard.changes, [])
    line.end(true)
  })
}

test("one good topic among bad ones is granted alone", TIME_LIMIT, async () => {
  const line = await lock(broker, anna, ANNA)
  await line.subscribeAsync({ "#": { qos: 1 }, [down(ANNA)]: { qos: 1 }, [down(BERT)]: { qos: 1 } }).catch(() => {})
  await until(() => heard.changes.length === 1)
  equal(await broker.publish(ANNA, Buffer.from("x")), "delivered")
  equal(await broker.publish(BERT, Buffer.from("x")), "not connected")
  line.end(true)
})

// ---- Bad bytes

const PUBLISH = 0x32
const badBytes: readonly (readonly [string, Refusal, Buffer])[] = [
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
for (const [what, refusal, bytes] of badBytes) {
  test(`${what} closes the connection and is counted`, TIME_LIMIT, async () => {
    const line = await bareLine(broker, anna)
    line.write(connectBytes(ANNA))
    await once(line, "data")
    line.write(bytes)
    await once(line.resume(), "close")
    await until(() => broker.counts().connections === 0)
    refusedOnly(refusal)
  })
}

test("a packet before CONNECT closes the connection", TIME_LIMIT, async () => {
  const line = await bareLine(broker, anna)
  line.write(Buffer.from([PUBLISH, 5, 0, 1, 120, 0, 1]))
  await once(line.resume(), "close")
  await until(() => broker.counts().connections === 0)
  refusedOnly("protocol violation")
})

test("noise closes the connection and never the broker", TIME_LIMIT, async () => {
  for (let i = 0; i < 50; i++) {
    const line = await bareLine(broker, anna)
    if (i % 2 === 0) line.write(connectBytes(ANNA))
    line.end(randomBytes(64 + i * 40))
    await once(line.resume(), "close")
  }
  await until(() => broker.counts().connections === 0)
  await lock(broker, bert, BERT).then((line) => line.end(true))
})

test("a connection over the bound is dropped and counted, the others stay", TIME_LIMIT, async () => {
  await use({ connections_max: 1 })
  const line = await lock(broker, anna, ANNA)
  await rejects(lock(broker, bert, BERT))
  await until(() => broker.counts().refused["too many connections"] === 1)
  ok(line.connected)
  line.end(true)
})

test("a port in use is said by name", TIME_LIMIT, async () => {
  await rejects(
    runBroker({ port: broker.port }),
    (error) => error instanceof BrokerError && error.code === "EADDRINUSE",
  )
})

// ---- Delivery

test("what a lock says arrives whole, in order, with its word", TIME_LIMIT, async () => {
  const line = await lock(broker, anna, ANNA)
  const words = ["hello", "batch", "beat", "want"]
  for (const qos of [0, 1] as const)
    for (const word of words) await line.publishAsync(up(ANNA, word), `${qos}`, { qos })
  await until(() => heard.messages.length === 8)
  deepEqual(
    heard.messages,
    [0, 1].flatMap((qos) => words.map((word) => `a ${word} ${qos}`)),
  )
  equal(broker.counts().messages_in, 8)
  refusedOnly(null)
  line.end(true)
})

test("any payload up to 128 KiB passes unchanged, both ways", TIME_LIMIT, async () => {
  const got: Uint8Array[] = []
  await use({ onMessage: (_door, _word, payload) => void got.push(payload) })
  const line = await lock(broker, anna, ANNA)
  await line.subscribeAsync(down(ANNA), { qos: 1 })
  for (const size of [0, 1, 127, 128, 16_383, 16_384, 65_536, 131_072]) {
    const payload = new Uint8Array(randomBytes(size))
    const back = new Promise<Uint8Array>((resolve) => line.once("message", (_topic, bytes) => resolve(bytes)))
    equal(await broker.publish(ANNA, payload), "delivered")
    deepEqual(new Uint8Array(await back), payload)
    await line.publishAsync(up(ANNA, "batch"), Buffer.from(payload), { qos: 1 })
    await until(() => got.length === 1)
    deepEqual(got.pop(), payload)
  }
  refusedOnly(null)
  line.end(true)
})

test("a payload over 128 KiB is not taken", TIME_LIMIT, async () => {
  const line = await lock(broker, anna, ANNA)
  line.publish(up(ANNA, "batch"), Buffer.alloc(131_072 + 600), { qos: 1 })
  await closes(line)
  await until(() => broker.counts().connections === 0)
  refusedOnly("packet too large")
  deepEqual(heard.messages, [])
})

test("a message for one lock reaches that lock only", TIME_LIMIT, async () => {
  const lines = [await lock(broker, anna, ANNA), await lock(broker, bert, BERT)]
  const got: string[] = []
  for (const [index, door] of [ANNA, BERT].entries()) {
    lines[index]?.on("message", (topic, payload) => got.push(`${index} ${topic === down(door)} ${payload}`))
    await lines[index]?.subscribeAsync(down(door), { qos: 1 })
  }
  equal(await broker.publish(ANNA, Buffer.from("for a")), "delivered")
  equal(await broker.publish(BERT, Buffer.from("for b")), "delivered")
  deepEqual(got, ["0 true for a", "1 true for b"])
  for (const line of lines) line.end(true)
})

test("a lock is up when it listens, down when it stops or goes", TIME_LIMIT, async () => {
  const line = await lock(broker, anna, ANNA)
  equal(await broker.publish(ANNA, Buffer.from("x")), "not connected")
  await line.subscribeAsync(down(ANNA), { qos: 1 })
  await until(() => heard.changes.length === 1)
  await line.unsubscribeAsync(down(ANNA))
  await until(() => heard.changes.length === 2)
  equal(await broker.publish(ANNA, Buffer.from("x")), "not connected")
  await line.subscribeAsync(down(ANNA), { qos: 1 })
  await line.endAsync()
  await until(() => broker.counts().connections === 0)
  deepEqual(heard.changes, ["a up", "a down", "a up", "a down"])
  refusedOnly(null)
})

test("nothing waits for a lock that is away, and nothing is told twice", TIME_LIMIT, async () => {
  const first = await lock(broker, anna, ANNA)
  await first.subscribeAsync(down(ANNA), { qos: 1 })
  first.handleMessage = () => {} // It never acknowledges.
  const lost = broker.publish(ANNA, Buffer.from("open sesame"))
  await new Promise<void>((resolve) => first.once("packetreceive", ({ cmd }) => cmd === "publish" && resolve()))
  first.stream.destroy()
  equal(await lost, "not connected")
  equal(await broker.publish(ANNA, Buffer.from("while away")), "not connected")
  const second = client(broker, anna, ANNA)
  const got: string[] = []
  second.on("message", (_topic, payload) => got.push(payload.toString()))
  const isPresent = new Promise((resolve) => second.once("connect", (packet) => resolve(packet.sessionPresent)))
  equal(await isPresent, false)
  await second.subscribeAsync(down(ANNA), { qos: 1 })
  equal(await broker.publish(ANNA, Buffer.from("now")), "delivered")
  deepEqual(got, ["now"])
  second.end(true)
})

test("a second connection of a lock takes over from the first, and is counted", TIME_LIMIT, async () => {
  const first = await lock(broker, anna, ANNA)
  await first.subscribeAsync(down(ANNA), { qos: 1 })
  const second = await lock(broker, anna, ANNA)
  await closes(first)
  await second.subscribeAsync(down(ANNA), { qos: 1 })
  equal(await broker.publish(ANNA, Buffer.from("x")), "delivered")
  deepEqual(heard.changes, ["a up", "a down", "a up"])
  equal(broker.counts().takeovers, 1)
  equal(broker.counts().connections, 1)
  refusedOnly(null)
  second.end(true)
})

test("dead connections of a lock do not add up and do not lock it out", TIME_LIMIT, async () => {
  const idle = []
  for (let i = 0; i < 10; i++) idle.push(await bareLine(broker, anna))
  await until(() => broker.counts().connections === 3)
  const line = await lock(broker, anna, ANNA)
  ok(line.connected)
  ok(broker.counts().connections <= 3)
  for (const socket of idle) socket.destroy()
  line.end(true)
})

test("a lock that does not acknowledge is told no more after sixteen, and cut off in the end", TIME_LIMIT, async () => {
  await use({ acknowledge_ms_max: 100 })
  const line = await lock(broker, anna, ANNA)
  await line.subscribeAsync(down(ANNA), { qos: 1 })
  line.handleMessage = () => {}
  const deliveries = Array.from({ length: 20 }, () => broker.publish(ANNA, Buffer.from("x")))
  const answers = await Promise.all(deliveries)
  deepEqual(answers, [...Array(16).fill("not connected"), ...Array(4).fill("busy")])
  await closes(line)
  refusedOnly("no acknowledgement")
})

test("a lock that falls silent is noticed by its keep-alive", TIME_LIMIT, async () => {
  const line = await bareLine(broker, anna)
  const bytes = connectBytes(ANNA)
  bytes[11] = 1 // Keep-alive of one second; the broker waits one and a half.
  line.write(bytes)
  await once(line.resume(), "close")
  refusedOnly("silence")
})

test("a slow consumer slows the lock down and not the other locks", TIME_LIMIT, async () => {
  let release = () => {}
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  const counts = { a: 0, b: 0 }
  await use({
    onMessage: (door) => {
      counts[door === ANNA ? "a" : "b"]++
      return door === ANNA ? held : undefined
    },
  })
  const [slow, quick] = [await lock(broker, anna, ANNA), await lock(broker, bert, BERT)]
  const batch = Buffer.alloc(100_000)
  for (let i = 0; i < 100; i++) slow.publish(up(ANNA, "batch"), batch, { qos: 1 })
  for (let i = 0; i < 100; i++) await quick.publishAsync(up(BERT, "batch"), batch, { qos: 1 })
  await until(() => counts.b === 100)
  ok(counts.a < 10, `${counts.a} messages were read while the first was not taken in`)
  release()
  await until(() => counts.a === 100)
  slow.end(true)
  quick.end(true)
})

test("a message that the server cannot take in is counted, and the next one is taken", TIME_LIMIT, async () => {
  const got: string[] = []
  await use({
    onMessage: (_door, word) => {
      got.push(word)
      if (word === "hello") throw new RangeError("out of order")
      return word === "batch" ? Promise.reject(new RangeError("out of order")) : undefined
    },
  })
  const line = await lock(broker, anna, ANNA)
  for (const word of ["hello", "batch", "beat"]) await line.publishAsync(up(ANNA, word), "x", { qos: 1 })
  await until(() => got.length === 3)
  equal(broker.counts().failures, 2)
  ok(line.connected)
  line.end(true)
})

test("stop closes every line, those in their handshake too, and frees the port", TIME_LIMIT, async () => {
  const { port } = broker
  const line = await lock(broker, anna, ANNA)
  const half = connectPlain(port, "127.0.0.1")
  await once(half, "connect")
  await broker.stop()
  await broker.stop()
  await closes(line)
  ;({ broker, heard } = await runBroker({ port }))
  half.destroy()
})
