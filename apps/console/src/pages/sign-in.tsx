/** Signing in: the person's own key lets a key of this sitting read, and state what narrows. */
import type { Client } from "@holdfast/contract"
import { PasskeyError } from "@holdfast/port-web"
import { useState } from "react"
import type { Identity } from "../data/identity.ts"
import { type Session, signIn } from "../data/session.ts"
import { KeyGoneError } from "../data/signing.ts"
import type { Site } from "../data/site.ts"
import { Alone } from "./waiting.tsx"

type SignInProps = {
  readonly site: Site
  readonly client: Client
  readonly identity: Identity | null
  readonly onSignedIn: (session: Session) => void
}

/** One line for whatever went wrong, with what to do next. */
export function signingFault(error: unknown): string {
  if (error instanceof PasskeyError || error instanceof KeyGoneError) return error.message
  return "The browser could not sign. Load the page again; if it stays so, ask for a new link."
}

export function SignInPage({ site, client, identity, onSignedIn }: SignInProps) {
  const [busy, setBusy] = useState(false)
  const [fault, setFault] = useState<string | null>(null)
  const enter = async (known: Identity): Promise<void> => {
    setBusy(true)
    setFault(null)
    try {
      const answer = await signIn(site, client, known)
      if (answer.ok) return onSignedIn(answer.session)
      setFault(answer.because.detail ?? `Signing in was refused: ${answer.because.fault.replaceAll("-", " ")}.`)
    } catch (error) {
      setFault(signingFault(error))
    }
    setBusy(false)
  }
  if (identity === null)
    return (
      <Alone>
        <h1>This browser has no key here</h1>
        <p>
          Whoever runs the site gives you a link: the first one stands in the terminal where Holdfast was started, and{" "}
          <code>npm run invite</code> prints another. Open it in this browser.
        </p>
      </Alone>
    )
  const software = identity.key.kind === "software"
  return (
    <Alone>
      <h1>Sign in</h1>
      <p>
        For up to 8 hours this page may read, and take rights away. Giving rights asks for your{" "}
        {software ? "key" : "passkey"} each time.
      </p>
      {fault !== null && (
        <p className="notice open" role="alert">
          {fault}
        </p>
      )}
      <div className="row">
        <button type="button" className="button primary" disabled={busy} onClick={() => void enter(identity)}>
          {software ? "Sign in with the key in this browser" : "Sign in with your passkey"}
        </button>
        {software && <span className="tag open">software key</span>}
      </div>
    </Alone>
  )
}
