/** I-13: no secret leaves a lock, nor stands in what it writes for people. */
import { toHex, utf8 } from "@holdfast/base/text"
import { encodeUp } from "@holdfast/wire"
import type { Rule } from "./rule.ts"

/** A canary that can come about by chance is none: neither one that short, nor one inside an id, a hash or a time. */
const NEEDLE_BYTES_MIN = 6
const LONG_WORD = /[0-9a-f]{9,}/g

export const I_13: Rule = {
  id: "I-13",
  words: "No code, no card's key and no code key stands in any message of a lock, nor in the details of a record.",
  watch({ truth, doors }) {
    const codeKeys = doors.map(({ options }) => toHex(options.pairing.codeKey))
    let known: { readonly size: number; readonly needles: readonly Buffer[] } = { size: 0, needles: [] }
    const needlesNow = (): readonly Buffer[] => {
      const size = truth.pins.size + truth.cardKeys.size
      if (known.size === size) return known.needles
      const codes = [...truth.pins.keys()].map((code) => toHex(utf8(code)))
      const needles = [...codes, ...truth.cardKeys, ...codeKeys].map((hex) => Buffer.from(hex, "hex"))
      known = { size, needles: needles.filter(({ length }) => length >= NEEDLE_BYTES_MIN) }
      return known.needles
    }
    return {
      step({ sent, lines }) {
        if (sent.length === 0 && lines.length === 0) return null
        const texts = [
          ...sent.map((up) => Buffer.from(encodeUp(up))),
          ...lines.map(({ detail }) => Buffer.from(utf8((detail.note ?? "").replace(LONG_WORD, "")))),
        ]
        for (const needle of needlesNow())
          if (texts.some((text) => text.includes(needle))) return "a secret stands in what the lock sent or wrote"
        return null
      },
    }
  },
}
