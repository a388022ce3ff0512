/**
 * What a first administrator's browser and the people at the doors do, without a browser: claims over HTTP, acts in the
 * virtual world.
 */
import { encodeOpening, labelCommitment, verifyFirstRoot } from "@holdfast/access/author"
import { assert } from "@holdfast/base"
import { encodeCoseKey } from "@holdfast/base/cose"
import { fromBase64, toBase64 } from "@holdfast/base/text"
import { hpkeInfo, newEs256, nodeCrypto, sealTo } from "@holdfast/port-node"
import { randomBytes } from "node:crypto"

export type SiteFile = {
  readonly site: string
  readonly root: string
  readonly api: string
  readonly world: { readonly origin: string; readonly token: string } | null
  readonly boards: string
}

/** A test that is busy for long finds its idle connections closed, so none is kept. */
const CLOSE = { connection: "close" }

export function visit(url: string): Promise<Response> {
  return fetch(url, { headers: CLOSE })
}

export async function siteFile(origin: string): Promise<SiteFile> {
  return (await (await visit(`${origin}/site.json`)).json()) as SiteFile
}

export type Claimed = {
  readonly status: number
  readonly body: {
    readonly title?: string
    readonly recovery?: { readonly file_name: string; readonly text: string } | null
  }
}

/** Posts a claim with a new software key, as the console's page does. */
export async function claim(link: string): Promise<Claimed> {
  const { origin, hash } = new URL(link)
  const { root: deed } = await siteFile(origin)
  const verified = verifyFirstRoot(fromBase64(deed) ?? new Uint8Array(0), nodeCrypto)
  assert(verified.ok, "the front tells its site's root metadata")
  const salt = new Uint8Array(randomBytes(16))
  const sealed = sealTo(
    verified.root.keeperHpke,
    hpkeInfo("attachment", verified.site),
    encodeOpening({ salt, value: "Mona Alvarez" }),
  )
  assert(sealed !== null, "the keeper's key is a point of the curve")
  const answer = await fetch(`${origin}/claim`, {
    method: "POST",
    headers: { ...CLOSE, "content-type": "application/json", origin },
    body: JSON.stringify({
      token: hash.slice(1),
      person: randomBytes(16).toString("hex"),
      commitment: toBase64(labelCommitment(salt, "Mona Alvarez", nodeCrypto)),
      attachment: toBase64(sealed),
      key: toBase64(encodeCoseKey(newEs256().publicKey)),
      key_kind: 2,
      credential_id: null,
      backup_flags: 0,
    }),
  })
  return { status: answer.status, body: (await answer.json()) as Claimed["body"] }
}

/** The virtual world behind its loopback port. */
export class VirtualWorld {
  readonly #origin: string
  readonly #headers: Readonly<Record<string, string>>

  constructor({ world }: SiteFile) {
    assert(world !== null, "an example building tells its world to callers on this machine")
    this.#origin = world.origin
    this.#headers = { authorization: `Bearer ${world.token}`, "content-type": "application/json", ...CLOSE }
  }

  async #list(path: string, name: string): Promise<readonly string[]> {
    const listed = (await (await fetch(this.#origin + path, { headers: this.#headers })).json()) as object[]
    return listed.map((each) => String(new Map(Object.entries(each)).get(name)))
  }

  doors(): Promise<readonly string[]> {
    return this.#list("/doors", "door")
  }

  cards(): Promise<readonly string[]> {
    return this.#list("/cards", "card")
  }

  /** A door as somebody who stands there sees it. */
  async door(door: string): Promise<ReadonlyMap<string, unknown>> {
    const listed = (await (await fetch(`${this.#origin}/doors`, { headers: this.#headers })).json()) as object[]
    const views = listed.map((each) => new Map<string, unknown>(Object.entries(each)))
    const found = views.find((each) => each.get("door") === door)
    assert(found !== undefined, "the door is one of the world's")
    return found
  }

  present(door: string, card: string): Promise<void> {
    return this.act(door, { act: "present", card })
  }

  async act(door: string, act: object): Promise<void> {
    const answer = await fetch(`${this.#origin}/doors/${door}/act`, {
      method: "POST",
      headers: this.#headers,
      body: JSON.stringify(act),
    })
    assert(answer.ok, "anybody can do this at any door")
  }
}
