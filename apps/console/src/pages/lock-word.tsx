/**
 * What the lock says of itself, signed: its mode and when that ends, its guard, its power, its bolt, its board. Each line has
 * its age and its seal.
 */
import type { Door } from "@holdfast/contract"
import type { LockState } from "@holdfast/lock"
import { useDesk, useSiteState } from "../app/desk.ts"
import { LoadChart } from "../parts/load-chart.tsx"
import { Age, Until } from "../parts/age.tsx"
import { Seal } from "../parts/seal.tsx"
import { NarrowedBy } from "./narrowed.tsx"
import { energySaid, SAID_GROUPS, type Said, saidBy } from "../words/beat.ts"

export function LockWord({ door }: { door: Door }) {
  const desk = useDesk()
  const state = useSiteState()
  const signed = desk.beats.stateOf(state, door)
  if (door.beat === null) return null
  if (signed === null)
    return (
      <p role="alert">
        A state came that the paired lock did not sign. Nothing of it is believed, and none of it is shown.
      </p>
    )
  const heardAt_ms = door.beat.heard_at_ms
  const lines = saidBy(signed, heardAt_ms)
  return (
    <div className="stack lock-word" role="group" aria-label="What the lock says">
      {SAID_GROUPS.map((group) => {
        const own = lines.filter(({ under }) => under === group)
        if (own.length === 0) return null
        return (
          <div key={group} className="stack tight said">
            <h3 className="caption">{group}</h3>
            <SaidLines lines={own} heardAt_ms={heardAt_ms} />
            {group === "Defence" && <Narrowed signed={signed} />}
            {group === "Power" && <Battery signed={signed} />}
            {group === "Power" && <Energy signed={signed} heardAt_ms={heardAt_ms} />}
            {group === "Bolt and motor" && <LoadChart loads={desk.beats.loadsOf(door.door)} />}
          </div>
        )
      })}
    </div>
  )
}

function SaidLines({ lines, heardAt_ms }: { lines: readonly Said[]; heardAt_ms: number }) {
  return (
    <dl className="facts evidence">
      {lines.map(({ what, is, tone, until_ms }) => (
        <div key={`${what} ${is}`}>
          <dt>{what}</dt>
          <dd className="row">
            <span className={tone === "plain" ? undefined : `word ${tone}`}>{is}</span>
            {until_ms !== null && (
              <span>
                ends <Until at_ms={until_ms} />
              </span>
            )}
            <Age of_ms={heardAt_ms} />
            <Seal kind="signed" />
          </dd>
        </div>
      ))}
    </dl>
  )
}

function Narrowed({ signed }: { signed: LockState }) {
  const { narrowed } = signed.defence
  if (narrowed === null) return null
  return (
    <dl className="facts evidence">
      <div>
        <dt>Narrowed</dt>
        <dd>
          <NarrowedBy narrowed={narrowed} />
        </dd>
      </div>
    </dl>
  )
}

function Battery({ signed }: { signed: LockState }) {
  const { battery } = signed.health
  if (battery === null) return null
  return (
    <meter className="battery" aria-label="What the battery likely holds" min={0} max={100} value={battery.percent} />
  )
}

function Energy({ signed, heardAt_ms }: { signed: LockState; heardAt_ms: number }) {
  const energy = energySaid(signed)
  if (energy.length === 0) return null
  const most = Math.max(...energy.map(([, joules]) => joules))
  return (
    <table className="bars" aria-label="Where its energy went">
      <caption>
        Energy by feature <Age of_ms={heardAt_ms} />
      </caption>
      <tbody>
        {energy.map(([feature, joules]) => (
          <tr key={feature}>
            <th scope="row">{feature}</th>
            <td className="bar" aria-hidden="true">
              <meter min={0} max={most} value={joules} />
            </td>
            <td className="number">{joules.toLocaleString("en")} J</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
