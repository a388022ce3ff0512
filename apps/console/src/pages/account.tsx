/** Account: whose key works here, how long the sitting lasts, how the console looks, and leaving. */
import { useState } from "react"
import { useDesk, useNames } from "../app/desk.ts"
import { chooseTheme, chosenTheme, type Theme } from "../app/theme.ts"
import { Until } from "../parts/age.tsx"
import { Receivers } from "./receivers.tsx"
import { Short } from "../parts/short.tsx"
import { toHex } from "@holdfast/base/text"
import { statementIdBytes } from "@holdfast/access/door"
import { Link } from "wouter"

const THEMES: readonly Theme[] = ["system", "light", "dark"]

export function AccountPage() {
  const desk = useDesk()
  const name = useNames()
  const [theme, setTheme] = useState(chosenTheme)
  const { identity, session, site } = desk
  const software = identity.key.kind === "software"
  return (
    <>
      <div className="page-head">
        <h1>Account</h1>
        <button type="button" className="button" onClick={desk.leave}>
          Sign out
        </button>
      </div>
      <section className="panel stack" aria-label="You">
        <dl className="facts">
          <dt>You are</dt>
          <dd>{name(identity.person)}</dd>
          <dt>Your key</dt>
          <dd>
            {software ? <span className="tag open">software key</span> : <span className="tag brass">passkey</span>}{" "}
            {software
              ? "It lives in this browser only and cannot be carried away. Whoever can use this browser can use it."
              : "It lives in your authenticator and asks for you each time."}
          </dd>
          <dt>Public key</dt>
          <dd>
            <Short value={toHex(identity.publicKey)} what="public key" />
          </dd>
          <dt>Delegation</dt>
          <dd>
            <Short value={toHex(statementIdBytes(identity.delegation))} what="delegation" />
          </dd>
          <dt>This sitting</dt>
          <dd>
            ends <Until at_ms={session.expiresAt_ms} />; until then this page may read, and take rights away
          </dd>
          <dt>Site</dt>
          <dd>
            <Short value={site.id} what="site" />
          </dd>
          <dt>Keeper</dt>
          <dd>
            {site.keeperIsolated === true
              ? "isolated: the server cannot read its keys"
              : "not isolated: it runs under the same user as the server, so whoever takes over that user has both"}
          </dd>
        </dl>
      </section>
      <Receivers />
      <fieldset className="panel stack">
        <legend className="hidden">Look</legend>
        <h2>Look</h2>
        <div className="row">
          {THEMES.map((each) => (
            <label key={each} className="check">
              <input
                type="radio"
                name="theme"
                checked={theme === each}
                onChange={() => {
                  chooseTheme(each)
                  setTheme(each)
                }}
              />
              {each === "system" ? "As the system" : each === "light" ? "Light" : "Dark"}
            </label>
          ))}
        </div>
      </fieldset>
      <nav className="only-phone panel" aria-label="More pages">
        <ul className="lines">
          <li>
            <Link href="/groups">Groups & schedules</Link>
          </li>
          <li>
            <Link href="/heat">Heat map</Link>
          </li>
          <li>
            <Link href="/logs">Logs</Link>
          </li>
        </ul>
      </nav>
    </>
  )
}
