/**
 * `npm run image -- build|release|sign|verify|show|keygen`: firmware images on the vendor's desk, never on a board.
 *
 * Answers for programs go to standard output as one JSON object, words for people to standard error. Private keys are read
 * from the files that are named and written only by `keygen`, for their owner alone.
 */
import { toHex, utf8 } from "@holdfast/base/text"
import {
  decodeClaims,
  decodeImage,
  type ImageVersion,
  imageVersionText,
  type VendorTrust,
  verifyImage,
} from "@holdfast/lock/image"
import { nodeCrypto, verifyMlDsa44 } from "@holdfast/port-node"
import { createHash, generateKeyPairSync, type KeyObject } from "node:crypto"
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { rolldown } from "rolldown"
import { makeImage, readTrust, signerFrom, trustText, VendorError, type VendorSigner } from "./image/vendor.ts"

const HELP = `Usage: npm run image -- COMMAND [OPTIONS]

keygen --type ed25519|p256|ml-dsa-44 --out KEY.pem      a new private key, readable by its owner alone
trust  --key KEY.pem... [--threshold N] --out TRUST     what a launcher is given: the public halves
build  --out PAYLOAD.cjs                                the board's program as one file
release --out DIR                                       board.image and trust.json of these sources, by keys that are forgotten at once
sign   --payload FILE --key KEY.pem... --version 1.2.3[+4] --counter N --out IMAGE
       [--model HF-VB1] [--revisions 1-1] [--from 0.0.0]
verify --image IMAGE --trust TRUST [--model HF-VB1] [--revision 1] [--floor N] [--replaces 1.2.3]
show   --image IMAGE                                    what it says of itself; nothing is checked

The image format is MCUboot's: imgtool verify and imgtool dumpinfo read it, and images that imgtool signed can be verified.`

const OPTIONS = {
  type: { type: "string" },
  out: { type: "string" },
  key: { type: "string", multiple: true },
  threshold: { type: "string" },
  payload: { type: "string" },
  version: { type: "string" },
  counter: { type: "string" },
  model: { type: "string" },
  revisions: { type: "string" },
  revision: { type: "string" },
  from: { type: "string" },
  image: { type: "string" },
  trust: { type: "string" },
  floor: { type: "string" },
  replaces: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const

type Values = ReturnType<typeof parseCall>["values"]
const parseCall = (words: string[]) => parseArgs({ args: words, allowPositionals: true, options: OPTIONS })

const MODEL = "HF-VB1"
const BOARD_ENTRY = fileURLToPath(new URL("main.ts", import.meta.url))

function need(value: string | undefined, name: string): string {
  if (value === undefined) throw new VendorError(`--${name} is missing; npm run image -- --help shows the commands`)
  return value
}

function read(path: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(path))
  } catch (error) {
    throw new VendorError(`cannot read ${path}: ${(error as Error).message}`)
  }
}

/** Writes a new file; one that is there is never replaced. */
function write(path: string, bytes: Uint8Array | string, mode: number = 0o644): void {
  try {
    writeFileSync(path, bytes, { flag: "wx", mode })
  } catch (error) {
    throw new VendorError(`cannot write ${path}: ${(error as Error).message}`)
  }
}

function whole(text: string, name: string, max: number): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN
  if (!(value <= max)) throw new VendorError(`--${name} takes a whole number up to ${max}, not "${text}"`)
  return value
}

function versionOf(text: string, name: string): ImageVersion {
  const [, major, minor, revision, build] = /^(\d+)\.(\d+)\.(\d+)(?:\+(\d+))?$/.exec(text) ?? []
  if (major === undefined || minor === undefined || revision === undefined)
    throw new VendorError(`--${name} takes a version such as 1.2.3 or 1.2.3+4, not "${text}"`)
  return {
    major: whole(major, name, 0xff),
    minor: whole(minor, name, 0xff),
    revision: whole(revision, name, 0xffff),
    build: whole(build ?? "0", name, 0xffff_ffff),
  }
}

function newKey(type: string): KeyObject {
  if (type === "ed25519") return generateKeyPairSync("ed25519").privateKey
  if (type === "p256") return generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey
  if (type === "ml-dsa-44") return generateKeyPairSync("ml-dsa-44").privateKey
  throw new VendorError(`--type is ed25519, p256 or ml-dsa-44, not "${type}"`)
}

const pemOf = (key: KeyObject): string => key.export({ format: "pem", type: "pkcs8" }).toString()

function keygen(values: Values): unknown {
  const type = need(values.type, "type")
  const out = need(values.out, "out")
  write(out, pemOf(newKey(type)), 0o600)
  return { key: out, type }
}

const signersOf = (values: Values) =>
  (values.key ?? []).map((path) => signerFrom(Buffer.from(read(path)).toString("utf8")))

function trustOf(
  signers: readonly VendorSigner[],
  threshold: number,
): { readonly text: string; readonly trust: VendorTrust } {
  const keys = signers.flatMap((each) =>
    each.kind === "classical" ? [{ algorithm: each.algorithm, key: each.key }] : [],
  )
  const mlDsa = signers.find((each) => each.kind === "ml-dsa-44")?.key ?? null
  const text = trustText({ keys, threshold, mlDsa, revoked: [] })
  return { text, trust: readTrust(text) }
}

function trust(values: Values): unknown {
  const threshold = whole(values.threshold ?? "1", "threshold", 16)
  const made = trustOf(signersOf(values), threshold)
  write(need(values.out, "out"), made.text)
  return { keys: made.trust.keys.length, threshold, ml_dsa_44: made.trust.mlDsa !== null }
}

/** The board's program as one text that Node runs from its standard input: everything else is inside. */
async function bundle(): Promise<Uint8Array> {
  const bundled = await rolldown({ input: BOARD_ENTRY, platform: "node", logLevel: "warn" })
  const { output } = await bundled.generate({ format: "cjs", codeSplitting: false })
  await bundled.close()
  const [chunk, ...more] = output
  if (more.length > 0) throw new VendorError("the board's program does not fit one file")
  return utf8(chunk.code)
}

async function build(values: Values): Promise<unknown> {
  const bytes = await bundle()
  write(need(values.out, "out"), bytes)
  return { payload: values.out, size: bytes.length, sha256: toHex(nodeCrypto.sha256(bytes)) }
}

/**
 * What `npm start` launches: an image of the sources that lie here, under keys that nobody has afterwards. It says that what
 * runs is what was built, not who built it: that is for a vendor's own keys and {@link sign}.
 */
async function release(values: Values): Promise<unknown> {
  const out = need(values.out, "out")
  const signers = ["ed25519", "ml-dsa-44"].map((type) => signerFrom(pemOf(newKey(type))))
  const claims = { model: MODEL, revision_min: 1, revision_max: 1, version_min: versionOf("0.0.0", "from"), counter: 1 }
  const image = makeImage({ ...claims, payload: await bundle(), version: versionOf("0.1.0", "version") }, signers)
  mkdirSync(out, { recursive: true })
  for (const name of ["board.image", "trust.json"]) rmSync(join(out, name), { force: true })
  write(join(out, "trust.json"), trustOf(signers, 1).text)
  write(join(out, "board.image"), image)
  return { image: join(out, "board.image"), size: image.length, sha256: toHex(nodeCrypto.sha256(image)) }
}

function sign(values: Values): unknown {
  const [from, until, more] = (values.revisions ?? "1-1").split("-")
  if (from === undefined || until === undefined || more !== undefined)
    throw new VendorError(`--revisions takes first and last, such as 1-3, not "${values.revisions}"`)
  const signers = signersOf(values)
  if (!signers.some((each) => each.kind === "classical"))
    throw new VendorError("an image needs the signature of an Ed25519 or P-256 key")
  const image = makeImage(
    {
      payload: read(need(values.payload, "payload")),
      version: versionOf(need(values.version, "version"), "version"),
      model: values.model ?? MODEL,
      revision_min: whole(from, "revisions", 0xffff),
      revision_max: whole(until, "revisions", 0xffff),
      version_min: versionOf(values.from ?? "0.0.0", "from"),
      counter: whole(need(values.counter, "counter"), "counter", 0xffff_ffff),
    },
    signers,
  )
  write(need(values.out, "out"), image)
  return { image: values.out, size: image.length, sha256: createHash("sha256").update(image).digest("hex") }
}

function verify(values: Values): unknown {
  const trusted = readTrust(Buffer.from(read(need(values.trust, "trust"))).toString("utf8"))
  const board = {
    model: values.model ?? MODEL,
    revision: whole(values.revision ?? "1", "revision", 0xffff),
    counter_min: whole(values.floor ?? "0", "floor", 0xffff_ffff),
    replaces: values.replaces === undefined ? null : versionOf(values.replaces, "replaces"),
  }
  const crypto = { ...nodeCrypto, verifyMlDsa44 }
  const verified = verifyImage(read(need(values.image, "image")), trusted, board, crypto)
  if (!verified.ok) throw new VendorError(`this image does not run: ${verified.fault}`)
  const { version, digest } = verified.firmware
  return { runs: true, version: imageVersionText(version), digest: toHex(digest) }
}

function show(values: Values): unknown {
  const bytes = read(need(values.image, "image"))
  const decoded = decodeImage(bytes)
  if (!decoded.ok) throw new VendorError(`this is no image: ${decoded.fault}`)
  const { version, payload, tlvs, protectedTlvs, signed_size } = decoded.image
  const claims = decodeClaims(protectedTlvs)
  return {
    sha256: toHex(nodeCrypto.sha256(bytes)),
    digest: toHex(nodeCrypto.sha256(bytes.subarray(0, signed_size))),
    version: imageVersionText(version),
    payload_size: payload.length,
    model: claims?.model ?? null,
    revisions: claims === null ? null : [claims.revision_min, claims.revision_max],
    from: claims === null ? null : imageVersionText(claims.version_min),
    counter: claims?.counter ?? null,
    hybrid: claims?.mlDsaKeyHash != null,
    tlvs: tlvs.map(({ type, value }) => ({ type: `0x${type.toString(16)}`, size: value.length })),
  }
}

const COMMANDS: Readonly<Record<string, (values: Values) => unknown>> = {
  keygen,
  trust,
  build,
  release,
  sign,
  verify,
  show,
}

try {
  const { values, positionals } = parseCall(process.argv.slice(2))
  const [word, extra] = positionals
  const command = word === undefined ? undefined : COMMANDS[word]
  if (values.help === true) console.log(HELP)
  else if (command === undefined || extra !== undefined) throw new VendorError(HELP)
  else console.log(JSON.stringify(await command(values)))
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}
