/** The pretend site's servers: each listens before it has its answers, since its address is part of them. */
import { assert } from "@holdfast/base"
import { once } from "node:events"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"

/** A server and its address; port 0 is any that is free. */
export async function listening(port: number): Promise<readonly [Server, string]> {
  const server = createServer().listen(port)
  await once(server, "listening")
  const address = server.address()
  assert(address !== null && typeof address === "object", "a server that listens on a port has an address")
  return [server, `http://localhost:${address.port}`]
}

/** Whatever an answer throws becomes status 500, and is said. */
export function answering(
  server: Server,
  answer: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
): void {
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    answer(request, response).catch((error: unknown) => {
      process.stderr.write(`${String(error instanceof Error ? error.stack : error)}\n`)
      if (!response.headersSent) response.writeHead(500)
      response.end()
    })
  })
}
