/** What the broker delivers, to whom, how often and how fast, with the real MQTT client. */
import { deepEqual, equal, ok } from "node:assert/strict"
import { randomBytes } from "node:crypto"
import { once } from "node:events"
import { connect as connectPlain } from "node:net"
import {
  ANNA,
  BERT,
  bareLine,
  client,
  closes,
  connectBytes,
  hangsUp,
  lock,
  testWithBroker,
  topicDown,
  topicUp,
  until,
  lockPair,
} from "./broker-lines.ts"

const anna = lockPair(ANNA)
const bert = lockPair(BERT)

testWithBroker("what a lock says arrives whole, in order, with its word", async (building) => {
  const line = await lock(building.broker, anna, ANNA)
  const words = ["hello", "batch", "beat", "want"]
  for (const qos of [0, 1] as const)
    for (const word of words) await line.publishAsync(topicUp(ANNA, word), `${qos}`, { qos })
  await until(() => building.heard.messages.length === 8)
  deepEqual(
    building.heard.messages,
    [0, 1].flatMap((qos) => words.map((word) => `a ${word} ${qos}`)),
  )
  equal(building.broker.counts().messages_in, 8)
  building.rejectedOnly(null)
  line.end(true)
})

testWithBroker("any payload up to 128 KiB passes unchanged, both ways", async (building) => {
  const got: Uint8Array[] = []
  await building.restart({ onMessage: (_door, _word, payload) => void got.push(payload) })
  const line = await lock(building.broker, anna, ANNA)
  await line.subscribeAsync(topicDown(ANNA), { qos: 1 })
  for (const size of [0, 1, 127, 128, 16_383, 16_384, 65_536, 131_072]) {
    const payload = new Uint8Array(randomBytes(size))
    const back = new Promise<Uint8Array>((resolve) => line.once("message", (_topic, bytes) => resolve(bytes)))
    equal(await building.broker.publish(ANNA, payload), "delivered")
    deepEqual(new Uint8Array(await back), payload)
    await line.publishAsync(topicUp(ANNA, "batch"), Buffer.from(payload), { qos: 1 })
    await until(() => got.length === 1)
    deepEqual(got.pop(), payload)
  }
  building.rejectedOnly(null)
  line.end(true)
})

testWithBroker("a payload over 128 KiB is not taken", async (building) => {
  const line = await lock(building.broker, anna, ANNA)
  line.publish(topicUp(ANNA, "batch"), Buffer.alloc(131_072 + 600), { qos: 1 })
  await closes(line)
  await building.emptied()
  building.rejectedOnly("packet too large")
  deepEqual(building.heard.messages, [])
})

testWithBroker("a message for one lock reaches that lock only", async (building) => {
  const lines = [await lock(building.broker, anna, ANNA), await lock(building.broker, bert, BERT)]
  const got: string[] = []
  for (const [index, door] of [ANNA, BERT].entries()) {
    lines[index]?.on("message", (topic, payload) =>
      got.push(`${index} ${topic === topicDown(door)} ${payload.toString()}`),
    )
    await lines[index]?.subscribeAsync(topicDown(door), { qos: 1 })
  }
  equal(await building.broker.publish(ANNA, Buffer.from("for a")), "delivered")
  equal(await building.broker.publish(BERT, Buffer.from("for b")), "delivered")
  deepEqual(got, ["0 true for a", "1 true for b"])
  for (const line of lines) line.end(true)
})

testWithBroker("a lock is up when it listens, down when it stops or goes", async (building) => {
  const line = await lock(building.broker, anna, ANNA)
  equal(await building.broker.publish(ANNA, Buffer.from("x")), "not connected")
  await line.subscribeAsync(topicDown(ANNA), { qos: 1 })
  await until(() => building.heard.changes.length === 1)
  await line.unsubscribeAsync(topicDown(ANNA))
  await until(() => building.heard.changes.length === 2)
  equal(await building.broker.publish(ANNA, Buffer.from("x")), "not connected")
  await line.subscribeAsync(topicDown(ANNA), { qos: 1 })
  await line.endAsync()
  await building.emptied()
  deepEqual(building.heard.changes, ["a up", "a down", "a up", "a down"])
  building.rejectedOnly(null)
})

testWithBroker("nothing waits for a lock that is away, and nothing is told twice", async (building) => {
  const first = await lock(building.broker, anna, ANNA)
  await first.subscribeAsync(topicDown(ANNA), { qos: 1 })
  first.handleMessage = () => {} // It never acknowledges.
  const lost = building.broker.publish(ANNA, Buffer.from("open sesame"))
  await new Promise<void>((resolve) => first.once("packetreceive", ({ cmd }) => cmd === "publish" && resolve()))
  first.stream.destroy()
  equal(await lost, "not connected")
  equal(await building.broker.publish(ANNA, Buffer.from("while away")), "not connected")
  const second = client(building.broker, anna, ANNA)
  const got: string[] = []
  second.on("message", (_topic, payload) => got.push(payload.toString()))
  const isPresent = new Promise((resolve) => second.once("connect", (packet) => resolve(packet.sessionPresent)))
  equal(await isPresent, false)
  await second.subscribeAsync(topicDown(ANNA), { qos: 1 })
  equal(await building.broker.publish(ANNA, Buffer.from("now")), "delivered")
  deepEqual(got, ["now"])
  second.end(true)
})

testWithBroker("a second connection of a lock takes over from the first, and is counted", async (building) => {
  const first = await lock(building.broker, anna, ANNA)
  await first.subscribeAsync(topicDown(ANNA), { qos: 1 })
  const second = await lock(building.broker, anna, ANNA)
  await closes(first)
  await second.subscribeAsync(topicDown(ANNA), { qos: 1 })
  equal(await building.broker.publish(ANNA, Buffer.from("x")), "delivered")
  deepEqual(building.heard.changes, ["a up", "a down", "a up"])
  equal(building.broker.counts().takeovers, 1)
  equal(building.broker.counts().connections, 1)
  building.rejectedOnly(null)
  second.end(true)
})

testWithBroker("dead connections of a lock do not add up and do not lock it out", async (building) => {
  const idle = []
  for (let i = 0; i < 10; i++) idle.push(await bareLine(building.broker, anna))
  await until(() => building.broker.counts().connections === 3)
  const line = await lock(building.broker, anna, ANNA)
  ok(line.connected)
  ok(building.broker.counts().connections <= 3)
  building.rejectedOnly(null) // The oldest went at once, not for keeping silent.
  for (const socket of idle) socket.destroy()
  line.end(true)
})

testWithBroker(
  "a lock that does not acknowledge is told no more after sixteen, and cut off in the end",
  async (building) => {
    await building.restart({ acknowledge_ms_max: 100 })
    const line = await lock(building.broker, anna, ANNA)
    await line.subscribeAsync(topicDown(ANNA), { qos: 1 })
    line.handleMessage = () => {}
    const deliveries = Array.from({ length: 20 }, () => building.broker.publish(ANNA, Buffer.from("x")))
    const answers = await Promise.all(deliveries)
    deepEqual(answers, [...Array(16).fill("not connected"), ...Array(4).fill("busy")])
    await closes(line)
    building.rejectedOnly("no acknowledgement")
  },
)

testWithBroker("R36: a lock that falls silent is noticed by its keep-alive", async (building) => {
  const line = await bareLine(building.broker, anna)
  const bytes = connectBytes(ANNA)
  bytes[11] = 1 // Keep-alive of one second; the broker waits one and a half.
  line.write(bytes)
  await hangsUp(line)
  building.rejectedOnly("silence")
})

testWithBroker("a slow consumer slows the lock down and not the other locks", async (building) => {
  let release = () => {}
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  const counts = { a: 0, b: 0 }
  await building.restart({
    onMessage: (door) => {
      counts[door === ANNA ? "a" : "b"]++
      return door === ANNA ? held : undefined
    },
  })
  const [slow, quick] = [await lock(building.broker, anna, ANNA), await lock(building.broker, bert, BERT)]
  const batch = Buffer.alloc(100_000)
  for (let i = 0; i < 100; i++) slow.publish(topicUp(ANNA, "batch"), batch, { qos: 1 })
  for (let i = 0; i < 100; i++) await quick.publishAsync(topicUp(BERT, "batch"), batch, { qos: 1 })
  await until(() => counts.b === 100)
  // What had come off the line before the first was held goes on; how much that is, the machine's pace decides.
  ok(counts.a < 50, `${counts.a} messages were read while the first was not taken in`)
  release()
  await until(() => counts.a === 100)
  slow.end(true)
  quick.end(true)
})

testWithBroker("a message that the server cannot take in is counted, and the next one is taken", async (building) => {
  const got: string[] = []
  await building.restart({
    onMessage: (_door, word) => {
      got.push(word)
      if (word === "hello") throw new RangeError("out of order")
      return word === "batch" ? Promise.reject(new RangeError("out of order")) : undefined
    },
  })
  const line = await lock(building.broker, anna, ANNA)
  for (const word of ["hello", "batch", "beat"]) await line.publishAsync(topicUp(ANNA, word), "x", { qos: 1 })
  await until(() => got.length === 3)
  equal(building.broker.counts().failures, 2)
  ok(line.connected)
  line.end(true)
})

testWithBroker("stop closes every line, those in their handshake too, and frees the port", async (building) => {
  const { port } = building.broker
  const line = await lock(building.broker, anna, ANNA)
  const half = connectPlain(port, "127.0.0.1")
  await once(half, "connect")
  await building.broker.stop()
  await building.broker.stop()
  await closes(line)
  await building.restart({ port })
  half.destroy()
})
