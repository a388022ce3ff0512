/**
 * Makes package-lock.json whole again after `npm install`: `npm run lock`.
 *
 * Some registries hold a tool's binaries only for the common platforms. npm then leaves the others out of the lock, and
 * `npm ci` refuses such a lock on every machine. Each version is pinned exactly by the package that wants it, so the
 * entry can be written from that pin: version and platform, without the hash that this registry cannot tell. No entry
 * of a package that is installed for `npm start` may be written so, only of development tools.
 *
 * It asks no registry and changes no entry that npm wrote.
 */
import { readFileSync, writeFileSync } from "node:fs"

export type Entry = {
  readonly version?: string
  readonly integrity?: string
  readonly resolved?: string
  readonly dev?: boolean
  readonly optional?: boolean
  readonly os?: readonly string[]
  readonly cpu?: readonly string[]
  readonly libc?: readonly string[]
  readonly optionalDependencies?: Readonly<Record<string, string>>
}
export type Entries = Readonly<Record<string, Entry>>
export type Absent = {
  readonly name: string
  readonly version: string
  readonly wantedBy: string
  readonly dev: boolean
}

const SYSTEMS = ["android", "darwin", "freebsd", "linux", "openharmony", "win32"]
const PROCESSORS = ["arm64", "arm", "ia32", "ppc64", "riscv64", "s390x", "x64"]

/** The optional packages that something in the lock wants and that have no entry of their own. */
export function absentOf(entries: Entries): readonly Absent[] {
  return Object.entries(entries).flatMap(([wantedBy, { optionalDependencies, dev }]) =>
    Object.entries(optionalDependencies ?? {})
      .filter(([name]) => !(`node_modules/${name}` in entries) && !(`${wantedBy}/node_modules/${name}` in entries))
      .map(([name, version]) => ({ name, version, wantedBy, dev: dev === true })),
  )
}

/** The entry of a package whose name ends in its platform, such as `binding-linux-arm-musleabihf`. */
export function entryOf(absent: Absent): Entry {
  const words = absent.name.slice(absent.name.lastIndexOf("/") + 1).split("-")
  const musl = words.some((word) => word.startsWith("musl"))
  const gnu = words.some((word) => word.startsWith("gnu"))
  return {
    version: absent.version,
    cpu: PROCESSORS.filter((processor) => words.includes(processor)),
    dev: true,
    ...(musl ? { libc: ["musl"] } : gnu ? { libc: ["glibc"] } : {}),
    optional: true,
    os: SYSTEMS.filter((system) => words.includes(system)),
  }
}

/** The lock's entries with what was absent, in npm's order: the root first, then by path. */
export function completed(entries: Entries): Entries {
  const added = absentOf(entries).filter((absent) => absent.dev)
  const whole = {
    ...entries,
    ...Object.fromEntries(added.map((absent) => [`node_modules/${absent.name}`, entryOf(absent)])),
  }
  return Object.fromEntries(Object.entries(whole).sort(([a], [b]) => a.localeCompare(b, "en")))
}

if (import.meta.main) {
  const path = new URL("../package-lock.json", import.meta.url)
  const lock: { packages: Entries } = JSON.parse(readFileSync(path, "utf8"))
  const whole = completed(lock.packages)
  writeFileSync(path, `${JSON.stringify({ ...lock, packages: whole }, null, 2)}\n`)
  console.log(`${Object.keys(whole).length - Object.keys(lock.packages).length} entries added to package-lock.json`)
}
