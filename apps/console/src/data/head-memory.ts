/**
 * The newest head of a log that this browser proved, kept over visits, so that a server cannot show an older log, or another
 * one of the same key, to somebody who comes back. It holds a size and a root, which are no secret.
 */
import { fromHex, toHex } from "@holdfast/base/text"
import type { TreeHead } from "@holdfast/ledger"

export type HeadMemory = {
  recall(origin: string): TreeHead | null
  remember(origin: string, head: TreeHead): void
}

/** The part of a browser's storage that is needed here. */
export type Texts = Pick<Storage, "getItem" | "setItem">

const slot = (origin: string): string => `holdfast.head.${origin}`

function readHead(text: string | null): TreeHead | null {
  const [, digits = "", hex = ""] = /^(\d{1,15}) ([0-9a-f]{64})$/.exec(text ?? "") ?? []
  const root = fromHex(hex)
  return root?.length === 32 ? { size: Number(digits), root } : null
}

export function headMemory(texts: Texts): HeadMemory {
  return {
    recall: (origin) => readHead(texts.getItem(slot(origin))),
    remember(origin, { size, root }) {
      const known = readHead(texts.getItem(slot(origin)))
      if (known !== null && known.size >= size) return // Another page of this browser was further.
      texts.setItem(slot(origin), `${size} ${toHex(root)}`)
    },
  }
}
