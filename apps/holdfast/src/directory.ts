/**
 * The data directory: is it ours, is it new, is it from a later version, and what stands in its first page.
 *
 * `holdfast.json` is that first page. It is written twice: "founding" before anything else, "founded" when the site stands,
 * so a founding that was cut short is begun again and nothing half-made is ever run. It never holds a secret.
 */
import { mkdir, readdir, readFile, rename, rm, statfs } from "node:fs/promises"
import { join } from "node:path"
import { utf8 } from "@holdfast/base/text"
import { NodeDisk } from "@holdfast/port-node"

export const FORMAT = 1
const PAGE = "holdfast.json"
const UNFINISHED_PAGE = `${PAGE}.unfinished`
const FREE_BYTES_MIN = 200 * 1024 * 1024

export type Page = {
  readonly format: number
  readonly state: "founding" | "founded"
  readonly example: string
  /** The console's port: it is part of the origin that the root metadata names, so it stays. */
  readonly port: number
  readonly apiPort: number
  readonly mqttPort: number
  /** Where boards that stand alone ask to be paired; a page of an earlier version has none. */
  readonly boardsPort?: number
  readonly listen: string
  /** The signed root metadata, base64; null until the site is founded. */
  readonly root: string | null
}

/** A data directory that cannot be used; the message is the one line a person reads. */
export class DirectoryError extends Error {
  override readonly name = "DirectoryError"
}

function isPage(value: unknown): value is Page {
  if (typeof value !== "object" || value === null) return false
  const page: Partial<Record<keyof Page, unknown>> = value
  const ports = [page.port, page.apiPort, page.mqttPort]
  const words = [page.example, page.listen]
  return (
    page.format === FORMAT &&
    (page.state === "founding" || page.state === "founded") &&
    (page.root === null || typeof page.root === "string") &&
    (page.state === "founding" || page.root !== null) &&
    ports.every((port) => typeof port === "number") &&
    words.every((word) => typeof word === "string")
  )
}

function formatOf(value: unknown): number | null {
  if (typeof value !== "object" || value === null || !("format" in value)) return null
  return typeof value.format === "number" ? value.format : null
}

/** What this user may still write on the disk under `directory`, in bytes. */
async function freeBytesUnder(directory: string): Promise<number> {
  const disk = await statfs(directory)
  return disk.bavail * disk.bsize
}

/** Makes the directory if it is missing, and checks that the disk has room to begin. */
export async function openDirectory(directory: string, freeBytes = freeBytesUnder): Promise<void> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 })
    if ((await freeBytes(directory)) < FREE_BYTES_MIN)
      throw new DirectoryError(`The disk under ${directory} is full: at least 200 MB must be free.`)
  } catch (error) {
    if (error instanceof DirectoryError) throw error
    throw new DirectoryError(`Cannot use ${directory} as data directory: ${(error as Error).message}`)
  }
}

function notOurs(directory: string): DirectoryError {
  return new DirectoryError(`${directory} is not a Holdfast data directory and not empty: choose another with --data.`)
}

/** The first page, null for a directory that is empty. Anything else that is not ours is a {@link DirectoryError}. */
export async function readPage(directory: string): Promise<Page | null> {
  // A power cut during the very first write leaves an unfinished page, and nothing else.
  const names = (await readdir(directory)).filter((name) => name !== UNFINISHED_PAGE)
  if (names.length === 0) return null
  if (!names.includes(PAGE)) throw notOurs(directory)
  let value: unknown
  try {
    value = JSON.parse(await readFile(join(directory, PAGE), "utf8"))
  } catch {
    value = null
  }
  const format = formatOf(value)
  if (format !== null && format > FORMAT)
    throw new DirectoryError(
      `${directory} was made by a newer Holdfast (format ${format}): update this one to open it.`,
    )
  if (!isPage(value)) throw new DirectoryError(`${join(directory, PAGE)} cannot be read: restore it from a backup.`)
  return value
}

export function writePage(directory: string, page: Page): void {
  new NodeDisk(directory).replace(PAGE, utf8(`${JSON.stringify(page, null, 2)}\n`))
}

/** Empties a directory whose founding was cut short: it never held anything that somebody relied on. */
export async function clearUnfinished(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (name !== PAGE) await rm(join(directory, name), { recursive: true, force: true })
  }
}

/** Puts a building aside under a name that says when. Nothing is deleted, and only a building of ours is moved. */
export async function putAside(directory: string, now: Date): Promise<string> {
  if (!(await readdir(directory)).includes(PAGE)) throw notOurs(directory)
  const aside = `${directory.replace(/\/+$/, "")}.${now.toISOString().replace(/[:.]/g, "-")}`
  await rename(directory, aside)
  return aside
}
