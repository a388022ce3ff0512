/** The face of core/wire: the links between a lock, its courier and the keeper. Payloads are opaque bytes to it. */
export { type Down, type DownDecoded, decodeDown, encodeDown } from "./down.ts"
export { type EnvelopeFault, MESSAGE_BYTES_MAX } from "./envelope.ts"
export { decodeFrame, encodeFrame, FRAME_BYTES_MAX, type Frame, type FrameFault, FrameReader } from "./frame.ts"
export { type Answer, answerFrame, readAnswer, type Submitted } from "./keeper/answer.ts"
export { type Notice, noticeFrame, readNotice } from "./keeper/notice.ts"
export type { Operation } from "./keeper/operation.ts"
export { type Attachment, type Request, readRequest, requestFrame } from "./keeper/request.ts"
export {
  downTopic,
  lockName,
  parseLockName,
  parseTopic,
  type Rights,
  rightsOf,
  type Topic,
  UP_WORDS,
  type UpWord,
  upFilter,
  upTopic,
} from "./topic.ts"
export {
  decodeUp,
  encodeUp,
  type Up,
  type UpDecoded,
  WANTED_CHUNKS_MAX,
  WANTED_CREDENTIALS_MAX,
  type WireVersion,
} from "./up.ts"
