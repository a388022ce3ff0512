/**
 * Firmware: the images that locks can fetch, what each says of itself, and which doors admit it. Putting one here gives it no
 * right: a door takes an image when its configuration names the hash, by a signed statement, and the board knows its signers.
 */
import type { Image } from "@holdfast/contract"
import { type ChangeEvent, useCallback, useEffect, useState } from "react"
import { Link } from "wouter"
import { useDesk, useNames, useSiteState } from "../app/desk.ts"
import { Field } from "../parts/field.tsx"
import { Short } from "../parts/short.tsx"

const SIZE_MAX = 16 * 1024 * 1024

/** What the server keeps, or why it is not known, and a way to ask again. */
function useImages(): readonly [readonly Image[] | string | null, () => void] {
  const desk = useDesk()
  const [images, setImages] = useState<readonly Image[] | string | null>(null)
  const ask = useCallback(() => {
    void desk.client.ask("images", {}, { token: desk.session.token }).then((answered) => {
      setImages(answered.ok ? answered.answer.images : (answered.detail ?? answered.fault.replaceAll("-", " ")))
    })
  }, [desk])
  useEffect(ask, [ask])
  return [images, ask]
}

export function FirmwarePage() {
  const [images, askAgain] = useImages()
  return (
    <>
      <div className="page-head">
        <div>
          <h1>Firmware</h1>
          <p>An image here opens nothing and runs nowhere until a door's configuration names its hash.</p>
        </div>
      </div>
      <Upload onKept={askAgain} />
      {images === null && <p role="status">Reading…</p>}
      {typeof images === "string" && <p role="alert">The images could not be read: {images}.</p>}
      {images?.length === 0 && (
        <div className="empty">
          <h2>There is no image yet</h2>
          <p>
            Sign one with <code>npm run image -- sign</code>, or bring one from your vendor.
          </p>
        </div>
      )}
      {images !== null && typeof images !== "string" && images.length > 0 && <ImageTable images={images} />}
    </>
  )
}

function Upload({ onKept }: { onKept: () => void }) {
  const desk = useDesk()
  const [busy, setBusy] = useState(false)
  const [fault, setFault] = useState<string | null>(null)
  const bring = async (file: File): Promise<void> => {
    setFault(null)
    if (file.size > SIZE_MAX) return setFault("An image has at most 16 MiB; this file is larger.")
    setBusy(true)
    const body = new Uint8Array(await file.arrayBuffer())
    const answered = await desk.client.ask("uploadImage", { body }, { token: desk.session.token })
    setBusy(false)
    if (!answered.ok) return setFault(answered.detail ?? `The server did not keep it: ${answered.fault}.`)
    desk.said.set(`${answered.answer.model} ${answered.answer.version} is kept. Nothing runs it yet.`)
    onKept()
  }
  const chosen = (event: ChangeEvent<HTMLInputElement>): void => {
    const [file] = event.target.files ?? []
    event.target.value = ""
    if (file !== undefined) void bring(file).catch(() => setFault("The file could not be read."))
  }
  return (
    <section className="panel stack" aria-label="Bring an image">
      <Field
        label="Image file"
        hint="MCUboot format, at most 16 MiB. It is taken apart and held against its own hash before it is kept."
        fault={fault}
      >
        {(field) => <input {...field} type="file" disabled={busy} onChange={chosen} />}
      </Field>
      {busy && <p role="status">Sending…</p>}
    </section>
  )
}

function revisionWords([first, last]: Image["revisions"]): string {
  return first === last ? `revision ${first}` : `revisions ${first} to ${last}`
}

function ImageTable({ images }: { images: readonly Image[] }) {
  const name = useNames()
  const state = useSiteState()
  const admitting = (sha256: string) =>
    [...(state?.doors ?? [])].filter(([, { config }]) => config.firmware.includes(sha256)).map(([id]) => id)
  return (
    <table className="images" aria-label="Images">
      <thead>
        <tr>
          <th scope="col">Version</th>
          <th scope="col">For</th>
          <th scope="col">SHA-256</th>
          <th scope="col">Signed by</th>
          <th scope="col">Admitted at</th>
        </tr>
      </thead>
      <tbody>
        {images.map((image) => {
          const doors = admitting(image.sha256)
          return (
            <tr key={image.sha256}>
              <td data-head="Version">
                {image.version}
                <br />
                <small className="muted">
                  replaces {image.from} or newer, security counter {image.security_counter}
                </small>
              </td>
              <td data-head="For">
                {image.model}
                <br />
                <small className="muted">
                  {revisionWords(image.revisions)}, {Math.ceil(image.size / 1024)} KiB
                </small>
              </td>
              <td data-head="SHA-256">
                <Short value={image.sha256} what="hash of the image" />
              </td>
              <td data-head="Signed by">
                {image.signers.map((signer) => (
                  <Short key={signer} value={signer} what="hash of the signer's key" />
                ))}
                {image.second_signer !== null && <small className="muted"> and ML-DSA-44</small>}
              </td>
              <td data-head="Admitted at">
                {doors.length === 0 && <span className="muted">no door</span>}
                {doors.map((door) => (
                  <div key={door}>
                    <Link href={`/doors/${door}`}>{name(door)}</Link>
                  </div>
                ))}
              </td>
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}
