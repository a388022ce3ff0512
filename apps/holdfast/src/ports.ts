/**
 * Ports of this machine: is one free, and which one would be.
 */
import { createServer } from "node:net"

export const LOOPBACK = "127.0.0.1"

/** Somebody else listens there; the message names the flag. */
export class PortInUseError extends Error {
  override readonly name = "PortInUseError"
}

/** Binds `port` for a moment: the port (a free one for 0), or null when it is taken. */
export function probePort(port: number): Promise<number | null> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once("error", () => resolve(null))
    server.listen(port, LOOPBACK, () => {
      const address = server.address()
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : null))
    })
  })
}

/** `port` itself, or a free one for 0. */
export async function portFor(port: number, flag: string): Promise<number> {
  const free = await probePort(port)
  if (free === null)
    throw new PortInUseError(
      `Port ${port} is in use: choose another with --${flag} N, or --${flag} 0 for any free one.`,
    )
  return free
}

/** `port` if it is free, or else any other: for ports that no signed thing names. */
export async function portNear(port: number): Promise<number> {
  return (await probePort(port)) ?? (await probePort(0)) ?? 0
}
