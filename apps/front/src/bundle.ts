/**
 * The console's files, read once at start and answered from memory.
 *
 * Only names that were in the folder at start can be asked for, so no path from outside ever reaches the file system.
 * It is not a general file server: whatever has no file gets the app's page, since the app has its own routes.
 */
import { readdir, readFile } from "node:fs/promises"
import { extname, join, relative, sep } from "node:path"
import { gzipSync } from "node:zlib"

export type BundleFile = {
  readonly type: string
  readonly bytes: Buffer
  readonly zipped: Buffer | null
  /** Whether the name carries the content's hash, so that a browser may keep it for ever. */
  readonly hashed: boolean
}

export class BundleMissingError extends Error {
  override readonly name = "BundleMissingError"
}

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
  ".webmanifest": "application/manifest+json",
}
const ZIPPED = new Set([".html", ".js", ".css", ".json", ".svg", ".webmanifest"])

export type Bundle = { readonly page: BundleFile; file(path: string): BundleFile | null }

/** Reads every file of a known type below `directory`; a folder without `index.html` is a {@link BundleMissingError}. */
export async function readBundle(directory: string): Promise<Bundle> {
  const files = new Map<string, BundleFile>()
  const names = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => [])
  for (const name of names) {
    const kind = extname(name.name)
    const type = TYPES[kind]
    if (!name.isFile() || type === undefined) continue
    const path = join(name.parentPath, name.name)
    const bytes = await readFile(path)
    const zipped = ZIPPED.has(kind) ? gzipSync(bytes, { level: 9 }) : null
    const url = `/${relative(directory, path).split(sep).join("/")}`
    files.set(url, { type, bytes, zipped, hashed: url.startsWith("/assets/") })
  }
  const page = files.get("/index.html")
  if (page === undefined) throw new BundleMissingError(`the console is not built: ${directory} has no index.html`)
  return { page, file: (path) => files.get(path) ?? null }
}
