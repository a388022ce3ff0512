/** Giving somebody a card or a PIN. The keeper makes the secret; it is sealed to the card, or to this page to be shown once. */
import { SALT_SIZE, uidCommitment } from "@holdfast/access/author"
import { fromBase64, fromHex, type PersonId } from "@holdfast/base"
import { randomBytes, webCrypto } from "@holdfast/port-web"
import { useState } from "react"
import { useDesk, useNames } from "../app/desk.ts"
import { pinRecipient } from "../data/issue.ts"
import { Ask } from "../parts/overlay.tsx"
import { newId, useDrafting } from "./drafting.ts"

export function AddCredential({ person, onClose }: { person: PersonId; onClose: () => void }) {
  const desk = useDesk()
  const name = useNames()
  const draft = useDrafting()
  const [what, setWhat] = useState<"card" | "pin">(desk.world === null ? "pin" : "card")
  const [fault, setFault] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const addPin = async (): Promise<void> => {
    const credential = newId<"CredentialId">()
    const change = {
      kind: "credential add",
      credential,
      person,
      what: "pin",
      commitment: new Uint8Array(32),
      recipient: await pinRecipient(credential),
    } as const
    if (draft([{ change, issue: { to: "this page" } }], "A PIN is in the tray; it is shown once you have signed."))
      onClose()
  }
  const addCard = async (): Promise<void> => {
    const made = await desk.world?.newCard(`${name(person)}'s card`)
    if (made === undefined || !made.ok) return setFault(made?.detail ?? "There is no encoder.")
    const uid = fromHex(made.answer.uid)
    const recipient = fromBase64(made.answer.encoder_key)
    if (uid === null || recipient === null) return setFault("The encoder's answer was not understood.")
    const credential = newId<"CredentialId">()
    const salt = randomBytes(SALT_SIZE)
    const commitment = uidCommitment(salt, uid, webCrypto)
    const change = { kind: "credential add", credential, person, what: "card", commitment, recipient } as const
    const opening = { object: credential, salt, value: uid }
    const issue = { to: "card", card: made.answer.card } as const
    if (draft([{ change, opening, issue }], "A card is in the tray; it is written once you have signed.")) onClose()
  }
  const add = async (): Promise<void> => {
    setBusy(true)
    await (what === "pin" ? addPin() : addCard()).catch(() => setFault("The browser could not make a key for this."))
    setBusy(false)
  }
  return (
    <Ask title={`A credential for ${name(person)}`} onClose={onClose}>
      <fieldset className="stack tight">
        <legend className="hidden">Kind</legend>
        <label className="check">
          <input
            type="radio"
            name="what"
            checked={what === "card"}
            disabled={desk.world === null}
            onChange={() => setWhat("card")}
          />
          <span>
            Card
            <br />
            <small className="muted">
              {desk.world === null
                ? "Needs a card encoder; this site has none connected."
                : "A blank card is taken from the encoder and written when you sign."}
            </small>
          </span>
        </label>
        <label className="check">
          <input type="radio" name="what" checked={what === "pin"} onChange={() => setWhat("pin")} />
          <span>
            PIN
            <br />
            <small className="muted">
              Six digits that the keeper chooses, unlike any other here, and a code for duress. Both are shown once.
            </small>
          </span>
        </label>
      </fieldset>
      {fault !== null && <p role="alert">{fault}</p>}
      <div className="row">
        <button type="button" className="button primary" disabled={busy} onClick={() => void add()}>
          Put into the tray
        </button>
        <button type="button" className="button quiet" onClick={onClose}>
          Cancel
        </button>
      </div>
    </Ask>
  )
}
