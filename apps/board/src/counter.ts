/**
 * A board's side of the counter where a site hears boards that stand alone: the link that leads there, the questions, and
 * whether what is told is the site that the link's mark stands for.
 *
 * Nothing that comes over this line is believed for where it came from: either the mark vouches for it, or the authority that
 * the mark named. What a board does with the answers is alone.ts's.
 */
import { verifyFirstRoot } from "@holdfast/access/author"
import { encodeCoseKey } from "@holdfast/base/cose"
import { fromBase64, toBase64 } from "@holdfast/base/text"
import { siteMark } from "@holdfast/lock/pairing"
import { nodeCrypto } from "@holdfast/port-node"
import { X509Certificate } from "node:crypto"
import { type IncomingMessage, request as httpRequest } from "node:http"
import { request as httpsRequest } from "node:https"
import type { SiteTrust } from "./building.ts"

/** What stands in the way of a board's pairing; the message is a line for a person. */
export class PairingError extends Error {
  override readonly name = "PairingError"
}

/** Where the counter is, and the mark that the person read in the console or on the terminal. */
export type Link = { readonly host: string; readonly port: number; readonly mark: string }

/** The counter's own name: the server has no certificate for it. */
const COUNTER = "pairing.holdfast.internal"
const ANSWER_BYTES_MAX = 64 * 1024
const TIMEOUT_MS = 10_000

/** Reads `https://HOST:PORT/#MARK`. */
export function readLink(text: string): Link {
  const url = URL.canParse(text) ? new URL(text) : null
  const mark = url?.hash.slice(1) ?? ""
  if (url?.protocol !== "https:" || url.port === "" || !/^[0-9a-f]{32}$/.test(mark))
    throw new PairingError(`"${text}" is no link of a site: npm start prints it as Boards, https://HOST:PORT/#MARK.`)
  return { host: url.hostname.replace(/^\[|\]$/g, ""), port: Number(url.port), mark }
}

type Answer = { readonly status: number; readonly body: ReadonlyMap<string, unknown> }

/** Asks the counter: in the clear, when nothing that it says is believed yet, or under the authority that the mark names. */
export function ask(link: Link, path: string, body: unknown, authority: string | null): Promise<Answer> {
  const { host, port } = link
  const method = body === null ? "GET" : "POST"
  const way = { host, port, path, method, headers: { connection: "close" }, timeout: TIMEOUT_MS }
  return new Promise((resolve, reject) => {
    const away = (): void => reject(new PairingError(`Nobody answers at ${host}:${port}.`))
    const hear = (response: IncomingMessage): void => {
      let text = ""
      response.setEncoding("utf8")
      response.on("data", (part: string) => {
        text += part
        if (text.length > ANSWER_BYTES_MAX) request.destroy()
      })
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body: fieldsOf(text) }))
      response.on("error", away)
    }
    const request =
      authority === null
        ? httpRequest(way, hear)
        : httpsRequest({ ...way, ca: authority, servername: COUNTER, minVersion: "TLSv1.3" }, hear)
    request.on("timeout", () => request.destroy()).on("error", away)
    request.end(body === null ? undefined : JSON.stringify(body))
  })
}

function fieldsOf(text: string): ReadonlyMap<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return new Map(typeof value === "object" && value !== null ? Object.entries(value) : [])
  } catch {
    return new Map()
  }
}

/** A site as its counter tells of it: the root and the authority in full, and what of them a lock is told. */
export type Site = { readonly root: string; readonly authority: string; readonly trust: SiteTrust }

/** The site that a root and an authority describe, if the mark stands for the two of them; else null. */
export function siteOf(mark: string, root: unknown, authority: unknown): Site | null {
  const bytes = typeof root === "string" ? fromBase64(root) : null
  if (bytes === null || typeof root !== "string" || typeof authority !== "string") return null
  const verified = verifyFirstRoot(bytes, nodeCrypto)
  if (!verified.ok) return null
  const { site, root: told } = verified
  try {
    const der = new Uint8Array(new X509Certificate(authority).raw)
    if (siteMark(site, der, nodeCrypto) !== mark) return null
  } catch {
    return null // No certificate.
  }
  const trust: SiteTrust = {
    site,
    keeper: toBase64(encodeCoseKey(told.keeper)),
    logKey: toBase64(told.logKey),
    keeperHpke: toBase64(told.keeperHpke),
    epoch: told.epoch,
  }
  return { root, authority, trust }
}
