/**
 * A {@link Disk} on a real directory: temp + fsync + rename + fsync of the directory, the way POSIX allows to promise it.
 *
 * A file becomes visible under its name only whole. Directories listed as `secret` are for their owner only (0700, files
 * 0600); the others may be read by who may read the root. It knows nothing about what the files say, and does not lock the
 * directory: that there is one writer is the caller's business.
 */
import { assert } from "@holdfast/base"
import {
  closeSync,
  fdatasync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  fsync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
  writevSync,
} from "node:fs"
import { dirname, join } from "node:path"
import { type AppendFile, type Disk, DiskError } from "./disk.ts"

/** Ends the name of a file that is still being written; a leftover of a power cut is never read. */
const UNFINISHED = ".unfinished"
const SYNCS_AT_ONCE_MAX = 16

const WORDS: Readonly<Record<string, string>> = {
  ENOSPC: "no space left on the disk",
  EDQUOT: "the disk quota is used up",
  EACCES: "permission denied",
  EPERM: "not permitted",
  EROFS: "the disk is read-only",
  EIO: "input/output error",
  EMFILE: "too many open files",
}

function codeOf(error: unknown): string | null {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : null
}

function diskError(verb: string, path: string, error: unknown): DiskError {
  const code = codeOf(error)
  const reason = (code === null ? null : WORDS[code]) ?? code ?? String(error)
  return new DiskError(`cannot ${verb} ${path}: ${reason}`, code)
}

function attempt<Answer>(verb: string, path: string, act: () => Answer): Answer {
  try {
    return act()
  } catch (error) {
    throw diskError(verb, path, error)
  }
}

function isMissing(error: unknown): boolean {
  const code = codeOf(error)
  return code === "ENOENT" || code === "ENOTDIR"
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, bytes.length - at)
}

/** One call of the system nearly always; what it left over goes part by part. */
function writeParts(file: number, parts: readonly Uint8Array[]): void {
  let written = writevSync(file, parts)
  for (const part of parts) {
    if (written < part.length) writeAll(file, part.subarray(written))
    written = Math.max(0, written - part.length)
  }
}

function syncDirectory(path: string): void {
  if (process.platform === "win32") return // Windows opens no directories; NTFS journals the names by itself.
  let file: number
  try {
    file = openSync(path, "r")
  } catch (error) {
    if (isMissing(error)) return
    throw error
  }
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

class NodeAppendFile implements AppendFile {
  readonly #path: string
  readonly #file: number
  #size: number

  constructor(path: string, file: number, size: number) {
    this.#path = path
    this.#file = file
    this.#size = size
  }

  get size(): number {
    return this.#size
  }

  append(...parts: readonly Uint8Array[]): void {
    attempt("append to", this.#path, () => writeParts(this.#file, parts))
    for (const { length } of parts) this.#size += length
  }

  sync(): Promise<void> {
    return new Promise((resolve, reject) => {
      fdatasync(this.#file, (error) => (error === null ? resolve() : reject(diskError("sync", this.#path, error))))
    })
  }

  cut(size: number): void {
    assert(size <= this.#size, "a file is cut to a shorter one")
    attempt("shorten", this.#path, () => {
      ftruncateSync(this.#file, size)
      fdatasyncSync(this.#file)
    })
    this.#size = size
  }

  close(): void {
    closeSync(this.#file)
  }
}

export class NodeDisk implements Disk {
  readonly #root: string
  readonly #secret: readonly string[]
  /** Directories known to exist, so that a write costs no look at its parents. */
  readonly #made = new Set<string>()

  /** `secret` names the directories directly under the root that only their owner may enter. */
  constructor(root: string, secret: readonly string[] = []) {
    this.#root = root
    this.#secret = secret
  }

  read(path: string): Uint8Array | null {
    try {
      const bytes = readFileSync(join(this.#root, path))
      return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
    } catch (error) {
      if (isMissing(error)) return null
      throw diskError("read", path, error)
    }
  }

  size(path: string): number | null {
    const found = attempt("look at", path, () => statSync(join(this.#root, path), { throwIfNoEntry: false }))
    return found?.size ?? null
  }

  readPart(path: string, offset: number, size: number): Uint8Array | null {
    try {
      const file = openSync(join(this.#root, path), "r")
      try {
        const bytes = new Uint8Array(size)
        let at = 0
        while (at < size) {
          const count = readSync(file, bytes, at, size - at, offset + at)
          if (count === 0) return null
          at += count
        }
        return bytes
      } finally {
        closeSync(file)
      }
    } catch (error) {
      if (isMissing(error)) return null
      throw diskError("read", path, error)
    }
  }

  list(directory: string): string[] {
    try {
      const names = readdirSync(join(this.#root, directory))
      return names.filter((name) => !name.endsWith(UNFINISHED)).sort()
    } catch (error) {
      if (isMissing(error)) return []
      throw diskError("list", directory, error)
    }
  }

  replace(path: string, bytes: Uint8Array): void {
    attempt("write", path, () => {
      this.#put(path, bytes, true)
      this.#syncName(path)
    })
  }

  write(path: string, bytes: Uint8Array): void {
    attempt("write", path, () => this.#put(path, bytes, false))
  }

  async sync(paths: readonly string[]): Promise<void> {
    for (let from = 0; from < paths.length; from += SYNCS_AT_ONCE_MAX)
      await Promise.all(paths.slice(from, from + SYNCS_AT_ONCE_MAX).map((path) => this.#syncFile(path)))
    const directories = new Set<string>()
    for (const path of paths) for (const directory of this.#above(path)) directories.add(directory)
    for (const directory of directories) attempt("sync", directory, () => syncDirectory(join(this.#root, directory)))
  }

  remove(path: string): void {
    attempt("remove", path, () => rmSync(join(this.#root, path), { force: true }))
  }

  openAppend(path: string): AppendFile {
    return attempt("open", path, () => {
      this.#makeDirectory(dirname(path))
      const file = openSync(join(this.#root, path), "a", this.#isSecret(path) ? 0o600 : 0o644)
      this.#syncName(path)
      return new NodeAppendFile(path, file, fstatSync(file).size)
    })
  }

  #put(path: string, bytes: Uint8Array, durable: boolean): void {
    this.#makeDirectory(dirname(path))
    const whole = join(this.#root, path)
    const file = openSync(whole + UNFINISHED, "w", this.#isSecret(path) ? 0o600 : 0o644)
    try {
      writeAll(file, bytes)
      if (durable) fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(whole + UNFINISHED, whole)
  }

  #syncFile(path: string): Promise<void> {
    let file: number
    try {
      file = openSync(join(this.#root, path), "r+")
    } catch (error) {
      return isMissing(error) ? Promise.resolve() : Promise.reject(diskError("sync", path, error))
    }
    return new Promise((resolve, reject) => {
      fsync(file, (error) => {
        closeSync(file)
        if (error === null) resolve()
        else reject(diskError("sync", path, error))
      })
    })
  }

  /** The file's directory and those above it: a name is durable when its directory is, and that one's name too. */
  #above(path: string): string[] {
    const directories: string[] = []
    for (let directory = dirname(path); ; directory = dirname(directory)) {
      directories.push(directory)
      if (directory === ".") return directories
    }
  }

  #syncName(path: string): void {
    for (const directory of this.#above(path)) syncDirectory(join(this.#root, directory))
  }

  #isSecret(path: string): boolean {
    return this.#secret.some((name) => path === name || path.startsWith(`${name}/`))
  }

  #makeDirectory(directory: string): void {
    if (this.#made.has(directory)) return
    mkdirSync(join(this.#root, directory), { recursive: true, mode: this.#isSecret(directory) ? 0o700 : 0o755 })
    this.#made.add(directory)
  }
}
