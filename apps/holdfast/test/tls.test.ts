/** The building's own certificates, kept between starts: a changed authority is named and never made anew. */
import { deepEqual, equal, match, notEqual, throws } from "node:assert/strict"
import { test } from "node:test"
import { unixMillis } from "@holdfast/base"
import { utf8 } from "@holdfast/base/text"
import { MemoryDisk } from "@holdfast/port-node"
import { TlsError, tlsNames } from "../src/tls.ts"

const AUTHORITY = "tls/authority.json"
const SERVER = "tls/server.json"
const now = () => unixMillis(Date.UTC(2026, 10, 22))

function stored(disk: MemoryDisk, path: string): string {
  return Buffer.from(disk.read(path) ?? []).toString("utf8")
}

for (const changed of ["", "{", "null", "[]", "{}", '{"certificatePem":1,"keyPem":"k","name":"n"}'])
  test(`an authority that reads ${JSON.stringify(changed)} is refused by its name, and stays as it is`, () => {
    const disk = new MemoryDisk()
    tlsNames(disk, now)
    disk.replace(AUTHORITY, utf8(changed))
    const refused = /^tls\/authority\.json in the data directory cannot be read: restore it from a backup\.$/
    throws(
      () => tlsNames(disk, now),
      (error) => error instanceof TlsError && refused.test(error.message),
    )
    equal(stored(disk, AUTHORITY), changed)
  })

test("what is kept is read back; a server's certificate that does not read is made anew, under the same authority", () => {
  const disk = new MemoryDisk()
  const first = tlsNames(disk, now)
  deepEqual(tlsNames(disk, now).server, first.server)
  disk.replace(SERVER, utf8("{"))
  const again = tlsNames(disk, now)
  equal(again.authorityPem, first.authorityPem)
  notEqual(again.server.certificatePem, first.server.certificatePem)
  match(stored(disk, SERVER), /BEGIN CERTIFICATE/)
})
