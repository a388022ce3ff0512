/**
 * Giving somebody a card, a PIN, a phone or offline PINs. The keeper makes the secrets; each is sealed to the card, or to this
 * page to be shown or kept once. A phone made its own key, and only its public half comes here.
 */
import { SALT_SIZE, uidCommitment } from "@holdfast/access/author"
import { equalBytes, type PersonId } from "@holdfast/base"
import { decodeCoseKey, type PublicKey } from "@holdfast/base/cose"
import { fromBase64, fromHex } from "@holdfast/base/text"
import { randomBytes, webCrypto } from "@holdfast/port-web"
import { useState } from "react"
import { useDesk, useDraftedState, useNames } from "../app/desk.ts"
import { newRecipient } from "../data/issue.ts"
import { Field } from "../parts/field.tsx"
import { type Option, Options } from "../parts/options.tsx"
import { DraftAsk } from "./draft-ask.tsx"
import { newId, useDrafting } from "./drafting.ts"

type What = "card" | "pin" | "phone" | "offline"

/** Puts one kind of credential into the tray; a sentence when that cannot be, null when it is done. */
function useAdding(person: PersonId): (what: What, key: string) => Promise<string | null> {
  const desk = useDesk()
  const state = useDraftedState()
  const name = useNames()
  const draft = useDrafting()
  const full = "The tray is full."
  const addPin = async (): Promise<string | null> => {
    const recipient = await newRecipient()
    const credential = newId<"CredentialId">()
    const commitment = new Uint8Array(32)
    const change = { kind: "credential add", credential, person, what: "pin", commitment, recipient } as const
    const says = "A PIN is in the tray; it is shown once you have signed."
    return draft([{ change, issue: { to: "this page" } }], says) ? null : full
  }
  const addCard = async (): Promise<string | null> => {
    const made = await desk.world?.newCard(`${name(person)}'s card`)
    if (made === undefined || !made.ok) return made?.detail ?? "There is no encoder."
    const uid = fromHex(made.answer.uid)
    const recipient = fromBase64(made.answer.encoder_key)
    if (uid === null || recipient === null) return "The encoder's answer was not understood."
    const credential = newId<"CredentialId">()
    const salt = randomBytes(SALT_SIZE)
    const commitment = uidCommitment(salt, uid, webCrypto)
    const change = { kind: "credential add", credential, person, what: "card", commitment, recipient } as const
    const opening = { object: credential, salt, value: uid }
    const issue = { to: "card", card: made.answer.card } as const
    const says = "A card is in the tray; it is written once you have signed."
    return draft([{ change, opening, issue }], says) ? null : full
  }
  const isKnown = (key: PublicKey): boolean =>
    [...(state?.credentials.values() ?? [])].some((each) => each.what === "phone" && equalBytes(each.key, key))
  const addPhone = async (typed: string): Promise<string | null> => {
    const made = typed.trim() === "" ? await desk.world?.newPhone(`${name(person)}'s phone`) : undefined
    if (made?.ok === false) return made.detail
    const bytes = fromBase64(made?.ok === true ? made.answer.key : typed.trim())
    const key = bytes === null ? null : decodeCoseKey(bytes)
    if (key === null) return "That is no phone's key. Copy what the phone shows, all of it."
    if (isKnown(key)) return "This phone is somebody's already; a key stands for one person."
    const change = { kind: "credential add", credential: newId<"CredentialId">(), person, what: "phone", key } as const
    return draft([{ change }], "A phone is in the tray; it opens once you have signed.") ? null : full
  }
  const addOffline = async (): Promise<string | null> => {
    const recipient = await newRecipient()
    const [credential, other] = [newId<"CredentialId">(), newId<"CredentialId">()]
    const owner = { kind: "credential add", credential, person, what: "owner half", recipient } as const
    const site = { kind: "credential add", credential: other, person, what: "site half" } as const
    const drafts = [{ change: owner, issue: { to: "this page" } } as const, { change: site }]
    return draft(drafts, "Offline PINs are in the tray; this browser can make codes once you have signed.")
      ? null
      : full
  }
  return (what, key) => {
    if (what === "pin") return addPin()
    if (what === "card") return addCard()
    return what === "phone" ? addPhone(key) : addOffline()
  }
}

export function AddCredential({ person, onClose }: { person: PersonId; onClose: () => void }) {
  const desk = useDesk()
  const state = useDraftedState()
  const name = useNames()
  const add = useAdding(person)
  const [what, setWhat] = useState<What>(desk.world === null ? "pin" : "card")
  const [key, setKey] = useState("")
  const [fault, setFault] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const held = [...(state?.people.get(person)?.credentials ?? [])].map((id) => state?.credentials.get(id)?.what)
  const hasHalves = held.includes("site half")
  const save = async (): Promise<void> => {
    if (what === "phone" && desk.world === null && key.trim() === "") return setFault("Copy what the phone shows.")
    setBusy(true)
    const why = await add(what, key).catch(() => "The browser could not make a key for this.")
    setBusy(false)
    if (why === null) onClose()
    else setFault(why)
  }
  return (
    <DraftAsk title={`A credential for ${name(person)}`} busy={busy} onDraft={() => void save()} onClose={onClose}>
      <Options legend="Kind" value={what} options={kindsOf(desk.world !== null, hasHalves)} onChange={setWhat} />
      {what === "phone" && (
        <Field
          label="The phone's key"
          hint={
            desk.world === null
              ? "Base64, as the phone shows it when it is enrolled."
              : "Base64, as the phone shows it; left empty, a new virtual phone is taken from the shop."
          }
          fault={fault}
        >
          {(field) => (
            <textarea
              {...field}
              className="mono"
              rows={3}
              spellCheck={false}
              value={key}
              onChange={(event) => setKey(event.target.value)}
            />
          )}
        </Field>
      )}
      {fault !== null && what !== "phone" && <p role="alert">{fault}</p>}
    </DraftAsk>
  )
}

function kindsOf(hasEncoder: boolean, hasHalves: boolean): readonly Option<What>[] {
  const card = hasEncoder
    ? "A blank card is taken from the encoder and written when you sign."
    : "Needs a card encoder; this site has none connected."
  const pin = "Six digits that the keeper chooses, unlike any other here, and a code for duress. Both are shown once."
  const phone = "It made its own key and keeps it; you enter the public half."
  const offline = hasHalves
    ? "This person has them already. Take both halves away first."
    : "Codes that a door opens to though it never heard of them. One half stays in this browser, the other with the site; neither makes a code alone, and each code is asked for in the log."
  return [
    { word: "card", title: "Card", says: card, isOffered: hasEncoder },
    { word: "pin", title: "PIN", says: pin },
    { word: "phone", title: "Phone", says: phone },
    { word: "offline", title: "Offline PINs", says: offline, isOffered: !hasHalves },
  ]
}
