/** The boot loader under every loss of power, every kind of bad image and every order of boots: it ends on a good image, never below the floor. */
import { toHex } from "@holdfast/base/text"
import { deepEqual, equal, ok } from "node:assert/strict"
import { createHash } from "node:crypto"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"
import { Loader } from "../src/image/loader.ts"
import { FileImageSlots, type ImageSlots } from "../src/image/slots.ts"
import { forgedImage, imageOf, MemoryImageSlots, MODEL, SlotsCut, VENDOR } from "./vendor.ts"

const PIECE = 1024
const OLD = imageOf(1, 1, "old")
const NEW = imageOf(2, 2, "new")

function loaderOf(slots: ImageSlots): Loader {
  return new Loader({ slots, vendor: VENDOR, model: MODEL, revision: 1 })
}

/** A board as it leaves the factory: the old image in slot a, confirmed. */
function factory(): MemoryImageSlots {
  const slots = new MemoryImageSlots()
  slots.write("a", 0, OLD)
  const loader = loaderOf(slots)
  loader.boot()
  loader.confirm()
  return slots
}

/** The name of an image, as a door policy has it. */
function nameOf(image: Uint8Array): Uint8Array {
  return new Uint8Array(createHash("sha256").update(image).digest())
}

/** Takes an image as a lock does, in pieces; says why it may not be tried, or stages it. */
function take(loader: Loader, image: Uint8Array): string | null {
  for (let at = 0; at < image.length; at += PIECE) loader.write(at, image.slice(at, at + PIECE))
  const fault = loader.check(nameOf(image), image.length)
  if (fault === null) loader.stage(nameOf(image))
  return fault
}

/** What boots: the payload as text, or null. */
function boots(loader: Loader): string | null {
  const firmware = loader.boot()
  return firmware === null ? null : Buffer.from(firmware.payload).toString()
}

test("a good update: taken, tried once, confirmed, and from then on it alone is good", () => {
  const slots = factory()
  const loader = loaderOf(slots)
  equal(boots(loader), "old")
  equal(take(loader, NEW), null)
  equal(loader.isStaged, true)
  equal(boots(loader), "new")
  equal(loader.started?.onTrial, true)
  equal(slots.floor(), 1, "attack 64: the floor waits for the confirmation")
  loader.confirm()
  equal(slots.floor(), 2)
  for (let i = 0; i < 3; i++) equal(boots(loaderOf(slots)), "new")
})

test("an image that never confirms is tried once; then the old one runs, and says which failed", () => {
  const slots = factory()
  const loader = loaderOf(slots)
  boots(loader)
  take(loader, NEW)
  equal(boots(loaderOf(slots)), "new")
  const back = loaderOf(slots)
  equal(boots(back), "old")
  equal(back.started?.failed, toHex(nameOf(NEW)))
  equal(slots.floor(), 1)
  back.confirm()
  equal(boots(loaderOf(slots)), "old")
})

test("attack 64: while an image is on trial nothing is written over the one to go back to", () => {
  const slots = factory()
  const loader = loaderOf(slots)
  boots(loader)
  take(loader, NEW)
  equal(boots(loader), "new")
  loader.write(0, new Uint8Array(OLD.length))
  equal(boots(loaderOf(slots)), "old")
})

const BAD: Readonly<Record<string, readonly [Uint8Array, string]>> = {
  "signed by a stranger": [forgedImage(2, 2, "forged"), "wrong signature"],
  "for another model": [imageOf(2, 2, "x", { model: "HF-6000" }), "other model"],
  "for later hardware": [imageOf(2, 2, "x", { revision_min: 2, revision_max: 9 }), "other revision"],
  "below the floor": [imageOf(2, 0, "x"), "below the floor"],
  "no newer than what runs": [imageOf(1, 1, "x"), "not newer"],
  "to be taken from version 1.5 on": [
    imageOf(2, 2, "x", { version_min: { major: 1, minor: 5, revision: 0, build: 0 } }),
    "version too old",
  ],
  "that is none": [new Uint8Array(3_000), "no image"],
}
for (const [what, [image, fault]] of Object.entries(BAD))
  test(`attack 61, attack 63: an image ${what} is refused before a trial, and the good one still boots`, () => {
    const slots = factory()
    const loader = loaderOf(slots)
    boots(loader)
    equal(take(loader, image), fault)
    equal(boots(loaderOf(slots)), "old")
    deepEqual(slots.slots.get("a"), OLD, "nothing was written to the slot that runs")
  })

test("attack 61: whatever stands in a slot is verified at boot, whoever put it there", () => {
  for (const [image] of Object.values(BAD)) {
    const slots = factory()
    slots.slots.set("a", image)
    const loader = loaderOf(slots)
    const bootable =
      image === BAD["no newer than what runs"]?.[0] || image === BAD["to be taken from version 1.5 on"]?.[0]
    equal(boots(loader), bootable ? "x" : null)
    equal(loader.started === null, !bootable)
  }
})

test("attack 65: bytes that change after the check are not what boots", () => {
  const others: readonly Uint8Array[] = [
    forgedImage(3, 3, "forged"),
    imageOf(3, 3, "another good one"),
    new Uint8Array(9),
  ]
  for (const other of others) {
    const slots = factory()
    const loader = loaderOf(slots)
    boots(loader)
    equal(take(loader, NEW), null)
    slots.slots.set("b", other)
    equal(boots(loaderOf(slots)), "old")
    equal(boots(loaderOf(slots)), "old")
  }
})

test("attack 65: bytes that change between the name's check and the judgement are read once, and run as they were read", () => {
  const slots = factory()
  const loader = loaderOf(slots)
  boots(loader)
  take(loader, NEW)
  const honest = slots.read.bind(slots)
  let reads = 0
  slots.read = (slot, size) => {
    const bytes = honest(slot, size)
    if (slot === "b") reads++
    return reads > 1 && slot === "b" ? forgedImage(9, 9, "forged") : bytes
  }
  equal(boots(loader), "new", "what was verified is what is handed over")
  equal(reads, 1)
})

test("attack 64, I-36, L-06: power cut after any write of an update: within three boots the old or the new image runs, and never below the floor", () => {
  let ended = false
  let finals = 0
  for (let writes = 0; !ended; writes++) {
    const slots = factory()
    slots.writes_left = writes
    try {
      const loader = loaderOf(slots)
      loader.boot()
      take(loader, NEW)
      loader.boot()
      loader.confirm()
      ended = true
    } catch (error) {
      if (!(error instanceof SlotsCut)) throw error
    }
    const after = slots.copy()
    const ran: (string | null)[] = []
    for (let boot = 0; boot < 3; boot++) {
      const loader = loaderOf(after)
      ran.push(boots(loader))
      loader.confirm()
      ok(
        after.floor() <= (loader.started?.version.startsWith("1.2") === true ? 2 : 1),
        "the floor never passes what runs",
      )
    }
    ok(
      ran.every((each) => each === "old" || each === "new"),
      `after ${writes} writes: ${ran.join(", ")}`,
    )
    equal(ran[1], ran[2], "and it stays")
    if (ended) equal(ran[2], "new")
    if (ran[2] === "new") finals++
    ok(writes < 100, "the update ends")
  }
  ok(finals > 1, "both ends were seen")
})

test("attack 64, L-06: power cut after any write of the boots that follow, for an image that confirms and for one that does not", () => {
  for (const confirms of [true, false]) {
    const staged = factory()
    const first = loaderOf(staged)
    first.boot()
    take(first, NEW)
    for (let writes = 0; writes < 6; writes++) {
      const slots = staged.copy()
      let boot = 0
      for (let cut = false; boot < 3; boot++) {
        slots.writes_left = cut ? Number.POSITIVE_INFINITY : writes
        try {
          const loader = loaderOf(slots)
          const running = boots(loader)
          ok(running !== null, "something runs at every boot")
          if (running === "old" || confirms) loader.confirm()
        } catch (error) {
          if (!(error instanceof SlotsCut)) throw error
          cut = true
        }
        slots.writes_left = Number.POSITIVE_INFINITY
      }
      const last = loaderOf(slots)
      const runs = boots(last)
      ok(
        runs === "old" || (runs === "new" && confirms),
        `${writes} writes, ${confirms ? "well" : "ill"}: ${runs ?? "nothing"}`,
      )
      last.confirm()
      equal(slots.floor(), runs === "new" ? 2 : 1)
    }
  }
})

test("attack 64: once the new image is confirmed, the old one is below the floor and never boots again", () => {
  const slots = factory()
  const loader = loaderOf(slots)
  loader.boot()
  take(loader, NEW)
  loader.boot()
  loader.confirm()
  slots.slots.set("b", new Uint8Array(100))
  equal(boots(loaderOf(slots)), null, "a board without a good image stays in its loader: the way out is steel")
  slots.slots.set("b", NEW)
  equal(boots(loaderOf(slots)), "new", "and comes back with one")
})

test("a torn boot record costs nothing but a trial of the newer image", () => {
  const slots = factory()
  slots.write("b", 0, imageOf(2, 1, "new"))
  const record = slots.stored
  ok(record !== null)
  for (let size = 0; size < record.length; size++) {
    const torn = slots.copy()
    torn.stored = record.slice(0, size)
    const loader = loaderOf(torn)
    const first = boots(loader)
    ok(first === "old" || first === "new")
    const again = loaderOf(torn)
    ok(boots(again) !== null)
    equal(again.started?.onTrial, false, "the second boot stands on an image that is not on trial")
  }
})

test("files: slots, record and floor come back, and the floor never falls", (context) => {
  const directory = mkdtempSync(join(tmpdir(), "holdfast-slots-"))
  context.after(() => rmSync(directory, { recursive: true }))
  const slots = new FileImageSlots(directory)
  for (let at = 0; at < OLD.length; at += PIECE) slots.write("a", at, OLD.slice(at, at + PIECE))
  const loader = loaderOf(slots)
  equal(boots(loader), "old")
  loader.confirm()
  slots.raiseFloor(0)
  equal(new FileImageSlots(directory).floor(), 1)
  equal(take(loader, NEW), null)
  slots.write("b", 0, NEW.slice(0, 10))
  deepEqual(new FileImageSlots(directory).read("b"), NEW.slice(0, 10), "writing at the beginning empties the slot")
  take(loader, NEW)
  equal(boots(loaderOf(new FileImageSlots(directory))), "new")
})
