/**
 * Private keys in the browser: made non-extractable by WebCrypto and kept in IndexedDB, which stores the key object
 * itself and never its bytes. A script that runs in the page can use a key while it runs; it cannot carry it away.
 *
 * Beside each key stands what the page knows about it (`about`), as plain data. Nothing secret belongs there.
 */
import { assert, concat } from "@holdfast/base"
import { type PublicKey, publicKey, toLowS } from "@holdfast/base/cose"
import { fromBase64Url } from "@holdfast/base/text"

/** A P-256 key that signs with ES256. */
export type SigningKey = { readonly publicKey: PublicKey; sign(bytes: Uint8Array): Promise<Uint8Array> }
/** A P-256 key to which others seal; `publicKey` is the uncompressed point, 65 bytes. */
export type SealingKey = { readonly publicKey: Uint8Array; readonly privateKey: CryptoKey }

/** What can be kept beside a key: strings, so that a newer page can always read what an older one wrote. */
export type About = { readonly [name: string]: string }

type Kept = {
  readonly name: string
  readonly use: "sign" | "seal" | "mac"
  readonly privateKey: CryptoKey
  readonly publicKey: Uint8Array
  readonly about: About
}

/** The browser keeps no keys for this page: private windows and blocked storage answer so. */
export class KeyStoreError extends Error {
  override readonly name = "KeyStoreError"
}

const DATABASE = "holdfast"
const STORE = "keys"
const ECDSA = { name: "ECDSA", namedCurve: "P-256" }
const ECDH = { name: "ECDH", namedCurve: "P-256" }

/** The same bytes over a buffer of their own, which is what WebCrypto's types ask for. */
export function ownBytes(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes)
}

function requested<Value>(request: IDBRequest<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () =>
      reject(new KeyStoreError(request.error?.message ?? "the browser's key store did not answer"))
  })
}

async function withStore<Value>(
  mode: IDBTransactionMode,
  act: (store: IDBObjectStore) => IDBRequest<Value>,
): Promise<Value> {
  const opening = indexedDB.open(DATABASE, 1)
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE, { keyPath: "name" })
  const database = await requested(opening)
  try {
    return await requested(act(database.transaction(STORE, mode).objectStore(STORE)))
  } finally {
    database.close()
  }
}

/** x || y of a public key that WebCrypto holds. */
async function pointOf(key: CryptoKey): Promise<PublicKey> {
  const jwk = await crypto.subtle.exportKey("jwk", key)
  const x = fromBase64Url(jwk.x ?? "")
  const y = fromBase64Url(jwk.y ?? "")
  assert(x !== null && y !== null, "a P-256 public key has two coordinates")
  return publicKey(concat(x, y))
}

function signingKey(privateKey: CryptoKey, point: PublicKey): SigningKey {
  return {
    publicKey: point,
    async sign(bytes) {
      const signature = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, privateKey, ownBytes(bytes))
      return toLowS(new Uint8Array(signature))
    },
  }
}

/** Makes a key that signs and keeps it under `name`, replacing one that was there. */
export async function newSigningKey(name: string, about: About = {}): Promise<SigningKey> {
  const pair = await crypto.subtle.generateKey(ECDSA, false, ["sign", "verify"])
  const point = await pointOf(pair.publicKey)
  const kept: Kept = { name, use: "sign", privateKey: pair.privateKey, publicKey: point, about }
  await withStore("readwrite", (store) => store.put(kept))
  return signingKey(pair.privateKey, point)
}

/** Makes a key to which others seal. It is not kept: what was sealed to it is opened in this page or not at all. */
export async function newSealingKey(): Promise<SealingKey> {
  const pair = await crypto.subtle.generateKey(ECDH, false, ["deriveBits"])
  return { publicKey: concat(Uint8Array.of(4), await pointOf(pair.publicKey)), privateKey: pair.privateKey }
}

/** The same, kept under `name`, replacing one that was there: what is sealed to it is opened in this browser or not at all. */
export async function keepSealingKey(name: string): Promise<SealingKey> {
  const made = await newSealingKey()
  const kept: Kept = { name, use: "seal", ...made, about: {} }
  await withStore("readwrite", (store) => store.put(kept))
  return made
}

export async function findSealingKey(name: string): Promise<SealingKey | null> {
  const kept = await withStore("readonly", (store) => store.get(name) as IDBRequest<Kept | undefined>)
  return kept?.use === "seal" ? { publicKey: kept.publicKey, privateKey: kept.privateKey } : null
}

export async function findSigningKey(name: string): Promise<{ key: SigningKey; about: About } | null> {
  const kept = await withStore("readonly", (store) => store.get(name) as IDBRequest<Kept | undefined>)
  if (kept === undefined || kept.use !== "sign") return null
  return { key: signingKey(kept.privateKey, publicKey(kept.publicKey)), about: kept.about }
}

/** Answers HMAC-SHA-256 under a key that cannot be carried away. */
export type MacKey = (bytes: Uint8Array) => Promise<Uint8Array>

/** Keeps a secret that came from elsewhere: from now on it answers, and nobody reads it. `secret` is the caller's to forget. */
export async function keepMacKey(name: string, secret: Uint8Array, about: About = {}): Promise<void> {
  const algorithm = { name: "HMAC", hash: "SHA-256" }
  const privateKey = await crypto.subtle.importKey("raw", ownBytes(secret), algorithm, false, ["sign"])
  const kept: Kept = { name, use: "mac", privateKey, publicKey: new Uint8Array(0), about }
  await withStore("readwrite", (store) => store.put(kept))
}

export async function findMacKey(name: string): Promise<MacKey | null> {
  const kept = await withStore("readonly", (store) => store.get(name) as IDBRequest<Kept | undefined>)
  if (kept === undefined || kept.use !== "mac") return null
  const { privateKey } = kept
  return async (bytes) => new Uint8Array(await crypto.subtle.sign("HMAC", privateKey, ownBytes(bytes)))
}

/** Replaces what stands beside a key; false when there is no such key. */
export async function describeKey(name: string, about: About): Promise<boolean> {
  const kept = await withStore("readonly", (store) => store.get(name) as IDBRequest<Kept | undefined>)
  if (kept === undefined) return false
  await withStore("readwrite", (store) => store.put({ ...kept, about }))
  return true
}

export async function forgetKey(name: string): Promise<void> {
  await withStore("readwrite", (store) => store.delete(name))
}
