/** The caller's end of the keeper's socket, against a server of a few lines and a framing of one letter. */
import type { Cbor } from "@holdfast/base/cbor"
import { type Framing, KeeperClient, KeeperLineError, type SocketFrame } from "@holdfast/port-node"
import { deepEqual, equal, rejects } from "node:assert/strict"
import { mkdtempSync, rmSync } from "node:fs"
import { createServer, type Server, type Socket } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"

/** A frame is a line of JSON; a line that begins with "!" breaks the framing. */
const lines: Framing = {
  encode: (frame) => new TextEncoder().encode(`${JSON.stringify(frame)}\n`),
  reader() {
    let text = ""
    return {
      push(bytes) {
        text += new TextDecoder().decode(bytes)
        const whole = text.split("\n")
        text = whole.pop() ?? ""
        return whole.some((line) => line.startsWith("!"))
          ? "broken"
          : whole.map((line) => JSON.parse(line) as SocketFrame)
      },
    }
  },
}

class Counter {
  readonly path: string
  readonly #folder = mkdtempSync(join(tmpdir(), "holdfast-line-"))
  #server: Server | null = null
  readonly sockets = new Set<Socket>()
  heard: SocketFrame[] = []
  /** What is answered to a request; null is nothing. */
  answer: (frame: SocketFrame) => SocketFrame | null = (frame) => frame

  constructor() {
    this.path = join(this.#folder, "s")
  }

  open(): Promise<void> {
    const server = createServer((socket) => {
      this.sockets.add(socket)
      socket.on("error", () => undefined)
      const reader = lines.reader()
      socket.on("data", (bytes) => {
        const frames = reader.push(bytes)
        for (const frame of typeof frames === "string" ? [] : frames) {
          this.heard.push(frame)
          const answered = this.answer(frame)
          if (answered !== null) socket.write(lines.encode(answered))
        }
      })
    })
    this.#server = server
    return new Promise((resolve) => server.listen(this.path, () => resolve()))
  }

  async close(): Promise<void> {
    const server = this.#server
    if (server === null) return
    const closed = new Promise((resolve) => server.close(resolve))
    for (const socket of this.sockets) socket.destroy()
    this.sockets.clear()
    await closed
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

async function withCounter(
  run: (
    counter: Counter,
    client: (options?: { onNotice?: (frame: SocketFrame) => void; onLine?: (up: boolean) => void }) => KeeperClient,
  ) => Promise<void>,
): Promise<void> {
  const counter = new Counter()
  const clients: KeeperClient[] = []
  try {
    await run(counter, (options = {}) => {
      const client = new KeeperClient({ path: counter.path, framing: lines, ...options })
      clients.push(client)
      return client
    })
  } finally {
    for (const client of clients) client.close()
    await counter.close()
    counter.remove()
  }
}

test("answers find their requests, in whatever order they come", () =>
  withCounter(async (counter, dial) => {
    await counter.open()
    const kept: SocketFrame[] = []
    counter.answer = (frame) => {
      kept.push(frame)
      if (kept.length === 3)
        for (const each of kept.toReversed()) for (const socket of counter.sockets) socket.write(lines.encode(each))
      return null
    }
    const client = dial()
    const answers = await Promise.all(["a", "b", "c"].map((body) => client.request(7, body)))
    deepEqual(
      answers.map(({ body }) => body),
      ["a", "b", "c"] satisfies Cbor[],
    )
  }))

test("requests made before the keeper listens wait for it", () =>
  withCounter(async (counter, dial) => {
    const client = dial()
    const early = client.request(1, "early")
    await counter.open()
    equal((await early).body, "early")
  }))

test("when the line breaks, what was under way fails, and the client calls again by itself", () =>
  withCounter(async (counter, dial) => {
    await counter.open()
    const ups: boolean[] = []
    let heardUp: (() => void) | null = null
    const client = dial({
      onLine: (up) => {
        ups.push(up)
        if (up) heardUp?.()
      },
    })
    equal((await client.request(1, 1)).body, 1)
    counter.answer = () => null
    const lost = rejects(client.request(1, 2), KeeperLineError)
    const again = new Promise<void>((resolve) => (heardUp = resolve))
    await counter.close()
    await lost
    counter.answer = (frame) => frame
    await counter.open()
    await again
    equal((await client.request(1, 3)).body, 3)
    deepEqual(ups, [true, false, true])
  }))

test("notices are heard, and a broken framing hangs up", () =>
  withCounter(async (counter, dial) => {
    await counter.open()
    const notices: Cbor[] = []
    const client = dial({ onNotice: ({ body }) => notices.push(body) })
    await client.request(1, 0)
    for (const socket of counter.sockets) socket.write(lines.encode({ id: 0, operation: 1, body: "news" }))
    await client.request(1, 1)
    deepEqual(notices, ["news"])
    counter.answer = () => null
    const lost = rejects(client.request(1, 2), KeeperLineError)
    for (const socket of counter.sockets) socket.write("!\n")
    await lost
  }))

test("a bound on what waits, and nothing after closing", () =>
  withCounter(async (_, dial) => {
    const client = dial()
    const waiting = Array.from({ length: 4096 }, () => rejects(client.request(1, 0), KeeperLineError))
    await rejects(client.request(1, 0), /too many requests wait/)
    client.close()
    await Promise.all(waiting)
    await rejects(client.request(1, 0), /was closed/)
  }))
