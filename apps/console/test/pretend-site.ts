/** The pretend building as the console knows a site once it has read the root: no server answers for it. */
import type { Building } from "../dev/building.ts"
import type { Site } from "../src/data/site.ts"

export function siteOf({ site, state, rootBytes }: Building): Site {
  return { id: site, root: state.root, rootBytes, api: "", world: null, boards: null, keeperIsolated: null }
}
