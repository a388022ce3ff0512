/** What each topic gives a lock, tried with the real MQTT client: a probe of the broker's rights. */
import { deepEqual, equal, ok } from "node:assert/strict"
import type { MqttClient } from "mqtt"
import type { Rejection } from "../src/broker/rejection.ts"
import {
  ANNA,
  BERT,
  closes,
  lock,
  OTHER_SITE,
  SITE,
  testWithBroker,
  topicDown,
  topicUp,
  until,
  lockPair,
} from "./broker-lines.ts"

const anna = lockPair(ANNA)
const bert = lockPair(BERT)

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

for (const topic of [...forbidden, topicDown(ANNA)]) {
  testWithBroker(`a lock may not publish to ${topic.slice(0, 120)}`, async (building) => {
    const line = await lock(building.broker, anna, ANNA)
    line.publish(topic, "x", { qos: 1 })
    await closes(line)
    await building.emptied()
    const { rejected } = building.broker.counts()
    equal(rejected["publish outside its rights"] + rejected["protocol violation"], 1)
    deepEqual(building.heard.messages, [])
  })
}

for (const topic of [...forbidden, ...wildcards, topicUp(ANNA, "beat")]) {
  testWithBroker(`a lock may not subscribe to ${topic.slice(0, 120)}`, async (building) => {
    const line = await lock(building.broker, anna, ANNA)
    const other = await lock(building.broker, bert, BERT)
    let received = 0
    line.on("message", () => received++)
    await line.subscribeAsync(topic, { qos: 1 }).then(
      (grants) => ok(grants.every(({ qos }) => qos === 128)),
      () => {}, // Refused by its client, or cut off by the broker: also good.
    )
    // Everything that could come, comes before the answers to what follows.
    await other.subscribeAsync(topicDown(BERT), { qos: 1 })
    await other.publishAsync(topicUp(BERT, "beat"), "x", { qos: 1 })
    equal(await building.broker.publish(BERT, Buffer.from("x")), "delivered")
    equal(await building.broker.publish(ANNA, Buffer.from("x")), "not connected")
    equal(received, 0)
    line.end(true)
    other.end(true)
  })
}

const wrongWays: readonly (readonly [string, Rejection, (line: MqttClient) => void])[] = [
  [
    "retained to its own topic",
    "retained publish",
    (line) => line.publish(topicUp(ANNA, "beat"), "x", { qos: 1, retain: true }),
  ],
  [
    "retained to its down topic",
    "publish outside its rights",
    (line) => line.publish(topicDown(ANNA), "x", { retain: true }),
  ],
  [
    "retained to another's down topic",
    "publish outside its rights",
    (line) => line.publish(topicDown(BERT), "x", { retain: true }),
  ],
  ["with quality of service 2", "quality of service 2", (line) => line.publish(topicUp(ANNA, "beat"), "x", { qos: 2 })],
]
for (const [what, rejection, act] of wrongWays) {
  testWithBroker(`a lock may not publish ${what}`, async (building) => {
    const line = await lock(building.broker, anna, ANNA)
    act(line)
    await closes(line)
    await building.emptied()
    building.rejectedOnly(rejection)
    deepEqual(building.heard.messages, [])
  })
}

for (const qos of [0, 2] as const) {
  testWithBroker(`a lock may not subscribe with quality of service ${qos}`, async (building) => {
    const line = await lock(building.broker, anna, ANNA)
    await line.subscribeAsync(topicDown(ANNA), { qos }).then(
      (grants) =>
        deepEqual(
          grants.map((grant) => grant.qos),
          [128],
        ),
      () => {},
    )
    building.rejectedOnly("subscribe outside its rights")
    deepEqual(building.heard.changes, [])
    line.end(true)
  })
}

testWithBroker("one good topic among bad ones is granted alone", async (building) => {
  const line = await lock(building.broker, anna, ANNA)
  await line
    .subscribeAsync({ "#": { qos: 1 }, [topicDown(ANNA)]: { qos: 1 }, [topicDown(BERT)]: { qos: 1 } })
    .catch(() => {})
  await until(() => building.heard.changes.length === 1)
  equal(await building.broker.publish(ANNA, Buffer.from("x")), "delivered")
  equal(await building.broker.publish(BERT, Buffer.from("x")), "not connected")
  line.end(true)
})
