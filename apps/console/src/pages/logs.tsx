/** Logs: what this browser verified by itself, when, against which key; and doing all of it again from the first entry. */
import { toHex } from "@holdfast/base/text"
import { formatVkey, LogFollower } from "./verify-log.ts"
import type { LogHead } from "@holdfast/contract"
import { useEffect, useState } from "react"
import { useAuthority, useDesk, useSiteState } from "../app/desk.ts"
import { Age } from "../parts/age.tsx"
import { Short } from "../parts/short.tsx"
import { verifierOfLog } from "./verify-log.ts"
import { webCrypto } from "@holdfast/port-web"

export function LogsPage() {
  const desk = useDesk()
  const state = useSiteState()
  const authority = useAuthority()
  const [logs, setLogs] = useState<readonly LogHead[]>([])
  useEffect(() => {
    let gone = false
    void desk.client.ask("logs", {}, { token: desk.session.token }).then((answered) => {
      if (!gone && answered.ok) setLogs(answered.answer.logs)
    })
    return () => {
      gone = true
    }
  }, [desk])
  return (
    <>
      <div className="page-head">
        <div>
          <h1>Logs</h1>
          <p>Nothing here is taken from the server's word: every hash is computed in this browser.</p>
        </div>
      </div>
      {authority.is === "broken" && (
        <div className="notice alarm" role="alert">
          <strong>The authority log does not verify: {authority.fault}</strong>
          <span>What was proved before is still shown. Do not sign anything until this is understood.</span>
        </div>
      )}
      {authority.is === "verified" && (
        <section className="panel stack" aria-label="Authority log">
          <h2>Authority log</h2>
          <dl className="facts">
            <dt>Verified</dt>
            <dd>
              <Age of_ms={authority.verifiedAt_ms} long />, {authority.checkpoint.size} entries
            </dd>
            <dt>Origin</dt>
            <dd>
              <code>{authority.checkpoint.origin}</code>
            </dd>
            <dt>Root</dt>
            <dd>
              <Short value={toHex(authority.checkpoint.root)} what="root" />
            </dd>
            <dt>Log key</dt>
            <dd>
              <Short value={toHex(desk.site.root.logKey)} what="log key" />
            </dd>
            <dt>Holds</dt>
            <dd>
              {state?.people.size} people, {state?.credentials.size} credentials, {state?.groups.size} groups,{" "}
              {state?.doors.size} doors
            </dd>
          </dl>
        </section>
      )}
      <section className="panel stack" aria-label="All logs">
        <h2>Verify from the first entry</h2>
        <ul className="stack">
          {logs.map((log) => (
            <li key={log.origin}>
              <OneLog log={log} />
            </li>
          ))}
        </ul>
        <p className="muted">
          The command <code>npm run audit</code> does the same and more, offline, without trusting this page.
        </p>
      </section>
    </>
  )
}

type Checked =
  | { readonly is: "not yet" }
  | { readonly is: "working"; readonly since_ms: number }
  | { readonly is: "holds"; readonly size: number; readonly took_ms: number; readonly at_ms: number }
  | { readonly is: "differs"; readonly fault: string }

function OneLog({ log }: { log: LogHead }) {
  const desk = useDesk()
  const [checked, setChecked] = useState<Checked>({ is: "not yet" })
  const verifier = verifierOfLog(desk.site, log.class, log.period)
  const verify = async (): Promise<void> => {
    const begun_ms = Date.now()
    setChecked({ is: "working", since_ms: begun_ms })
    const follower = new LogFollower(webCrypto, verifier.name, verifier, desk.read(log.class, log.period))
    const followed = await follower.advance()
    if (!followed.ok) return setChecked({ is: "differs", fault: followed.fault })
    const now_ms = Date.now()
    setChecked({ is: "holds", size: followed.checkpoint.size, took_ms: now_ms - begun_ms, at_ms: now_ms })
  }
  return (
    <div className="stack tight">
      <div className="row apart">
        <strong>
          {log.class}, {log.period}
        </strong>
        <button type="button" className="button" disabled={checked.is === "working"} onClick={() => void verify()}>
          Verify the whole log
        </button>
      </div>
      <p role="status">
        {checked.is === "not yet" && <span className="muted">{log.size} entries, says the server</span>}
        {checked.is === "working" && "Reading every entry…"}
        {checked.is === "holds" && (
          <span className="word secure">
            {checked.size} entries verified in {(checked.took_ms / 1000).toFixed(1)} s
          </span>
        )}
        {checked.is === "differs" && <span className="word alarm">{checked.fault}</span>}
      </p>
      <code className="muted whole">{formatVkey(verifier)}</code>
    </div>
  )
}
