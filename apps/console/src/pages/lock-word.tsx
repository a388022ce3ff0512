/** What the lock says of itself, signed: its mode and when that ends, and whatever else it wants a person to know. */
import type { Door } from "@holdfast/contract"
import { useDesk, useSiteState } from "../app/desk.ts"
import { Age, Until } from "../parts/age.tsx"
import { Seal } from "../parts/seal.tsx"
import { energySaid, saidBy } from "../words/beat.ts"

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
  const energy = energySaid(signed)
  const most = Math.max(...energy.map(([, joules]) => joules))
  return (
    <>
      <dl className="facts evidence" aria-label="What the lock says">
        {saidBy(signed, heardAt_ms).map(({ what, is, tone, until_ms }) => (
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
      {energy.length > 0 && (
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
      )}
    </>
  )
}
