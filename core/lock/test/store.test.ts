/**
 * The sealed store on a chip whose power can go after any byte, that somebody may read, change, move about or put back as it
 * was: what it answers afterwards was true once, and whatever is not of now is named.
 */
import type { Crypto } from "@holdfast/base"
import { toHex } from "@holdfast/base/text"
import type { SealedStore, StoreOperation } from "@holdfast/lock/store"
import { nodeCrypto } from "@holdfast/port-node"
import { deepEqual, equal, ok, throws } from "node:assert/strict"
import { test } from "node:test"
import { Chip, KEYS, openStore, settle } from "./flash.ts"

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values)

/** One state after another: a clock that says which, records of which ten are kept, codes tried, now and then a policy. */
function live(store: SealedStore, state: number): void {
  store.append(state, new Uint8Array(30).fill(state))
  store.put("clock", bytes(state))
  if (state % 5 === 0) store.put("throttle", bytes(state))
  if (state % 9 === 0) store.put("slot a", new Uint8Array(700).fill(state))
  if (state > 10) store.release(state - 10)
}

/** Which state the store is in, having looked that nothing of another is mixed in. */
function stateOf({ stored }: SealedStore): number {
  const { parts, records } = stored
  const state = parts.get("clock")?.[0] ?? 0
  const first = Math.max(1, state - 9)
  deepEqual(
    records.map((each) => each[0]),
    Array.from({ length: state === 0 ? 0 : state - first + 1 }, (_, at) => first + at),
  )
  equal(parts.get("throttle")?.[0] ?? 0, state - (state % 5))
  const slot = parts.get("slot a")
  equal(slot?.[0] ?? 0, state - (state % 9))
  ok(slot === undefined || (slot.length === 700 && slot.every((byte) => byte === slot[0])))
  return state
}

function lived(chip: Chip, states: number): SealedStore {
  const store = openStore(chip)
  for (let state = stateOf(store) + 1; state <= states; state++) {
    live(store, state)
    settle(chip, store)
  }
  return store
}

/** Every operation of some states, each with the state that was settled before it. */
function operations(chip: Chip, states: number): { operation: StoreOperation; settled: number }[] {
  const ghost = chip.copy()
  const store = openStore(ghost)
  const done: { operation: StoreOperation; settled: number }[] = []
  for (let state = 1; state <= states; state++) {
    live(store, state)
    for (const operation of store.settle()) {
      done.push({ operation, settled: state - 1 })
      ghost.carryOut(operation)
    }
  }
  return done
}

/** The chip as each cut leaves it: after every byte of the first `whole` operations, later at the edges of each and within. */
function everyCut(look: (chip: Chip, settled: number, name: string) => void, states: number, whole: number): void {
  const chip = new Chip(1024, 4)
  for (const [at, { operation, settled }] of operations(chip, states).entries()) {
    const last = operation.kind === "program" ? operation.bytes.length : operation.kind === "erase" ? 4 : 1
    for (let steps = 0; steps < last; steps++) {
      if (at >= whole && steps > 2 && steps < last - 2 && steps % 41 !== 0) continue
      const cut = chip.copy()
      cut.steps_left = steps
      throws(() => cut.carryOut(operation), { name: "PowerCut" })
      cut.steps_left = Number.POSITIVE_INFINITY
      look(cut, settled, `operation ${at} (${operation.kind}) cut after ${steps}`)
    }
    chip.carryOut(operation)
  }
}

test("I-25, attack 55: the power goes after any byte, and the old state or the new one is there, and goes on", () => {
  let cuts = 0
  const look = (chip: Chip, settled: number, name: string): void => {
    const store = openStore(chip)
    equal(store.stored.fault, undefined, name)
    const state = stateOf(store)
    ok(state === settled || state === settled + 1, `${name}: ${state} after ${settled}`)
    live(store, state + 1)
    settle(chip, store)
    const after = openStore(chip)
    equal(after.stored.fault, undefined, `boot after ${name}`)
    equal(stateOf(after), state + 1, `boot after ${name}`)
    cuts += 1
  }
  everyCut(look, 60, 12)
  ok(cuts > 1_000)
})

test("attack 28: the power goes again at the first writes after a cut, as often as anybody likes", () => {
  const chip = chipAfter(20)
  let state = 20
  for (let steps = 0; steps < 3_000; steps += 37) {
    const store = openStore(chip)
    equal(store.stored.fault, undefined, `after ${steps}`)
    const found = stateOf(store)
    ok(found === state || found === state + 1)
    state = found
    live(store, state + 1)
    chip.steps_left = steps
    try {
      settle(chip, store)
    } catch (error) {
      ok(error instanceof Error && error.name === "PowerCut")
    }
    chip.steps_left = Number.POSITIVE_INFINITY
  }
  ok(state > 20, "what was written whole counts")
})

function chipAfter(states: number): Chip {
  const chip = new Chip(1024, 4)
  lived(chip, states)
  return chip
}

/** A cipher that remembers what it sealed under which key and nonce. */
class Witness {
  readonly sealed = new Map<string, string>()
  readonly keys = new Set<string>()
  readonly crypto: Crypto = {
    ...nodeCrypto,
    aesGcmSeal: (key, nonce, context, plain) => {
      const name = `${toHex(key)} ${toHex(nonce)}`
      equal(this.sealed.has(name), false, "no nonce comes twice under one key")
      this.sealed.set(name, toHex(plain))
      this.keys.add(toHex(key))
      return nodeCrypto.aesGcmSeal(key, nonce, context, plain)
    },
  }
}

test("I-38, attack 77: no key meets a nonce twice: cuts anywhere, and old images put back, with the counter and even without", () => {
  const witness = new Witness()
  const images: Chip[] = []
  const go = (chip: Chip, states: number): void => {
    const store = openStore(chip, { crypto: witness.crypto })
    for (let state = 1; state <= states; state++) {
      store.put("clock", bytes(state))
      store.append(state, bytes(state, states))
      settle(chip, store)
    }
  }
  const chip = new Chip(1024, 4)
  for (let boots = 0; boots < 12; boots++) {
    images.push(chip.copy())
    chip.steps_left = 100 + 90 * boots
    throws(() => go(chip, 200), { name: "PowerCut" })
    chip.steps_left = Number.POSITIVE_INFINITY
  }
  for (const image of images) {
    go(image.copy(), 30) // Image and counter together: a cloned element.
    const rewound = image.copy()
    rewound.counter = chip.counter
    go(rewound, 30)
  }
  ok(witness.sealed.size > 500 && witness.keys.size > 50)
})

test("attack 77: an old image of the flash is named rolled back, from whatever boot it is, once and then no more", () => {
  const chip = new Chip(1024, 4)
  const images: Chip[] = []
  for (let state = 5; state <= 60; state += 5) {
    images.push(chip.copy())
    lived(chip, state)
  }
  equal(openStore(chip).stored.fault, undefined)
  for (const image of images) {
    image.counter = chip.counter
    const store = openStore(image)
    equal(store.stored.fault, "rolled back")
    store.put("boot", bytes(1))
    settle(image, store)
    equal(openStore(image).stored.fault, undefined)
  }
})

test("attack 28, 77: tries of a code and denials cannot be wound back even within the last page of one boot", () => {
  for (const part of ["throttle", "denies"] as const) {
    const chip = new Chip(1024, 4)
    const store = openStore(chip)
    store.put("clock", bytes(1))
    settle(chip, store)
    const before = chip.copy()
    store.put(part, bytes(2))
    settle(chip, store)
    before.counter = chip.counter
    equal(openStore(before).stored.fault, "rolled back")
    for (let at = 0; at < 1024; at++) {
      if (chip.bytes[at] === 0xff) continue
      const wiped = chip.copy()
      wiped.bytes.fill(0xff, at, 1024)
      equal(openStore(wiped).stored.fault, "rolled back", `wiped from ${at}`)
    }
  }
})

test("attack 77: a blank flash and a blank counter are believed together only", () => {
  equal(openStore(new Chip()).stored.fault, undefined)
  const blank = new Chip(1024, 4)
  blank.counter = 7
  equal(openStore(blank).stored.fault, "rolled back")
  const chip = chipAfter(20)
  chip.counter = 0
  equal(openStore(chip).stored.fault, "rolled back")
})

test("attack 76: nothing that was stored can be read on the chip, and no page says what it holds", () => {
  const chip = new Chip(1024, 4)
  const store = openStore(chip)
  const secret = new Uint8Array(40).fill(0x41)
  store.put("slot a", secret)
  store.append(1, secret)
  settle(chip, store)
  equal(Buffer.from(chip.bytes).includes("AAAA"), false)
})

test("attack 76: a page that is moved, copied or another lock's is named, and nothing on it is believed", () => {
  const chip = chipAfter(60)
  const page = (of: Chip, index: number): Uint8Array => of.read(index)
  const put = (of: Chip, index: number, from: Uint8Array): void => of.bytes.set(from, index * 1024)
  for (let one = 0; one < 4; one++)
    for (let other = 0; other < 4; other++) {
      if (one === other) continue
      const moved = chip.copy()
      put(moved, one, page(chip, other))
      const { stored } = openStore(moved)
      const isFree = stored.fault === undefined // The one place whose page does not count any more.
      if (isFree) equal(stateOf(openStore(moved)), 60)
    }
  const swapped = chip.copy()
  for (let index = 0; index < 4; index++) put(swapped, index, page(chip, (index + 1) % 4))
  equal(openStore(swapped).stored.records.length, 0)
  ok(openStore(swapped).stored.fault !== undefined)
  const elsewhere = openStore(chip, { device: new Uint8Array(32).fill(0xd1) }).stored
  deepEqual([elsewhere.fault, elsewhere.records.length], ["rolled back", 0])
  const foreign = openStore(chip, { keys: new Map([[1, new Uint8Array(32).fill(0x52)]]) }).stored
  deepEqual([foreign.fault, foreign.records.length], ["rolled back", 0])
})

test("attack 76: whatever byte is changed, the state is one that was, and only the last unanchored writes can go unnamed", () => {
  const chip = chipAfter(43)
  for (let at = 0; at < chip.bytes.length; at += 3) {
    const changed = chip.copy()
    changed.bytes[at] = (changed.bytes[at] ?? 0) ^ 0x10
    const { stored } = openStore(changed)
    const clock = stored.parts.get("clock")?.[0] ?? 0
    ok(clock <= 43)
    if (stored.fault === undefined) ok(clock >= 40, `byte ${at}: back to ${clock} without a word`)
  }
})

test("every page wears alike, and the count of erases is the chip's", () => {
  const chip = new Chip(1024, 6)
  const store = openStore(chip)
  store.put("slot a", new Uint8Array(1_500).fill(7))
  for (let sequence = 1; sequence <= 2_000; sequence++) {
    store.append(sequence, new Uint8Array(20).fill(sequence))
    if (sequence > 20) store.release(sequence - 20)
    settle(chip, store)
  }
  deepEqual(store.wear, { erases_max: Math.max(...chip.erases), erases_min: Math.min(...chip.erases) })
  ok(store.wear.erases_max - store.wear.erases_min <= 1)
  deepEqual(openStore(chip).stored.parts.get("slot a"), new Uint8Array(1_500).fill(7))
})

test("attack 78: a new storage key takes over with the power going anywhere, and then the old one opens nothing", () => {
  const old = chipAfter(30)
  const both = new Map([...KEYS, [2, new Uint8Array(32).fill(0x62)]])
  const only = new Map([[2, new Uint8Array(32).fill(0x62)]])
  for (let steps = 0, done = false; !done; steps += 13) {
    const chip = old.copy()
    chip.steps_left = steps
    try {
      for (const operation of openStore(chip, { keys: both }).reseal()) chip.carryOut(operation)
      done = true
    } catch (error) {
      ok(error instanceof Error && error.name === "PowerCut")
    }
    chip.steps_left = Number.POSITIVE_INFINITY
    const again = openStore(chip, { keys: both })
    equal(again.stored.fault, undefined, `cut after ${steps}`)
    equal(stateOf(again), 30)
    for (const operation of again.reseal()) chip.carryOut(operation)
    equal(again.hasOldKeys, false)
    const after = openStore(chip, { keys: only })
    deepEqual([after.stored.fault, after.hasOldKeys, stateOf(after)], [undefined, false, 30])
    equal(openStore(chip, { keys: KEYS }).stored.records.length, 0)
  }
})
