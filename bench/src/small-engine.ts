/**
 * QuickJS as a small board runs it: without the text and the line tables of the code, and with the built-ins that the lock uses.
 *
 * On a board the code is compiled ahead by `qjsc -s`, which strips both; the engine's own setting for that, JS_SetStripInfo, is
 * not reached through quickjs-emscripten, so the byte that it sets is set here: the field `strip_flags` of the runtime of
 * QuickJS 2025-09-13. That it took effect shows at once, since a stripped function cannot tell its text. In the same way a
 * collection is asked for (JS_RunGC): the engine collects when it next makes an object, once its threshold is set to nothing.
 */
import { assert } from "@holdfast/base"
import { newQuickJSWASMModule, type QuickJSContext } from "quickjs-emscripten"

/** In words of four bytes: `malloc_gc_threshold`. */
const THRESHOLD_AT = 27
const THRESHOLD_BYTES = 256 * 1024
/** `strip_flags`, and behind it the empty shape table's bits, size and count, by which it is recognised. */
const STRIP_FLAGS_AT = 57
const SHAPES = [4, 16]
const STRIP_SOURCE_AND_DEBUG = 3

/** Of the built-ins, those that the lock's core and the bench's shell name. */
const BUILT_INS = {
  BaseObjects: true,
  Eval: true,
  JSON: true,
  MapSet: true,
  RegExp: true,
  StringNormalize: true,
  TypedArrays: true,
}

export type SmallEngine = { readonly vm: QuickJSContext; collect(): void }

export async function smallEngine(): Promise<SmallEngine> {
  const engine = await newQuickJSWASMModule()
  const vm = engine.newContext({ intrinsics: BUILT_INS })
  const { rt } = vm.runtime as unknown as { readonly rt: { readonly value: number } }
  const memoryOf = (): ArrayBuffer => (engine.getWasmMemory() as { readonly buffer: ArrayBuffer }).buffer
  const memory = new Uint8Array(memoryOf())
  const words = new Uint32Array(memory.buffer, rt.value, STRIP_FLAGS_AT + 3)
  assert(words[STRIP_FLAGS_AT] === 0, "nothing is stripped by default")
  assert(words[THRESHOLD_AT] === THRESHOLD_BYTES, "the engine first collects at 256 KiB")
  assert(
    SHAPES.every((word, at) => words[STRIP_FLAGS_AT + 1 + at] === word),
    "this is the runtime of QuickJS 2025-09-13",
  )
  memory[rt.value + STRIP_FLAGS_AT * 4] = STRIP_SOURCE_AND_DEBUG
  const told = vm.unwrapResult(vm.evalCode("((x) => x + 1).toString()"))
  assert(vm.getString(told).includes("[native code]"), "a stripped function does not tell its text")
  told.dispose()
  return {
    vm,
    collect() {
      new Uint32Array(memoryOf(), rt.value, STRIP_FLAGS_AT)[THRESHOLD_AT] = 0
      vm.newObject().dispose()
    },
  }
}
