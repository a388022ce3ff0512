/**
 * The first link: a person gets a key, the founding key delegates to it, and the founding key is offered once as a file.
 *
 * The link's token stands behind the #, which no server ever sees; it leaves the address bar at once.
 */
import { parseId } from "@holdfast/base"
import { encodeCoseKey, type PublicKey } from "@holdfast/base/cose"
import { toBase64 } from "@holdfast/base/text"
import { encodeOpening } from "@holdfast/access/author"
import {
  createPasskey,
  forgetKey,
  hpkeInfo,
  newSigningKey,
  passkeysAvailable,
  randomBytes,
  sealTo,
} from "@holdfast/port-web"
import { useState } from "react"
import { type Identity, keepIdentity, personKeyName, readStatementIdText } from "../data/identity.ts"
import type { Site } from "../data/site.ts"
import { Field } from "../parts/field.tsx"
import { newId, sealedLabel } from "./drafting.ts"
import { saveFile } from "./save-file.ts"
import { signingFault } from "./sign-in.tsx"
import { Alone } from "./waiting.tsx"

type MadeKey = { readonly publicKey: PublicKey; readonly credentialId: Uint8Array | null; readonly backupFlags: number }
type Recovery = { readonly file_name: string; readonly text: string }
type Claimed = { readonly identity: Identity; readonly recovery: Recovery | null }

const RELYING_NAME = "Holdfast"
const KIND_PASSKEY = 1
const KIND_SOFTWARE = 2

async function makeKey(site: Site, kind: "passkey" | "software", name: string): Promise<MadeKey> {
  if (kind === "software") {
    const key = await newSigningKey(personKeyName(site.id))
    return { publicKey: key.publicKey, credentialId: null, backupFlags: 0 }
  }
  const passkey = await createPasskey({ id: site.root.rpId, name: RELYING_NAME }, randomBytes(16), name)
  return { publicKey: passkey.publicKey, credentialId: passkey.credentialId, backupFlags: passkey.backupFlags }
}

/** The link was used, has expired, or the keeper refused the key. */
class ClaimRefusedError extends Error {
  override readonly name = "ClaimRefusedError"
}

function readRecovery(value: unknown): Recovery | null {
  if (typeof value !== "object" || value === null) return null
  const { file_name, text } = value as { file_name?: unknown; text?: unknown }
  return typeof file_name === "string" && typeof text === "string" ? { file_name, text } : null
}

function textIn(value: unknown): string | null {
  return typeof value === "string" ? value : null
}

async function claim(site: Site, token: string, name: string, key: MadeKey): Promise<Claimed> {
  const person = newId<"PersonId">()
  const { commitment, opening } = sealedLabel(person, name)
  const plain = encodeOpening({ salt: opening.salt, value: opening.value })
  const attachment = await sealTo(site.root.keeperHpke, hpkeInfo("attachment", site.id), plain)
  const body = {
    token,
    person,
    commitment: toBase64(commitment),
    attachment: attachment === null ? null : toBase64(attachment),
    key: toBase64(encodeCoseKey(key.publicKey)),
    key_kind: key.credentialId === null ? KIND_SOFTWARE : KIND_PASSKEY,
    credential_id: key.credentialId === null ? null : toBase64(key.credentialId),
    backup_flags: key.backupFlags,
  }
  const headers = { "content-type": "application/json" }
  const response = await fetch("/claim", { method: "POST", headers, body: JSON.stringify(body) }).catch(() => null)
  const answer = (await response?.json().catch(() => null)) as Record<string, unknown> | null | undefined
  if (response?.ok !== true)
    throw new ClaimRefusedError(textIn(answer?.["detail"]) ?? textIn(answer?.["title"]) ?? "The front does not answer.")
  const given = parseId<"PersonId">(textIn(answer?.["person"]) ?? "")
  const delegation = readStatementIdText(answer?.["delegation"])
  if (given === null || delegation === null) throw new ClaimRefusedError("The front's answer was not understood.")
  const held =
    key.credentialId === null
      ? ({ kind: "software" } as const)
      : ({ kind: "passkey", credentialId: key.credentialId } as const)
  const identity = { person: given, delegation, publicKey: key.publicKey, key: held }
  return { identity, recovery: readRecovery(answer?.["recovery"]) }
}

/** The token behind the #, taken out of the address bar so that it stays in no history. */
function takeToken(): string | null {
  const token = location.hash.slice(1)
  if (token !== "") history.replaceState(null, "", location.pathname)
  return token === "" ? null : token
}

export function ClaimPage({ site }: { site: Site }) {
  const [token] = useState(takeToken)
  const [name, setName] = useState("")
  const [busy, setBusy] = useState(false)
  const [fault, setFault] = useState<string | null>(null)
  const [isNameMissing, setNameMissing] = useState(false)
  const [claimed, setClaimed] = useState<Claimed | null>(null)
  if (claimed !== null) return <RecoveryStep claimed={claimed} />
  if (token === null)
    return (
      <Alone>
        <h1>This link has no token</h1>
        <p>
          Open the whole link as it was printed, with everything behind the #. <code>npm run invite</code> prints a new
          one.
        </p>
      </Alone>
    )
  const begin = async (kind: "passkey" | "software"): Promise<void> => {
    const text = name.trim().normalize("NFC")
    setFault(null)
    setNameMissing(text === "")
    if (text === "") return
    setBusy(true)
    try {
      const key = await makeKey(site, kind, text)
      const done = await claim(site, token, text, key)
      keepIdentity(site.id, done.identity)
      setClaimed(done)
    } catch (error) {
      if (kind === "software") await forgetKey(personKeyName(site.id)).catch(() => undefined)
      setFault(error instanceof ClaimRefusedError ? error.message : signingFault(error))
    }
    setBusy(false)
  }
  return (
    <Alone>
      <h1>Take charge of this site</h1>
      <ol className="plain">
        <li>You get a key of your own. There is no password.</li>
        <li>The founding key lets your key administer this site, and says so in the authority log.</li>
        <li>Whoever is the first gets the founding key as a file, once. Then this machine forgets it.</li>
      </ol>
      <Field
        label="Your name"
        hint="Sealed: it never stands in the log."
        fault={isNameMissing ? "Write your name first." : null}
      >
        {(field) => (
          <input
            {...field}
            type="text"
            autoComplete="name"
            maxLength={200}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        )}
      </Field>
      {fault !== null && (
        <p className="notice open" role="alert">
          {fault}
        </p>
      )}
      <div className="row">
        <button
          type="button"
          className="button primary"
          disabled={busy || !passkeysAvailable()}
          onClick={() => void begin("passkey")}
        >
          Create a passkey
        </button>
        <button type="button" className="button" disabled={busy} onClick={() => void begin("software")}>
          Use a key in this browser
        </button>
      </div>
      <p className="muted">
        {passkeysAvailable()
          ? "A passkey stays in your phone, your security key or this computer's chip. A key in this browser is shown everywhere as a software key."
          : "Passkeys need localhost or a DNS name with a trusted certificate; this address has neither."}
      </p>
      <p className="muted">
        Site fingerprint <code>{site.id.replace(/(.{4})(?=.)/g, "$1 ")}</code>
      </p>
    </Alone>
  )
}

/** The founding key is offered once; going on without it has to be said. */
function RecoveryStep({ claimed }: { claimed: Claimed }) {
  const [kept, setKept] = useState(false)
  const { recovery, identity } = claimed
  return (
    <Alone>
      <h1>{recovery === null ? "Your key is ready" : "Keep the founding key"}</h1>
      {recovery !== null && (
        <>
          <p>
            This file is the only copy of the founding key. It brings the site back when every administrator's key is
            lost. Keep it offline, where you keep deeds.
          </p>
          <div>
            <button
              type="button"
              className="button primary"
              onClick={() => {
                saveFile(recovery.file_name, new Blob([recovery.text], { type: "text/plain" }))
              }}
            >
              Download {recovery.file_name}
            </button>
          </div>
          <label className="check">
            <input type="checkbox" checked={kept} onChange={(event) => setKept(event.target.checked)} />I have the file
            in a safe place
          </label>
        </>
      )}
      {identity.key.kind === "software" && (
        <p>
          <span className="tag open">software key</span> Your key lives in this browser only.
        </p>
      )}
      <div>
        <button
          type="button"
          className="button"
          disabled={recovery !== null && !kept}
          onClick={() => location.assign("/")}
        >
          Go on and sign in
        </button>
      </div>
    </Alone>
  )
}
