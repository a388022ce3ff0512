/**
 * Imported before tests (`node --import`): plants the one small change that the environment names in HOLDFAST_MUTANT, as
 * JSON [file, start, end, text]. The tests themselves know nothing of it; what a change is, and which there are, is tools/mutate.ts.
 */
import { assert } from "@holdfast/base"
import { readFileSync } from "node:fs"
import { plant } from "./patch.ts"

const [file, start, end, text]: readonly unknown[] = JSON.parse(process.env.HOLDFAST_MUTANT ?? "[]")
assert(typeof file === "string" && typeof text === "string", "a mutant names its file and the text it puts in")
assert(typeof start === "number" && typeof end === "number", "a mutant says from where to where")
const source = readFileSync(new URL(`../../../${file}`, import.meta.url), "utf8")
plant({ file, find: source, replace: source.slice(0, start) + text + source.slice(end) })
