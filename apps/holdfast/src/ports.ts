/**
 * Ports of this machine: is one free, and which one would be; and the addresses by which others reach it.
 */
import { createServer, isIP } from "node:net"
import { networkInterfaces } from "node:os"

export const LOOPBACK = "127.0.0.1"
const PORT_MAX = 65_535

/** Somebody else listens there; the message names the flag. */
export class PortInUseError extends Error {
  override readonly name = "PortInUseError"
}

/** Nothing can listen there: the address is another machine's. */
export class NotOurAddressError extends Error {
  override readonly name = "NotOurAddressError"
}

/** Binds `port` for a moment: the port (a free one for 0), or null when it is taken. The address must be this machine's. */
export function probePort(port: number, address = LOOPBACK): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once("error", ({ code }: NodeJS.ErrnoException) => {
      if (code !== "EADDRNOTAVAIL") resolve(null)
      else reject(new NotOurAddressError(`--listen ${address}: ${address} is no address of this machine.`))
    })
    server.listen(port, address, () => {
      const bound = server.address()
      server.close(() => resolve(typeof bound === "object" && bound !== null ? bound.port : null))
    })
  })
}

/** `port` itself, or a free one for 0. */
export async function portFor(port: number, flag: string, address = LOOPBACK): Promise<number> {
  const free = await probePort(port, address)
  if (free === null)
    throw new PortInUseError(
      `Port ${port} is in use: choose another with --${flag} N, or --${flag} 0 for any free one.`,
    )
  return free
}

/** `port` if it is free and nobody's yet in `taken`, or else any other: for ports that no signed thing names, and beside the last one too. */
export async function portNear(port: number, taken: readonly number[], address = LOOPBACK): Promise<number> {
  if (port > PORT_MAX) return portNear(0, taken, address)
  const free = await probePort(port, address)
  if (free !== null && !taken.includes(free)) return free
  if (free === null && port === 0) throw new PortInUseError("This machine has no free port left.")
  return portNear(0, taken, address)
}

const LOOPBACKS: readonly string[] = ["localhost", LOOPBACK, "::1"]
const EVERYWHERE: readonly string[] = ["0.0.0.0", "::"]

/** The address to bind for what `--listen` says; null for what is no address. */
export function bindAddress(listen: string): string | null {
  if (listen === "localhost") return LOOPBACK
  return isIP(listen) === 0 ? null : listen
}

/** Whether only this machine reaches what listens there. */
export function isLocal(address: string): boolean {
  return LOOPBACKS.includes(address)
}

/** How somebody else names this machine, who is to reach what listens at `address`. */
export function reachableAt(address: string): string {
  if (!EVERYWHERE.includes(address)) return address
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? [])
  return all.find(({ internal, family }) => !internal && family === "IPv4")?.address ?? LOOPBACK
}

/** How this machine itself reaches what listens at `address`. */
export function reachableHere(address: string): string {
  return EVERYWHERE.includes(address) ? LOOPBACK : address
}

/** The host of a URL: an IPv6 address stands in brackets. */
export function hostOf(address: string): string {
  return isIP(address) === 6 ? `[${address}]` : address
}
