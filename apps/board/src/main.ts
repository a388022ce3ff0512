/**
 * The boards of an example building as a process: its parent says once which building, and gives certificates.
 *
 * The port of the virtual hardware listens on loopback only, with a token that the parent made.
 */
import { randomBytes } from "node:crypto"
import type { AddressInfo, Server } from "node:net"
import { type DoorId, unreachable } from "@holdfast/base"
import { fromBase64 } from "@holdfast/base/text"
import { Building, type BuildingOptions, type Certifiable } from "./building.ts"
import type { Fitting } from "./fitting.ts"
import { SIGN_OF_LIFE, SIGN_OF_LIFE_MS } from "./sign-of-life.ts"
import { createWorldServer } from "./world.ts"

type Settings = Pick<BuildingOptions, "directory" | "trust" | "courier"> & {
  /** `port` is where the virtual hardware was before the program crashed, or 0. */
  readonly world: { readonly token: string; readonly origin: string; readonly port: number }
}
/** What the parent says; every question is answered under its id. */
type FromParent =
  | { readonly kind: "settings"; readonly settings: Settings }
  | { readonly kind: "certificate"; readonly id: number; readonly pem: string }
  | { readonly kind: "attach"; readonly id: number; readonly door: DoorId; readonly fitting: Fitting }
  | { readonly kind: "make card"; readonly id: number; readonly label: string }
  | { readonly kind: "personalise"; readonly id: number; readonly card: string; readonly issued: string }
  | {
      readonly kind: "remember"
      readonly id: number
      readonly card: string
      readonly pin: string
      readonly duress: string | null
    }

const LOOPBACK = "127.0.0.1"

const certificates = new Map<number, (pem: string) => void>()
let asked = 0
let building: Building | null = null

function say(message: unknown): void {
  process.send?.(message)
}

function random(size: number): Uint8Array {
  return new Uint8Array(randomBytes(size))
}

const isLaunched = process.env["HOLDFAST_LAUNCHED"] !== undefined
if (isLaunched) setInterval(() => say(SIGN_OF_LIFE), SIGN_OF_LIFE_MS).unref()

function certify(door: DoorId, board: Certifiable): Promise<string> {
  const id = ++asked
  return new Promise((resolve) => {
    certificates.set(id, resolve)
    say({ kind: "certify", id, door, ...board })
  })
}

async function start({ world, ...settings }: Settings): Promise<void> {
  const opened = new Building({ ...settings, random, certify })
  building = opened
  await opened.open()
  const server = createWorldServer({ world: opened, ...world })
  process.on("SIGTERM", () => {
    opened.close()
    server.close(() => process.exit(0))
    server.closeAllConnections()
  })
  const port = await listen(server, world.port)
  if (isLaunched) say({ kind: "image confirm" }) // Every board opened: all is well.
  say({ kind: "ready", port })
}

/** At this port, so that pages that are open go on; at any other where somebody took it meanwhile. */
function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve) => {
    const elsewhere = (): unknown => server.listen(0, LOOPBACK)
    server.once("error", elsewhere)
    server.once("listening", () => {
      server.off("error", elsewhere)
      resolve((server.address() as AddressInfo).port)
    })
    server.listen(port, LOOPBACK)
  })
}

async function answer(message: Exclude<FromParent, { kind: "settings" | "certificate" }>): Promise<unknown> {
  if (building === null) return null
  switch (message.kind) {
    case "attach":
      return building.board(message.door, message.fitting)
    case "make card":
      return building.makeCard(message.label)
    case "personalise":
      return building.personalise(message.card, fromBase64(message.issued) ?? new Uint8Array(0))
    case "remember":
      return building.remember(message.card, message.pin, message.duress)
    default:
      return unreachable(message)
  }
}

function failed(error: unknown): void {
  say({ kind: "failed", code: "", message: error instanceof Error ? error.message : String(error) })
  process.exit(1)
}

process.on("message", (message: FromParent) => {
  if (message.kind === "settings") start(message.settings).catch(failed)
  else if (message.kind === "certificate") {
    certificates.get(message.id)?.(message.pem)
    certificates.delete(message.id)
  } else
    answer(message)
      .then((said) => say({ kind: "answer", id: message.id, said }))
      .catch(failed)
})
process.on("SIGINT", () => undefined) // The parent decides when the group stops.
process.on("disconnect", () => process.exit(0))
