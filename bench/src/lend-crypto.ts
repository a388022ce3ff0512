/** Cryptography of the host, lent to a guest in QuickJS: as the chip lends it on a small board. */
import type { Crypto } from "@holdfast/base"
import { assert } from "@holdfast/base"
import { nodeCrypto } from "@holdfast/port-node"
import type { QuickJSContext, QuickJSHandle } from "quickjs-emscripten"

/** The bytes of a Uint8Array of the guest. */
function bytesOf(vm: QuickJSContext, array: QuickJSHandle | undefined): Uint8Array {
  assert(array !== undefined, "the guest passes bytes")
  const [buffer, offset, length] = ["buffer", "byteOffset", "byteLength"].map((name) => vm.getProp(array, name))
  assert(buffer !== undefined && offset !== undefined && length !== undefined, "the guest passes a Uint8Array")
  const lent = vm.getArrayBuffer(buffer)
  const from = vm.getNumber(offset)
  const bytes = lent.value.slice(from, from + vm.getNumber(length))
  for (const each of [lent, buffer, offset, length]) each.dispose()
  return bytes
}

/** Gives the guest a `crypto` whose functions are the host's; what is answered must be let go before the machine ends. */
export function lendCrypto(vm: QuickJSContext): QuickJSHandle {
  const toArray = vm.unwrapResult(vm.evalCode("(buffer) => new Uint8Array(buffer)"))
  const lent = vm.newObject()
  const lend = (name: keyof Crypto, answer: (parts: readonly Uint8Array[]) => Uint8Array | boolean | null): void => {
    const made = vm.newFunction(name, (...parts) => {
      const value = answer(parts.map((part) => bytesOf(vm, part)))
      if (value === null) return vm.null
      if (typeof value === "boolean") return value ? vm.true : vm.false
      const buffer = vm.newArrayBuffer(value.slice().buffer)
      const array = vm.unwrapResult(vm.callFunction(toArray, vm.undefined, buffer))
      buffer.dispose()
      return array
    })
    vm.setProp(lent, name, made)
    made.dispose()
  }
  const none = new Uint8Array(0)
  lend("sha256", ([bytes = none]) => nodeCrypto.sha256(bytes))
  lend("hmacSha256", ([key = none, bytes = none]) => nodeCrypto.hmacSha256(key, bytes))
  lend("aesCbcEncrypt", ([key = none, iv = none, bytes = none]) => nodeCrypto.aesCbcEncrypt(key, iv, bytes))
  lend("aesCbcDecrypt", ([key = none, iv = none, bytes = none]) => nodeCrypto.aesCbcDecrypt(key, iv, bytes))
  lend("aesGcmSeal", ([key = none, iv = none, aad = none, bytes = none]) => nodeCrypto.aesGcmSeal(key, iv, aad, bytes))
  lend("aesGcmOpen", ([key = none, iv = none, aad = none, bytes = none]) => nodeCrypto.aesGcmOpen(key, iv, aad, bytes))
  lend("verifyEs256", ([key = none, message = none, mark = none]) => nodeCrypto.verifyEs256(key, message, mark))
  lend("verifyEd25519", ([key = none, message = none, mark = none]) => nodeCrypto.verifyEd25519(key, message, mark))
  vm.setProp(vm.global, "crypto", lent)
  lent.dispose()
  return toArray
}
