/** How a door is configured, by the proved log: what it wants now, its times, and whatever it does beyond the plainest door. */
import { type Door, doorDifference, type State } from "@holdfast/access"
import type { DoorId } from "@holdfast/base"
import { useMemo } from "react"
import { useNames } from "../app/desk.ts"
import { useNow } from "../data/clock.ts"
import { wantedFrom } from "../data/wants.ts"
import { factorsWords, modesWords, rulesWords } from "../words/sentences.ts"

type ConfigurationProps = { readonly id: DoorId; readonly door: Door; readonly state: State }

export function DoorConfiguration({ id, door, state }: ConfigurationProps) {
  const name = useNames()
  const { config } = door
  const beyond = doorDifference(null, config, {
    hours: (schedule) => rulesWords(state.schedules.get(schedule)?.rules ?? []),
    person: name,
    door: name,
  })
  return (
    <section className="panel stack" aria-label="Configuration">
      <h2>Configuration</h2>
      <dl className="facts">
        <dt>Wants now</dt>
        <dd>
          <WantsNow id={id} state={state} />
        </dd>
        <dt>Opens with</dt>
        <dd>{modesWords(config, state)}</dd>
        <dt>Grade</dt>
        <dd>
          {config.grade}, zone application {config.zoneApplication}
        </dd>
        <dt>Unlock time</dt>
        <dd>
          {config.unlock_ms / 1000} s; held open after {config.heldOpen_ms / 1000} s
        </dd>
        <dt>Without power</dt>
        <dd>fail-{config.failMode}; free egress either way</dd>
        <dt>Lease</dt>
        <dd>{Math.round(config.lease_s / 3600)} h</dd>
        <dt>Time zone</dt>
        <dd>{config.zone}</dd>
      </dl>
      {beyond.length > 0 && (
        <>
          <h3>Beyond the plainest door</h3>
          <ul className="lines">
            {beyond.map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
        </>
      )}
    </section>
  )
}

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

function WantsNow({ id, state }: { id: DoorId; state: State }) {
  const now_ms = useNow()
  const minute = Math.floor(now_ms / MINUTE_MS)
  const day = Math.floor(now_ms / DAY_MS)
  const wanted = useMemo(() => wantedFrom(state, id, day * DAY_MS), [state, id, day])
  if (wanted === null) return <span className="muted">its policy does not compile</span>
  const { factors, office } = wanted(minute * MINUTE_MS)
  return (
    <>
      {factorsWords(factors)}
      {office === "by schedule" && "; office hours: it stands unlocked"}
      {office === "after first entry" && "; office hours: it stands unlocked once somebody has come in"}
      <small className="muted"> by the verified log and this browser's clock</small>
    </>
  )
}
