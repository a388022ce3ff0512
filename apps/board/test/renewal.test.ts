/** Attack 85: certificates end, and a board has a new one long before. Over real TLS, with a server that notes whom it saw. */
import { unixSeconds } from "@holdfast/base"
import { fromBase64 } from "@holdfast/base/text"
import { issueLockCertificate, issueServerCertificate, makeAuthority } from "@holdfast/holdfast"
import { deepEqual, equal, ok } from "node:assert/strict"
import { randomBytes } from "node:crypto"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"
import { createServer, type TLSSocket } from "node:tls"
import { Building } from "../src/building.ts"
import { door, trust } from "./bare-board.ts"

const DAY_MS = 86_400_000

test("attack 85: after two thirds of its certificate's life a board asks for another and takes its line up again under it", {
  timeout: 120_000,
}, async (context) => {
  const now_ms = Date.now()
  const now = unixSeconds(Math.floor(now_ms / 1000))
  const authority = makeAuthority(now)
  const server = issueServerCertificate(authority, ["localhost"], now)
  ok(!("fault" in server))
  const tls = { key: server.keyPem, cert: server.certificatePem, ca: authority.certificatePem, requestCert: true }
  const listener = createServer(tls)
  listener.listen(0, "127.0.0.1")
  await once(listener, "listening")
  const lines = new Set<TLSSocket>()
  listener.on("secureConnection", (socket) => lines.add(socket.on("error", () => undefined)))
  const given: string[] = []
  const directory = mkdtempSync(join(tmpdir(), "holdfast-renewal-"))
  let isAway = false
  const building = new Building({
    directory,
    trust,
    courier: {
      host: "127.0.0.1",
      port: (listener.address() as AddressInfo).port,
      authorityPem: authority.certificatePem,
    },
    random: (size) => new Uint8Array(randomBytes(size)),
    certify: async (id, { tls_key }) => {
      const last = given.at(-1)
      if (isAway && last !== undefined) return last
      const made = issueLockCertificate(
        authority,
        id,
        "urn:holdfast:board:0",
        fromBase64(tls_key) ?? new Uint8Array(),
        now,
      )
      ok(!("fault" in made))
      given.push(made.certificatePem)
      return made.certificatePem
    },
  })
  context.after(() => {
    building.close()
    listener.close()
    for (const line of lines) line.destroy()
    rmSync(directory, { recursive: true })
  })
  await building.open()
  const seen: (string | undefined)[] = []
  const nextLine = once(listener, "secureConnection") as Promise<[TLSSocket]>
  await building.board(door, { failMode: "secure" })
  const [first] = await nextLine
  seen.push(first.getPeerX509Certificate()?.toString())
  await building.renewLines(now_ms + 240 * DAY_MS)
  equal(given.length, 1, "before two thirds nothing is asked for")
  isAway = true
  await building.renewLines(now_ms + 250 * DAY_MS)
  equal(first.destroyed, false, "what cannot be had leaves the line as it is")
  isAway = false
  const [ended, again] = [once(first.resume(), "close"), once(listener, "secureConnection") as Promise<[TLSSocket]>]
  await building.renewLines(now_ms + 250 * DAY_MS)
  const [[second]] = await Promise.all([again, ended])
  seen.push(second.getPeerX509Certificate()?.toString())
  deepEqual(seen, given)
  await building.renewLines(now_ms + 250 * DAY_MS)
  equal(given.length, 3, "by that clock the new one, made just now, is due as well")
})
