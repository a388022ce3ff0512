/** The board's library face: a lock on a virtual door, for the simulator and the replay of badge logs. */
export { type BoardOptions, VirtualBoard } from "./board.ts"
export { type Card, Cards, type CardView } from "./cards.ts"
export { FileChip, type FlashChip } from "./chip.ts"
export { type ElementKind, openAttestation, type SecureElement } from "./element.ts"
export { type Flash, FlashCut, MemoryFlash } from "./flash.ts"
export type { Act, FailMode, Hardware, Obstacle } from "./hardware.ts"
export { type BoardKeys, boardKeys, tlsPublicKey } from "./keys.ts"
export { SealedFlash, sealedFlash } from "./sealed-flash.ts"
