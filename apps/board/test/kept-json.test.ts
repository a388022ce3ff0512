/** What a board's program keeps as JSON and reads back: files that somebody or a disk changed first, each named in one line. */
import { deepEqual, equal, ok, throws } from "node:assert/strict"
import { test } from "node:test"
import { utf8 } from "@holdfast/base/text"
import { MemoryDisk } from "@holdfast/port-node"
import { Cards } from "../src/cards.ts"
import { FITTING, STORED_FITTING } from "../src/fitting.ts"
import { keep, KeptJsonError, readKept } from "../src/kept-json.ts"
import { Phones } from "../src/phones.ts"

const random = (size: number): Uint8Array => new Uint8Array(size).fill(0x41)
const PLACE = "/data/boards"

/** One file as its program wrote it, and how it is read back. */
type Kept = {
  readonly file: string
  readonly good: unknown
  read(disk: MemoryDisk): unknown
}

function written(file: string, write: (disk: MemoryDisk) => void): unknown {
  const disk = new MemoryDisk()
  write(disk)
  return JSON.parse(Buffer.from(disk.read(file) ?? []).toString("utf8"))
}

const CARDS: Kept = {
  file: "cards.json",
  good: written("cards.json", (disk) => {
    const drawer = new Cards(disk)
    drawer.remember(drawer.make("Ana", random).card, "1234", null)
  }),
  read: (disk) => new Cards(disk, PLACE).views(),
}
const PHONES: Kept = {
  file: "phones.json",
  good: written("phones.json", (disk) => void new Phones(disk, random).make("Ana's phone")),
  read: (disk) => new Phones(disk, random, PLACE).views(),
}
const BOARD: Kept = {
  file: FITTING,
  good: { failMode: "safe", battery: { chemistry: "alkaline", cells: 4, capacity_mah: 2_500 } },
  read: (disk) => readKept(disk, PLACE, FITTING, STORED_FITTING),
}

/** The first entry of a list, or the object itself, with one field changed. */
function withField(good: unknown, name: string, value: unknown): unknown {
  if (Array.isArray(good)) return [{ ...(good[0] as object), [name]: value }]
  return { ...(good as object), [name]: value }
}

const WRONG: readonly (readonly [Kept, string, unknown])[] = [
  [CARDS, "card", "../../keeper"],
  [CARDS, "uid", "0441"],
  [CARDS, "uid", 4],
  [CARDS, "encoder", "00".repeat(32)],
  [CARDS, "encoder", "ff".repeat(32)],
  [CARDS, "encoder", undefined],
  [CARDS, "keys", ["41"]],
  [CARDS, "keys", "41".repeat(16)],
  [CARDS, "credential", "nobody"],
  [CARDS, "epoch", -1],
  [CARDS, "epoch", 1.5],
  [CARDS, "label", null],
  [CARDS, "label", "x".repeat(20_000)],
  [CARDS, "pin", 1234],
  [PHONES, "phone", "zz"],
  [PHONES, "key", "41".repeat(40)],
  [PHONES, "key", ""],
  [PHONES, "lasting", {}],
  [PHONES, "lasting", [["lock"]]],
  [PHONES, "lasting", [["lock", "41"]]],
  [PHONES, "lasting", [[1, "41".repeat(32)]]],
  [BOARD, "failMode", undefined],
  [BOARD, "failMode", "open"],
  [BOARD, "actuator", "magnet"],
  [BOARD, "battery", { chemistry: "potato", cells: 4, capacity_mah: 2_500 }],
]
const CHANGED = WRONG.map(
  ([kept, name, value]) =>
    [kept, `${name}: ${JSON.stringify(value)?.slice(0, 40)}`, withField(kept.good, name, value)] as const,
)
const OTHER = [CARDS, PHONES, BOARD].flatMap((kept) =>
  [7, null, "text", [null], [[]], { cards: {} }].map((value) => [kept, `is ${JSON.stringify(value)}`, value] as const),
)
for (const [{ file, read }, what, value] of [...CHANGED, ...OTHER])
  test(`${file}, ${what}: refused, by its name`, () => {
    const disk = new MemoryDisk()
    keep(disk, file, value)
    throws(() => read(disk), new KeptJsonError(`${PLACE}/${file} cannot be read: restore it from a backup.`))
  })

for (const { file, good, read } of [CARDS, PHONES, BOARD])
  test(`${file}: cut anywhere it is refused, whole it is read, and what is missing is nothing`, () => {
    const whole = JSON.stringify(good)
    for (let size = 0; size < whole.length; size++) {
      const disk = new MemoryDisk()
      disk.replace(file, utf8(whole.slice(0, size)))
      throws(() => read(disk), KeptJsonError, `the first ${size} letters`)
    }
    const disk = new MemoryDisk()
    deepEqual(read(disk) ?? [], [])
    disk.replace(file, utf8(whole))
    ok(read(disk))
  })

test("cards of an earlier version have neither an epoch nor a code for duress", () => {
  const disk = new MemoryDisk()
  const { epoch, duress, ...earlier } = (CARDS.good as readonly Record<string, unknown>[])[0] ?? {}
  deepEqual([epoch, duress], [0, null])
  keep(disk, CARDS.file, [earlier])
  const [card] = new Cards(disk).views()
  equal(card?.pin, "1234")
  equal(card.duress, null)
})
