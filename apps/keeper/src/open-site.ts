/**
 * Opening the site of a data directory: every log verified, the authority folded, the journals' chains followed, the sealed
 * values found; or a refusal that says what differs.
 *
 * The order is that of trust: trees first, then what the entries say, then what belongs to them. A founding that was cut short
 * is finished here, since its first entry is known from the site's own file.
 */
import { decodeIssued, ENTRY_ISSUED, ENTRY_ROOT, type State } from "@holdfast/access"
import { assert, equalBytes, unixMillis, type DoorId } from "@holdfast/base"
import type { PublicKey } from "@holdfast/base/cose"
import { toHex } from "@holdfast/base/text"
import { encodeEntry, type Entry, verifierOf } from "@holdfast/ledger"
import type { Opening } from "@holdfast/lock"
import { Alarms } from "./alarms.ts"
import { Authority } from "./authority.ts"
import { Clock } from "./clock.ts"
import { Credentials } from "./credentials.ts"
import { noteRest, readRest, type SiteFile } from "./founding.ts"
import { EntryReader, foldAuthority, type Folded } from "./history.ts"
import { ENTRY_BATCH, Journals } from "./journals.ts"
import type { Keeping } from "./keeping.ts"
import type { KeeperKeys } from "./keys.ts"
import type { Log, LogPlace, LogPorts } from "./log/log.ts"
import { openLog, type Visit } from "./log/open-log.ts"
import { decodeLook } from "./look.ts"
import { ENTRY_LOOK, Looks, personOf } from "./looks.ts"
import { markedIn } from "./marks.ts"
import { Narrowings } from "./narrowings.ts"
import { POLICIES_DIRECTORY, Policies, policyPath } from "./policies.ts"
import { KeeperRefusal, type KeeperPorts, type LogClass } from "./ports.ts"
import { LABELS_PATH, SECRETS_PATH, Vault } from "./sealed/vault.ts"

export type OpenSite = {
  readonly file: SiteFile
  readonly keeping: Keeping
  readonly authority: Authority
  readonly policies: Policies
  readonly journals: Journals
  readonly alarms: Alarms
  readonly looks: Looks
  readonly narrowings: Narrowings
  readonly logs: Readonly<Record<LogClass, Log>>
  /** Doors that have no policy which was both noted and offered, or none that contains all statements about them. */
  readonly unissued: readonly DoorId[]
}

export async function openSite(ports: KeeperPorts, keys: KeeperKeys, file: SiteFile): Promise<OpenSite> {
  const authorityEntries: Entry[] = []
  const authorityReader = new EntryReader()
  const authorityLog = await openOrRefuse(ports, keys, file, "authority", (bytes) => {
    const entry = authorityReader.take(bytes)
    if (typeof entry === "string") return entry
    authorityEntries.push(entry)
    return null
  })
  if (authorityEntries.length === 0) authorityEntries.push(await appendRoot(authorityLog, file))
  const folded = foldOrRefuse(ports, file, authorityEntries)
  const marked: { readonly door: DoorId; readonly opening: Opening }[] = []
  const vault = vaultOrRefuse(ports, keys, (door, openings) => {
    for (const opening of markedIn(openings)) marked.push({ door, opening })
  })
  const eventsReader = new EntryReader()
  const looksReader = new EntryReader()
  const keeping: Keeping = { ports, keys, site: file.site, vault, clock: new Clock(ports) }
  const alarms = new Alarms(keeping)
  const journals = new Journals(keeping, alarms)
  const events = await openOrRefuse(ports, keys, file, "events", (bytes, index) =>
    replayBatch(journals, eventsReader, folded.pairings, bytes, index),
  )
  const looksLog = await openOrRefuse(ports, keys, file, "looks", (bytes) => {
    const entry = looksReader.take(bytes)
    if (typeof entry === "string") return entry
    if (entry.type !== ENTRY_LOOK) return `type ${entry.type} is not a look`
    recall(alarms, folded.state, entry)
    return null
  })
  for (const { door, opening } of marked) {
    const place = journals.placeOf(door, folded.pairings.get(door) ?? [], opening.sequence)
    if (place !== null) alarms.marked(door, place.key, place.admittedAt, [opening]) // Else the batch comes again.
  }
  for (const reader of [authorityReader, eventsReader, looksReader]) keeping.clock.raise(unixMillis(reader.last))
  const credentials = new Credentials(keeping)
  const authority = new Authority(keeping, credentials, authorityLog, folded)
  checkValues(ports, vault, folded)
  const noted = checkPolicyBytes(ports, authorityEntries)
  noteRest(ports, null) // Only now: whoever is refused leaves the directory as it was.
  removeUnnoted(ports, noted)
  const policies = new Policies(keeping, authority, credentials)
  const unissued = [...new Set([...policies.load(), ...folded.outdated])]
  const looks = new Looks(keeping, looksLog, alarms)
  const logs = { authority: authorityLog, events, looks: looksLog }
  const narrowings = new Narrowings(keeping)
  return { file, keeping, authority, policies, journals, alarms, looks, narrowings, logs, unissued }
}

async function openOrRefuse(
  ports: KeeperPorts,
  keys: KeeperKeys,
  file: SiteFile,
  logClass: LogClass,
  visit: Visit,
): Promise<Log> {
  const { disk, crypto, later } = ports
  const rests = later === undefined ? {} : { later }
  const logPorts: LogPorts = { disk, crypto, sign: (bytes) => keys.log.sign(bytes), ...rests }
  const origin = `${file.site}/${logClass}/${file.period}`
  const place: LogPlace = {
    directory: `ledger/${logClass}/${file.period}`,
    writeAhead: `keeper/write-ahead-${logClass}`,
    verifier: verifierOf(origin, keys.log.publicKey, crypto),
  }
  const opened = await openLog(logPorts, place, visit)
  if (!opened.ok) throw new KeeperRefusal(opened.fault)
  return opened.log
}

async function appendRoot(log: Log, file: SiteFile): Promise<Entry> {
  const entry: Entry = { type: ENTRY_ROOT, admittedAt: file.foundedAt, bytes: file.rootBytes }
  await log.append(encodeEntry(entry)).durable
  return entry
}

function foldOrRefuse(ports: KeeperPorts, file: SiteFile, entries: readonly Entry[]): Folded {
  const directory = `ledger/authority/${file.period}`
  const [first] = entries
  assert(first !== undefined, "a founded log has its root")
  if (!equalBytes(first.bytes, file.rootBytes))
    throw new KeeperRefusal(`${directory}/entry 0: is not the root metadata of this keeper's site`)
  if (first.admittedAt !== file.foundedAt) throw new KeeperRefusal(`${directory}/entry 0: has another time of founding`)
  const answer = foldAuthority(entries, ports.crypto)
  if (!answer.ok) throw new KeeperRefusal(`${directory}/entry ${answer.index}: ${answer.fault}`)
  return answer.folded
}

/** What was acknowledged in a look of the past. */
function recall(alarms: Alarms, state: State, { bytes, admittedAt }: Entry): void {
  const look = decodeLook(state.site, bytes)
  const person = look === null ? null : personOf(state, look)
  if (look?.at.what === "alarms" && person !== null) alarms.acknowledge(person, admittedAt, look.at.question)
}

function vaultOrRefuse(
  ports: KeeperPorts,
  keys: KeeperKeys,
  visit: (door: DoorId, openings: Uint8Array) => void,
): Vault {
  const { disk, crypto } = ports
  const vaultPorts = { disk, crypto, random: (size: number) => ports.random(size), key: keys.storage }
  const opened = Vault.open(vaultPorts, readRest(ports), visit)
  if (!opened.ok) throw new KeeperRefusal(opened.fault)
  return opened.vault
}

function replayBatch(
  journals: Journals,
  reader: EntryReader,
  pairings: ReadonlyMap<DoorId, readonly PublicKey[]>,
  bytes: Uint8Array,
  index: number,
): string | null {
  const entry = reader.take(bytes)
  if (typeof entry === "string") return entry
  if (entry.type !== ENTRY_BATCH) return `type ${entry.type} is not a batch`
  return journals.replay(entry.bytes, index, entry.admittedAt, (door) => pairings.get(door) ?? [])
}

/** What belongs to the state but is not in the log must be there: names, secrets, and the bytes of policies in force. */
function checkValues(ports: KeeperPorts, vault: Vault, { state }: Folded): void {
  for (const [kind, objects] of [
    ["person", state.people],
    ["door", state.doors],
  ] as const)
    for (const id of objects.keys())
      if (!vault.hasLabel(id)) throw new KeeperRefusal(`${LABELS_PATH}: the name of ${kind} ${id} is missing`)
  for (const [id, { what }] of state.credentials) {
    if (what === "phone" || vault.secret(id) !== null) continue // A phone keeps its own.
    throw new KeeperRefusal(`${SECRETS_PATH}: the secret of credential ${id} is missing`)
  }
  for (const [door, { policyHash }] of state.issued) {
    if (!state.doors.has(door)) continue
    if (ports.disk.size(policyPath(policyHash)) === null) throw new KeeperRefusal(`${policyPath(policyHash)}: missing`)
  }
}

/**
 * Every policy that was ever noted, and every index of secrets that comes in chunks, is what its note says where it still lies
 * there. Answers the paths that have a note.
 */
function checkPolicyBytes({ disk, crypto }: KeeperPorts, entries: readonly Entry[]): ReadonlySet<string> {
  const noted = new Set<string>()
  for (const { type, bytes } of entries) {
    const issued = type === ENTRY_ISSUED ? decodeIssued(bytes) : null
    if (issued === null) continue
    for (const hash of [issued.policyHash, issued.secretsHash]) {
      const path = policyPath(hash)
      const file = noted.has(path) ? null : disk.read(path)
      if (file !== null && !equalBytes(crypto.sha256(file), hash))
        throw new KeeperRefusal(`${path}: differs from its hash ${toHex(hash).slice(0, 8)}`)
      noted.add(path)
    }
  }
  return noted
}

/** A policy that the power kept from its note was never made, and its file may be torn. */
function removeUnnoted({ disk }: KeeperPorts, noted: ReadonlySet<string>): void {
  for (const name of disk.list(POLICIES_DIRECTORY)) {
    const path = `${POLICIES_DIRECTORY}/${name}`
    if (!noted.has(path)) disk.remove(path)
  }
}
