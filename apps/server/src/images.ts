/**
 * The firmware images that locks can fetch, in DATA/images under their own hashes, and what each says of itself.
 *
 * Picture a shelf with labels: a parcel is opened as far as its label before it is put there, and one that is damaged, unlabelled
 * or too much for the shelf is handed back with a word why. Nobody here knows whose signature counts: a door policy names the
 * hash that its lock may take, and the board holds the vendor's keys.
 */
import { existsSync, mkdirSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { toHex } from "@holdfast/base/text"
import type { Image } from "@holdfast/contract"
import { decodeClaims, decodeImage, imageVersionText, TLV } from "@holdfast/lock/image"
import { NodeDisk, nodeCrypto } from "@holdfast/port-node"
import type { NamedFiles } from "./named-files.ts"

const IMAGES_MAX = 32

export type Kept =
  | { readonly ok: true; readonly image: Image }
  | { readonly ok: false; readonly fault: "not-an-image" | "too-many-images"; readonly detail: string }

const refused = (detail: string): Kept => ({ ok: false, fault: "not-an-image", detail })

/** What a file says of itself, if it is whole: its parts fit, its claims read, its own hash is right, and somebody signed it. */
export function readImage(bytes: Uint8Array): Kept {
  const decoded = decodeImage(bytes)
  if (!decoded.ok)
    return refused(`This is no MCUboot image${decoded.fault === "no image" ? "" : `: ${decoded.fault}`}.`)
  const { image } = decoded
  const claims = decodeClaims(image.protectedTlvs)
  if (claims === null)
    return refused("It does not say its model, revisions, counter and smallest version as a board asks.")
  const valuesOf = (type: number): string[] =>
    image.tlvs.filter((each) => each.type === type).map(({ value }) => toHex(value))
  if (valuesOf(TLV["sha 256"])[0] !== toHex(nodeCrypto.sha256(bytes.subarray(0, image.signed_size))))
    return refused("Its bytes are not what its own hash says: it was damaged on the way.")
  const signatures = [...valuesOf(TLV["ecdsa signature"]), ...valuesOf(TLV["ed25519 signature"])]
  const signers = valuesOf(TLV["key hash"])
  if (signatures.length === 0 || signers.length === 0) return refused("Nobody signed it.")
  if (claims.mlDsaKeyHash !== null && valuesOf(TLV["ml-dsa-44 signature"]).length === 0)
    return refused("It promises a second signature and has none.")
  return {
    ok: true,
    image: {
      sha256: toHex(nodeCrypto.sha256(bytes)),
      size: bytes.length,
      version: imageVersionText(image.version),
      model: claims.model,
      revisions: [claims.revision_min, claims.revision_max],
      from: imageVersionText(claims.version_min),
      security_counter: claims.counter,
      signers,
      second_signer: claims.mlDsaKeyHash === null ? null : toHex(claims.mlDsaKeyHash),
    },
  }
}

export class Images {
  readonly #directory: string
  readonly #files: NamedFiles
  /** What was read once: a file under its own hash never changes. */
  readonly #known = new Map<string, Image>()

  constructor(data: string, files: NamedFiles) {
    this.#directory = join(data, "images")
    this.#files = files
  }

  /** Every image that is whole, by its version. What somebody else put there and cannot be read is left out. */
  async list(): Promise<readonly Image[]> {
    const found: Image[] = []
    for (const name of this.#names()) {
      const image = this.#known.get(name) ?? (await this.#read(name))
      if (image === null) continue
      this.#known.set(name, image)
      found.push(image)
    }
    return found.sort((a, b) => a.version.localeCompare(b.version, "en", { numeric: true }))
  }

  #names(): readonly string[] {
    const names = existsSync(this.#directory) ? readdirSync(this.#directory) : []
    return names.filter((name) => /^[0-9a-f]{64}$/.test(name))
  }

  async #read(name: string): Promise<Image | null> {
    const bytes = await this.#files.read(name)
    const kept = bytes === null ? null : readImage(bytes)
    return kept?.ok === true ? kept.image : null
  }

  /** Keeps a file, durably and whole, if a lock could take it. In one go: two that come at once do not both find the last place. */
  keep(bytes: Uint8Array): Kept {
    const kept = readImage(bytes)
    if (!kept.ok) return kept
    const names = this.#names()
    const { sha256 } = kept.image
    if (!names.includes(sha256)) {
      const detail = `${names.length} images lie in DATA/images.`
      if (names.length >= IMAGES_MAX) return { ok: false, fault: "too-many-images", detail }
      mkdirSync(this.#directory, { recursive: true, mode: 0o700 })
      new NodeDisk(this.#directory).replace(sha256, bytes)
    }
    this.#known.set(sha256, kept.image)
    return kept
  }
}
