/**
 * The face for what people hold to a reader: keys and files for whoever writes cards, and virtual devices for worlds and tests.
 * A lock carries nothing of it.
 */
export { cardKey } from "./card/diversify.ts"
export { encodeCardFile } from "./card/identity.ts"
export { cardAnswers, sunOf, type VirtualCard, virtualCard } from "./card/virtual-card.ts"
export { certificateBytes, makeCertificate } from "./phone/apdu.ts"
export { type PhoneHands, phoneAnswers, type VirtualPhone, virtualPhone } from "./phone/virtual-phone.ts"
