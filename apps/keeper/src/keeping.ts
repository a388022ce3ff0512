/** What the keeper's parts share once the site is open: one record, put together in one place, handed to each. */
import type { SiteId } from "@holdfast/base"
import type { Clock } from "./clock.ts"
import type { KeeperKeys } from "./keys.ts"
import type { KeeperPorts } from "./ports.ts"
import type { Vault } from "./sealed/vault.ts"

export type Keeping = {
  readonly ports: KeeperPorts
  readonly keys: KeeperKeys
  readonly site: SiteId
  readonly vault: Vault
  readonly clock: Clock
}
