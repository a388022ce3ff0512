/**
 * What the log writer and the keeper need from a disk, and nothing else.
 *
 * Paths are relative, with slashes; directories come into being with their files. Writing is synchronous, since it only
 * reaches the machine's memory; what makes it durable is slow and answers later. Three promises differ in what a power cut
 * may leave:
 *
 *   replace   the old content or the new one, and after it returned only the new one
 *   write     old, new or damaged, until `sync` has answered; a reader meanwhile sees old or new
 *   append    the synced part, and any beginning of the rest, damaged or not
 *
 * {@link NodeDisk} is the real one, {@link MemoryDisk} the one whose power can be cut after any write; `test/disk.test.ts` is
 * the contract of both. Bad media are not in the promise: whoever reads checks.
 */

/** A file that only grows at its end, or is cut back to a shorter one. */
export interface AppendFile {
  readonly size: number
  /** Adds the parts one behind the other. */
  append(...parts: readonly Uint8Array[]): void
  /** Whatever was appended before the call is durable when it answers. */
  sync(): Promise<void>
  /** Cuts the file to its first `size` bytes, durably. */
  cut(size: number): void
  close(): void
}

export interface Disk {
  /** The whole file, or null where there is none. */
  read(path: string): Uint8Array | null
  /** Bytes in the file, or null where there is none. */
  size(path: string): number | null
  /** `size` bytes from `offset` on, or null where the file does not reach so far. */
  readPart(path: string, offset: number, size: number): Uint8Array | null
  /** Names in a directory, sorted; none where there is no such directory. */
  list(directory: string): string[]
  replace(path: string, bytes: Uint8Array): void
  write(path: string, bytes: Uint8Array): void
  /** The named files, as they are now, are durable when it answers; files that are gone meanwhile do not matter. */
  sync(paths: readonly string[]): Promise<void>
  /** Removes a file if it is there; a power cut may bring it back. */
  remove(path: string): void
  /** Opens a file for appending, making it if need be. One writer at a time. */
  openAppend(path: string): AppendFile
}

/** The disk did not do what it was asked: full, gone, or not ours. The message is one line for a person. */
export class DiskError extends Error {
  override readonly name = "DiskError"
  /** The operating system's word, such as ENOSPC, where there was one. */
  readonly code: string | null
  constructor(message: string, code: string | null) {
    super(message)
    this.code = code
  }
}
