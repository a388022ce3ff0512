/**
 * Opening a log: everything is read and verified, what a power cut tore is made again, and what differs otherwise refuses.
 *
 * The rule that tells a torn file from a changed one: files up to the base of the write-ahead file were durable, so they must
 * be right to the last byte. What came after the base is in the write-ahead file, and files of that part are written anew
 * without being looked at. A signed checkpoint that states more than is there is never repaired: history is missing.
 */
import { assert, equalBytes } from "@holdfast/base"
import { utf8 } from "@holdfast/base/text"
import {
  type Checkpoint,
  decodeBundle,
  describeDifference,
  formatVkey,
  LogVerifier,
  LogWriter,
  openCheckpoint,
  pathOf,
  type TreeHead,
} from "@holdfast/ledger"
import { type EdgeFile, Log, type LogPlace, type LogPorts, type SignedHead, signedHead } from "./log.ts"
import { type Found, type Group, readWriteAhead, WriteAhead } from "./write-ahead.ts"

const TILE_WIDTH = 256

/** Hears every entry of the log, in order; a text says what is wrong with it and ends the opening. */
export type Visit = (entry: Uint8Array, index: number) => string | null

export type LogOpened = { readonly ok: true; readonly log: Log } | { readonly ok: false; readonly fault: string }

/** Leaves the opening at the first thing that is wrong; never seen outside this file. */
class Refusal extends Error {
  override readonly name = "Refusal"
}

/** Makes an empty log, with a first checkpoint of size 0. */
export function createLog(ports: LogPorts, place: LogPlace): Log {
  const { disk, crypto } = ports
  const writer = new LogWriter(crypto)
  const head = signedHead(ports, place.verifier, writer.grow())
  disk.replace(`${place.directory}/log.vkey`, utf8(`${formatVkey(place.verifier)}\n`))
  disk.replace(`${place.directory}/checkpoint`, head.note)
  const writeAhead = WriteAhead.begin(disk, place.writeAhead, crypto, 0, head.note)
  return new Log(ports, place, { writer, writeAhead, head, edge: [] })
}

/** Opens a log that {@link createLog} made, or makes it where its making was cut short. */
export async function openLog(ports: LogPorts, place: LogPlace, visit: Visit): Promise<LogOpened> {
  try {
    return { ok: true, log: await new Opening(ports, place, visit).open() }
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, fault: `${place.directory}/${error.message}` }
    throw error
  }
}

class Opening {
  readonly #ports: LogPorts
  readonly #place: LogPlace
  readonly #visit: Visit
  /** Index of the entry that is seen next. */
  #index = 0
  /** Files that the replay made, by path. */
  readonly #grown = new Map<string, EdgeFile>()

  constructor(ports: LogPorts, place: LogPlace, visit: Visit) {
    this.#ports = ports
    this.#place = place
    this.#visit = visit
  }

  async open(): Promise<Log> {
    const { disk, crypto } = this.#ports
    const found = readWriteAhead(disk, this.#place.writeAhead, crypto)
    const published = disk.read(`${this.#place.directory}/checkpoint`)
    if (found === null) return this.#createAgain(published)
    if (found === "damaged") throw new Refusal(`checkpoint: its write-ahead file ${this.#place.writeAhead} is damaged`)
    this.#checkKey()
    const base = this.#openNote(found.base.note, this.#place.writeAhead)
    if (base.size !== found.base.first) throw new Refusal(`checkpoint: ${this.#place.writeAhead} has another size`)
    this.#verifyFiles(base)
    const edge = new Map<string, EdgeFile>()
    const writer = this.#resume(base, edge)
    const first: SignedHead = { size: base.size, root: base.root, note: found.base.note }
    const heads = [first, ...found.groups.map((group) => this.#replay(writer, group))]
    this.#checkPublished(published, heads, found)
    return this.#atRest(writer, heads, found, [...edge.values()])
  }

  /** The write-ahead file is the last thing that a making writes, so without it the log must be the empty one. */
  #createAgain(published: Uint8Array | null): Log {
    if (published === null) return createLog(this.#ports, this.#place)
    const head = this.#openNote(published, `${this.#place.directory}/checkpoint`)
    if (head.size > 0) throw new Refusal(`checkpoint: its write-ahead file ${this.#place.writeAhead} is missing`)
    return createLog(this.#ports, this.#place)
  }

  #checkKey(): void {
    const expected = utf8(`${formatVkey(this.#place.verifier)}\n`)
    const found = this.#ports.disk.read(`${this.#place.directory}/log.vkey`)
    if (found === null) throw new Refusal("log.vkey: missing")
    if (!equalBytes(found, expected)) throw new Refusal("log.vkey: differs from the keeper's own log key")
  }

  #openNote(note: Uint8Array, where: string): Checkpoint {
    const opened = openCheckpoint(note, this.#place.verifier.name, this.#place.verifier, this.#ports.crypto)
    if (!opened.ok) throw new Refusal(`checkpoint: ${where}: ${opened.fault}`)
    return opened.checkpoint
  }

  #verifyFiles(base: TreeHead): void {
    const { disk, crypto } = this.#ports
    const verifier = new LogVerifier(crypto, base)
    let complaint: string | null = null
    for (let file = verifier.wanted; file !== null; file = verifier.wanted) {
      const bytes = disk.read(`${this.#place.directory}/${pathOf(file)}`)
      verifier.take(bytes)
      const decoded = file.kind === "bundle" && bytes !== null ? decodeBundle(bytes, file.width) : null
      if (decoded?.ok) for (const entry of decoded.entries) complaint ??= this.#see(entry)
    }
    const difference = verifier.finish()
    if (difference !== null) throw new Refusal(describeDifference(difference))
    if (complaint !== null) throw new Refusal(complaint)
  }

  #see(entry: Uint8Array): string | null {
    const index = this.#index++
    const fault = this.#visit(entry, index)
    return fault === null ? null : `entry ${index}: ${fault}`
  }

  #resume(base: TreeHead, edge: Map<string, EdgeFile>): LogWriter {
    const { disk, crypto } = this.#ports
    const resumed = LogWriter.resume(crypto, base, (file) => {
      const bytes = disk.read(`${this.#place.directory}/${pathOf(file)}`)
      if (bytes !== null) edge.set(pathOf(file), { file, bytes })
      return bytes
    })
    assert(resumed.ok, "a log that verified resumes")
    return resumed.writer
  }

  /** The head that a group in the write-ahead file makes, which must be the one that was signed with it. */
  #replay(writer: LogWriter, group: Group): SignedHead {
    const where = `checkpoint: ${this.#place.writeAhead}, group from entry ${group.first}`
    if (group.first !== writer.size) throw new Refusal(`${where}: not where the log ends`)
    for (const entry of group.entries) {
      const complaint = this.#see(entry)
      if (complaint !== null) throw new Refusal(complaint)
      writer.append(entry)
    }
    const stated = this.#openNote(group.note, where)
    const root = rootOf(writer, this.#grown)
    if (stated.size !== writer.size || !equalBytes(stated.root, root))
      throw new Refusal(`${where}: its entries do not make the root that was signed`)
    return { size: stated.size, root, note: group.note }
  }

  /** What readers were shown is one of the trees that we know; a torn file is forgiven only when there was work to repair. */
  #checkPublished(published: Uint8Array | null, heads: readonly SignedHead[], found: Found): void {
    if (published !== null && heads.some(({ note }) => equalBytes(note, published))) return
    const { verifier } = this.#place
    const last = heads.at(-1)
    assert(last !== undefined, "there is the base at least")
    const opened = openCheckpoint(published ?? new Uint8Array(0), verifier.name, verifier, this.#ports.crypto)
    if (opened.ok && opened.checkpoint.size > last.size)
      throw new Refusal(`checkpoint: states ${opened.checkpoint.size} entries, but only ${last.size} are there`)
    if (opened.ok) throw new Refusal("checkpoint: differs from every tree that this log had")
    if (found.groups.length > 0 || found.torn) return
    const fault = published === null ? "missing" : opened.fault
    throw new Refusal(`checkpoint: ${fault}`)
  }

  /** Writes what the replay made, makes it durable, and begins the write-ahead file anew. */
  async #atRest(
    writer: LogWriter,
    heads: readonly SignedHead[],
    found: Found,
    baseEdge: readonly EdgeFile[],
  ): Promise<Log> {
    const { disk, crypto } = this.#ports
    const { directory, writeAhead: path } = this.#place
    const head = heads.at(-1)
    assert(head !== undefined, "there is the base at least")
    if (found.groups.length === 0 && !found.torn) {
      const writeAhead = WriteAhead.goOn(disk, path, crypto, found)
      return new Log(this.#ports, this.#place, { writer, writeAhead, head, edge: baseEdge })
    }
    const edge = edgeAfter(baseEdge, [...this.#grown.values()], head.size)
    const present = new Set(edge.map(({ file }) => pathOf(file)))
    const full = [...this.#grown.values()].filter(({ file }) => file.width === TILE_WIDTH)
    // Files of the base are durable, and a start after another power cut asks for them: they are not written again.
    const fresh = [...full, ...edge.filter((each) => !baseEdge.includes(each))]
    for (const { file, bytes } of fresh) disk.write(`${directory}/${pathOf(file)}`, bytes)
    disk.write(`${directory}/checkpoint`, head.note)
    const names = fresh.map(({ file }) => pathOf(file))
    await disk.sync([...names, "checkpoint"].map((name) => `${directory}/${name}`))
    const writeAhead = WriteAhead.begin(disk, path, crypto, head.size, head.note)
    for (const file of [...full, ...edge, ...baseEdge]) this.#removePartials(file, present)
    return new Log(this.#ports, this.#place, { writer, writeAhead, head, edge })
  }

  /** Partial files of trees in between may be torn, and nobody needs them. */
  #removePartials({ file }: EdgeFile, present: ReadonlySet<string>): void {
    const partials = `${pathOf({ ...file, width: TILE_WIDTH })}.p`
    for (const name of this.#ports.disk.list(`${this.#place.directory}/${partials}`))
      if (!present.has(`${partials}/${name}`)) this.#ports.disk.remove(`${this.#place.directory}/${partials}/${name}`)
  }
}

/** Grows the writer by what was appended, keeps the files that this makes, and answers the root. */
function rootOf(writer: LogWriter, grown: Map<string, EdgeFile>): Uint8Array {
  const { files, root } = writer.grow()
  for (const each of files) grown.set(pathOf(each.file), each)
  return root
}

/** The partial files of the tree of `size`: from the replay where it made a newer one, from the base otherwise. */
function edgeAfter(base: readonly EdgeFile[], grown: readonly EdgeFile[], size: number): EdgeFile[] {
  return [...base, ...grown].filter(({ file }) => {
    const level = file.kind === "tile" ? file.level : 0
    const row = Math.floor(size / TILE_WIDTH ** level)
    return file.width < TILE_WIDTH && file.width === row - file.index * TILE_WIDTH
  })
}
