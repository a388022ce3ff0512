/** The face of the sealed store: a lock's parts and records on a flash that anybody may hold in hand. */
export { packedSize_max } from "./entry.ts"
export type { Geometry, StorageKeys } from "./page.ts"
export type { StoreSurroundings } from "./restore.ts"
export { recordRoom, SealedStore, type StoreOperation, type Wear } from "./store.ts"
