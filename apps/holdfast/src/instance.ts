/**
 * One running Holdfast a data directory, and the way to speak to it.
 *
 * Node has no file lock, so a listening Unix socket is the lock: who can connect has found the running instance, who cannot
 * takes its place. The socket's name is a hash of the directory's real path, since a path over 107 bytes cannot be bound; it
 * lies in a folder that only this user can enter. The same socket takes the few orders that `npm run invite` gives. One of them
 * brings the founding key, so a folder that somebody else could enter, or made before us, is not used.
 */
import { createHash } from "node:crypto"
import { lstat, mkdir, realpath, rm } from "node:fs/promises"
import { connect, createServer, type Server, type Socket } from "node:net"
import { tmpdir, userInfo } from "node:os"
import { join } from "node:path"

const MESSAGE_BYTES_MAX = 64 * 1024

/** Another process runs this data directory. */
export class AlreadyRunningError extends Error {
  override readonly name = "AlreadyRunningError"
}

/** The folder of the sockets is not ours alone; the message is the one line a person reads. */
export class SocketFolderError extends Error {
  override readonly name = "SocketFolderError"
}

/** Where the temporary files lie anybody may make a folder of this name, or a link to one. */
async function checkIsOurs(folder: string): Promise<void> {
  if (process.platform === "win32") return // There each user has temporary files of their own.
  const found = await lstat(folder)
  if (found.isDirectory() && found.uid === userInfo().uid && (found.mode & 0o077) === 0) return
  throw new SocketFolderError(`${folder} is not a folder that only this user can enter: remove it and try again.`)
}

async function socketPath(directory: string): Promise<string> {
  const folder = join(tmpdir(), `holdfast-${userInfo().uid}`)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await checkIsOurs(folder)
  const name = createHash("sha256")
    .update(await realpath(directory))
    .digest("hex")
    .slice(0, 24)
  return join(folder, `${name}.sock`)
}

function dial(path: string): Promise<Socket | null> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.once("connect", () => resolve(socket))
    socket.once("error", () => resolve(null))
  })
}

/** Reads one line of JSON, at most 64 KiB. */
function readLine(socket: Socket): Promise<unknown> {
  return new Promise((resolve) => {
    let text = ""
    socket.setEncoding("utf8")
    socket.on("data", (part: string) => {
      text += part
      const end = text.indexOf("\n")
      if (end < 0 && text.length <= MESSAGE_BYTES_MAX) return
      try {
        resolve(JSON.parse(text.slice(0, Math.max(end, 0))))
      } catch {
        resolve(null)
      }
    })
    socket.on("end", () => resolve(null))
    socket.on("error", () => resolve(null))
  })
}

export type Instance = { close(): Promise<void> }

function listen(server: Server, path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      error.code === "EADDRINUSE" ? resolve(false) : reject(error),
    )
    server.listen(path, () => resolve(true))
  })
}

/** Takes the directory for this process, or fails with {@link AlreadyRunningError}. Each order is answered by `answer`. */
export async function takeInstance(directory: string, answer: (order: unknown) => Promise<unknown>): Promise<Instance> {
  const path = await socketPath(directory)
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy())
    void readLine(socket)
      .then(answer)
      .then((said) => socket.end(`${JSON.stringify(said)}\n`))
  })
  for (let tries = 0; tries < 2; tries++) {
    if (await listen(server, path)) {
      return {
        close: () => new Promise((resolve) => server.close(() => resolve())),
      }
    }
    const other = await dial(path)
    if (other !== null) {
      other.destroy()
      break
    }
    await rm(path, { force: true }) // Nobody answers there: its owner died.
  }
  throw new AlreadyRunningError(
    `Holdfast already runs on ${directory}: stop that one first, or choose another with --data.`,
  )
}

/** Gives an order to the instance that runs `directory`; null when none does. */
export async function askInstance(directory: string, order: unknown): Promise<unknown> {
  const socket = await dial(await socketPath(directory))
  if (socket === null) return null
  socket.write(`${JSON.stringify(order)}\n`)
  const said = await readLine(socket)
  socket.destroy()
  return said
}
