/** The tray: collecting, replacing, taking away with what leans on it, undoing, keeping what was refused. */
import type { Change } from "@holdfast/access"
import { type GroupId, idOf, type PersonId } from "@holdfast/base"
import { deepEqual, equal } from "node:assert/strict"
import { test } from "node:test"
import { addDraft, EMPTY_TRAY, keepOnly, removeDraft, type Tray, undo } from "../src/data/drafts.ts"

const id = <Name extends string>(byte: number) => idOf<Name>(new Uint8Array(16).fill(byte))
const ana = id<"PersonId">(1) satisfies PersonId
const engineers = id<"GroupId">(2) satisfies GroupId

const addAna: Change = { kind: "person add", person: ana, commitment: new Uint8Array(32) }
const group = (name: string): Change => ({ kind: "group set", group: engineers, name })
const join: Change = { kind: "member add", group: engineers, person: ana, from: null, until: null }
const leave: Change = { kind: "member remove", group: engineers, person: ana }

const trayOf = (...changes: readonly Change[]): Tray =>
  changes.reduce((tray, change) => addDraft(tray, { change, opening: null, issue: null }), EMPTY_TRAY)
const kinds = (tray: Tray): readonly string[] => tray.drafts.map((draft) => draft.change.kind)

test("an unknown draft cannot be taken away", () => {
  const tray = trayOf(addAna)
  deepEqual(kinds(removeDraft(tray, 99, () => false)), ["person add"])
})

test("saying something new about the same thing replaces it, in its place", () => {
  const tray = trayOf(group("Engineer"), addAna, group("Engineers"))
  deepEqual(kinds(tray), ["group set", "person add"])
  const [first] = tray.drafts
  equal(first?.change.kind === "group set" && first.change.name, "Engineers")
})

test("joining and then leaving is leaving", () => deepEqual(kinds(trayOf(join, leave)), ["member remove"]))

test("two people are two drafts", () => {
  const bo = { ...addAna, person: id<"PersonId">(3) }
  deepEqual(kinds(trayOf(addAna, bo)), ["person add", "person add"])
})

test("taking a new person away takes what leans on them", () => {
  const tray = trayOf(group("Engineers"), addAna, join)
  deepEqual(kinds(removeDraft(tray, 2, () => false)), ["group set"])
})

test("taking a new group away takes its members and rules, and the person stays", () => {
  const grant: Change = { kind: "grant set", grant: id(4), group: engineers, doors: [id(5)], schedule: null }
  const tray = trayOf(group("Engineers"), addAna, join, grant)
  deepEqual(kinds(removeDraft(tray, 1, () => false)), ["person add"])
})

test("what the site already has does not fall with a draft about it", () => {
  const tray = trayOf(group("Renamed"), join)
  deepEqual(kinds(removeDraft(tray, 1, (object) => object === engineers)), ["member add"])
})

test("a removal can be undone, once", () => {
  const tray = trayOf(group("Engineers"), addAna, join)
  const removed = removeDraft(tray, 2, () => false)
  deepEqual(kinds(undo(removed)), ["group set", "person add", "member add"])
  equal(undo(undo(removed)).undone, null)
})

test("ids are never used twice", () => {
  const tray = removeDraft(trayOf(group("a"), addAna), 2, () => false)
  const ids = addDraft(tray, { change: leave, opening: null, issue: null }).drafts.map((draft) => draft.id)
  deepEqual(ids, [1, 3])
})

test("what the keeper refused stays in the tray", () => {
  deepEqual(kinds(keepOnly(trayOf(group("Engineers"), addAna), new Set([2]))), ["person add"])
})
