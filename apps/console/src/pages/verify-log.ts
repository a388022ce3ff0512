/** The key that must have signed a log of this site: named by the log's origin, from the site's deed. */
import type { LogClass } from "@holdfast/contract"
import { type Verifier, verifierOf } from "@holdfast/ledger"
import { webCrypto } from "@holdfast/port-web"
import type { Site } from "../data/site.ts"

export { formatVkey } from "@holdfast/ledger"
export { LogFollower } from "../data/log-follower.ts"

export function verifierOfLog(site: Site, logClass: LogClass, period: string): Verifier {
  return verifierOf(`${site.id}/${logClass}/${period}`, site.root.logKey, webCrypto)
}
