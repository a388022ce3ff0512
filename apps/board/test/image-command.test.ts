/** `npm run image` as a vendor uses it: keys, trust, an image, and what stops one that was touched. */
import { equal, match, ok } from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type TestContext, test } from "node:test"
import { fileURLToPath } from "node:url"

const COMMAND = fileURLToPath(new URL("../src/image-main.ts", import.meta.url))

function desk(context: TestContext): (words: string) => { code: number | null; said: string; wrong: string } {
  const directory = mkdtempSync(join(tmpdir(), "holdfast-vendor-"))
  context.after(() => rmSync(directory, { recursive: true }))
  writeFileSync(join(directory, "payload.cjs"), "process.exit(0)\n")
  return (words) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [COMMAND, ...words.split(" ")], {
      cwd: directory,
      encoding: "utf8",
    })
    return { code: status, said: words === "where" ? directory : stdout, wrong: stderr }
  }
}

const SIGN = "--payload payload.cjs --version 1.2.3+4 --counter 7 --revisions 1-3 --from 1.0.0"

test("keys are made, an image is signed by three of them, it verifies, and it says what it is", (context) => {
  const run = desk(context)
  for (const type of ["ed25519", "p256", "ml-dsa-44"]) equal(run(`keygen --type ${type} --out ${type}.pem`).code, 0)
  const keys = "--key ed25519.pem --key p256.pem --key ml-dsa-44.pem"
  equal(run(`trust ${keys} --threshold 2 --out trust.json`).code, 0)
  const signed = run(`sign ${SIGN} ${keys} --out image.bin`)
  equal(signed.wrong, "")
  const verified = run("verify --image image.bin --trust trust.json --floor 7 --replaces 1.0.0")
  match(verified.said, /"runs":true,"version":"1\.2\.3\+4"/)
  match(run("show --image image.bin").said, /"model":"HF-VB1".*"counter":7,"hybrid":true/)
  match(run("verify --image image.bin --trust trust.json --floor 8").wrong, /below the floor/)
  match(run("verify --image image.bin --trust trust.json --revision 4").wrong, /other revision/)
  match(run("verify --image image.bin --trust trust.json --replaces 0.9.0").wrong, /version too old/)
  equal(run(`sign ${SIGN} --key ed25519.pem --key ml-dsa-44.pem --out one.bin`).code, 0)
  match(run("verify --image one.bin --trust trust.json").wrong, /wrong signature/, "two of two are wanted")
})

test("a private key is readable by its owner alone, and nothing that is there is written over", (context) => {
  const run = desk(context)
  equal(run("keygen --type ed25519 --out key.pem").code, 0)
  const path = join(run("where").said, "key.pem")
  equal(statSync(path).mode & 0o777, 0o600)
  const before = readFileSync(path, "utf8")
  equal(run("keygen --type ed25519 --out key.pem").code, 1)
  equal(readFileSync(path, "utf8"), before)
})

test("bad calls are one line and code 1", (context) => {
  const run = desk(context)
  run("keygen --type ml-dsa-44 --out second.pem")
  for (const [words, wrong] of [
    ["sign --out x", /--payload is missing|needs the signature/],
    [`sign ${SIGN} --key second.pem --out x`, /needs the signature of an Ed25519 or P-256 key/],
    [`sign ${SIGN} --key payload.cjs --out x`, /no private key/],
    ["keygen --type rsa --out x", /ed25519, p256 or ml-dsa-44/],
    ["verify --image payload.cjs --trust payload.cjs", /no JSON/],
    ["show --image payload.cjs", /too short|no image/],
    ["trust --out x", /threshold/],
  ] as const) {
    const { code, wrong: said } = run(words)
    equal(code, 1, words)
    match(said, wrong)
    ok(!said.includes("    at "), "no stack")
  }
})
