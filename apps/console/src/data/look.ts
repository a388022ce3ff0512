/**
 * Looks: asking the keeper for a name or for the details behind a record. The keeper writes the look down first and seals
 * its answer to a key of this page.
 *
 *   look = COSE_Sign1 {0: [chain], 1: nonce, 2: time s, 3: recipient, 4: [1, [ids]] or [2, [[door, first, last]]],
 *                          or [3, sealed question]}
 *
 * What comes back is not believed: whoever shows a name checks that it opens the commitment in the authority log.
 */
import { statementIdBytes } from "@holdfast/access/door"
import { type Acknowledged, type AlarmSheet, decodeSheet, encodeQuestion } from "@holdfast/access/sheet"
import { type DoorId, type Id, idBytes } from "@holdfast/base"
import { type Cbor, decodeCbor, encodeCbor, readBytes, readText, readUint } from "@holdfast/base/cbor"
import { ALG_ES256, bytesToSign, encodeSigned, kidOf } from "@holdfast/base/cose"
import { fromBase64, toBase64, toHex } from "@holdfast/base/text"
import type { Client } from "@holdfast/contract"
import {
  hpkeInfo,
  newSealingKey,
  openSealed,
  randomBytes,
  type SealingKey,
  sealTo,
  webCrypto,
} from "@holdfast/port-web"
import type { Session } from "./session.ts"
import type { Site } from "./site.ts"

export type LabelFound = { readonly id: string; readonly salt: Uint8Array; readonly text: string }
export type OpeningFound = {
  readonly door: string
  readonly sequence: number
  readonly salt: Uint8Array
  readonly detail: Uint8Array
}
export type RecordRange = { readonly door: DoorId; readonly first: number; readonly last: number }

const LABELS = 1
const OPENINGS = 2
const ALARMS = 3

async function look(site: Site, client: Client, session: Session, what: Cbor): Promise<readonly Cbor[] | null> {
  const plain = await lookFor(site, client, session, what, await newSealingKey())
  const decoded = plain === null ? null : decodeCbor(plain)
  return decoded?.ok === true && Array.isArray(decoded.value) ? decoded.value : null
}

/** What the keeper answers to a look, out of its envelope. */
async function lookFor(
  site: Site,
  client: Client,
  session: Session,
  what: Cbor,
  recipient: SealingKey,
): Promise<Uint8Array | null> {
  const payload = encodeCbor(
    new Map<number, Cbor>([
      [0, session.signer.chain.map(statementIdBytes)],
      [1, randomBytes(16)],
      [2, Math.floor(Date.now() / 1000)],
      [3, recipient.publicKey],
      [4, what],
    ]),
  )
  const { key } = session.signer
  const header = { alg: ALG_ES256, kid: kidOf(key.publicKey, webCrypto), type: "look" as const }
  const signature = await key.sign(bytesToSign(header, site.id, payload))
  const body = { look: toBase64(encodeSigned(header, payload, signature)) }
  const answered = await client.ask("look", { body }, { token: session.token })
  const sealed = answered.ok ? fromBase64(answered.answer.sealed) : null
  return sealed === null ? null : openSealed(recipient, hpkeInfo("look", site.id), sealed)
}

function readLabel(row: Cbor): LabelFound | null {
  const [first, second, third] = Array.isArray(row) ? (row as readonly Cbor[]) : []
  const id = readBytes(first, 16)
  const salt = readBytes(second, 16)
  const text = readText(third, 1000)
  return id === null || salt === null || text === null ? null : { id: toHex(id), salt, text }
}

function readOpening(row: Cbor): OpeningFound | null {
  const [first, second, third, fourth] = Array.isArray(row) ? (row as readonly Cbor[]) : []
  const door = readBytes(first, 16)
  const sequence = readUint(second)
  const salt = readBytes(third, 16)
  const detail = readBytes(fourth, 0, 4096)
  if (door === null || sequence === null || salt === null || detail === null) return null
  return { door: toHex(door), sequence, salt, detail }
}

/** The labels of people and doors, or null when the keeper did not answer. */
export async function lookAtLabels(
  site: Site,
  client: Client,
  session: Session,
  ids: readonly Id<string>[],
): Promise<LabelFound[] | null> {
  const rows = await look(site, client, session, [LABELS, ids.map(idBytes)])
  return rows === null ? null : rows.map(readLabel).filter((row) => row !== null)
}

/** The openings of records, or null when the keeper did not answer. */
export async function lookAtRecords(
  site: Site,
  client: Client,
  session: Session,
  ranges: readonly RecordRange[],
): Promise<OpeningFound[] | null> {
  const what = ranges.map(({ door, first, last }) => [idBytes(door), first, last])
  const rows = await look(site, client, session, [OPENINGS, what])
  return rows === null ? null : rows.map(readOpening).filter((row) => row !== null)
}

/**
 * All silent alarms that this receiver may read, after acknowledging some; null when the keeper did not answer. What is asked
 * and answered has one size, so whoever carries it does not see which it is.
 */
export async function lookAtAlarms(
  site: Site,
  client: Client,
  session: Session,
  key: SealingKey,
  acknowledged: readonly Acknowledged[],
): Promise<AlarmSheet | null> {
  const question = await sealTo(site.root.keeperHpke, hpkeInfo("question", site.id), encodeQuestion(acknowledged))
  const plain = question === null ? null : await lookFor(site, client, session, [ALARMS, question], key)
  return plain === null ? null : decodeSheet(plain)
}
