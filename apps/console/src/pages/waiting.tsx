/** Screens for when there is nothing to show yet, or nothing that may be shown. */
import { forgetSite, type SiteFault } from "../data/site.ts"
import { Mark } from "../parts/icons.tsx"
import type { ReactNode } from "react"

export function Alone({ children }: { children: ReactNode }) {
  return (
    <main className="alone">
      <section>
        <div className="brand">
          <Mark />
          Holdfast
        </div>
        {children}
      </section>
    </main>
  )
}

export function Waiting({ what, onLeave }: { what: string; onLeave?: () => void }) {
  return (
    <Alone>
      <div role="status">
        <h1>{what}…</h1>
      </div>
      {onLeave !== undefined && (
        <div>
          <button type="button" className="button" onClick={onLeave}>
            Sign out
          </button>
        </div>
      )}
    </Alone>
  )
}

const SAYS: Readonly<Record<SiteFault, string>> = {
  "front not reachable":
    "This page cannot reach its own server. Check that Holdfast is running, then load the page again.",
  "answer not understood":
    "The server at this address did not say which site it is. It may be another version of Holdfast.",
  "root does not verify":
    "The site's deed does not verify, so nothing this server says can be checked. Do not sign in; tell whoever runs it.",
  "another site than before":
    "This address showed another site on your last visit. If Holdfast was founded anew here, you can go on; otherwise do not sign in.",
}

export function SiteFaultPage({ fault }: { fault: SiteFault }) {
  return (
    <Alone>
      <h1>This site cannot be shown</h1>
      <p role="alert">{SAYS[fault]}</p>
      {fault === "another site than before" && (
        <button
          type="button"
          className="button"
          onClick={() => {
            forgetSite()
            location.reload()
          }}
        >
          I know why; follow the new site
        </button>
      )}
    </Alone>
  )
}
