/**
 * Where a lock's messages travel: MQTT topics and the names on certificates.
 *
 *   hf/<site>/<door>/up/<word>     from the lock: hello, batch, beat, want, nonce
 *   hf/<site>/<door>/down          to the lock
 *
 * The door in a topic must be the door in the certificate, so a broker's rights follow from {@link rightsOf} alone. Nothing
 * here is ever retained.
 */
import { type DoorId, parseId, type SiteId } from "@holdfast/base"

export const UP_WORDS = ["hello", "batch", "beat", "want", "nonce"] as const
export type UpWord = (typeof UP_WORDS)[number]

export type Topic =
  | { readonly way: "up"; readonly site: SiteId; readonly door: DoorId; readonly word: UpWord }
  | { readonly way: "down"; readonly site: SiteId; readonly door: DoorId }

const PREFIX = "hf"
const TOPIC_LENGTH_MAX = 128

/** Where an envelope of this kind travels: its word is the first of the kind's, so whatever is wanted travels as a want. */
export function upTopic(site: SiteId, door: DoorId, kind: UpWord | `${UpWord} ${string}`): string {
  const [word] = kind.split(" ")
  return `${PREFIX}/${site}/${door}/up/${word}`
}

export function downTopic(site: SiteId, door: DoorId): string {
  return `${PREFIX}/${site}/${door}/down`
}

/** The filter under which the courier hears every lock of a site. */
export function upFilter(site: SiteId): string {
  return `${PREFIX}/${site}/+/up/+`
}

/** The topic that a text names, or null. Wildcards are not topics. */
export function parseTopic(text: string): Topic | null {
  if (text.length > TOPIC_LENGTH_MAX) return null
  const [prefix, siteText = "", doorText = "", way, word, ...rest] = text.split("/")
  const site = parseId<"SiteId">(siteText)
  const door = parseId<"DoorId">(doorText)
  if (prefix !== PREFIX || site === null || door === null || rest.length > 0) return null
  if (way === "down" && word === undefined) return { way, site, door }
  const known = UP_WORDS.find((each) => each === word)
  return way === "up" && known !== undefined ? { way, site, door, word: known } : null
}

const LOCK_NAME = "lock:"

/** A lock's name: the CN of its certificate, and its MQTT client id. */
export function lockName(door: DoorId): string {
  return LOCK_NAME + door
}

/** The door whose lock bears this name, or null. */
export function parseLockName(name: string): DoorId | null {
  return name.startsWith(LOCK_NAME) ? parseId<"DoorId">(name.slice(LOCK_NAME.length)) : null
}

export type Rights = { readonly publish: boolean; readonly subscribe: boolean }
const NONE: Rights = { publish: false, subscribe: false }

/** What the lock of `door` may do with a topic: publish its own up words, subscribe its own down, exactly spelled. */
export function rightsOf(site: SiteId, door: DoorId, text: string): Rights {
  const topic = parseTopic(text)
  if (topic === null || topic.site !== site || topic.door !== door) return NONE
  return { publish: topic.way === "up", subscribe: topic.way === "down" }
}
