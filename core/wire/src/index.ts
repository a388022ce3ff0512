/** The face of core/wire: the links between a lock, its courier and the keeper. Payloads are opaque bytes to it. */
export { type Down, type DownDecoded, decodeDown, encodeDown } from "./down.ts"
export { decodeFrame, encodeFrame, FRAME_BYTES_MAX, type Frame, type FrameFault, FrameReader } from "./frame.ts"
export {
  type Answer,
  type Attachment,
  answerFrame,
  type Notice,
  noticeFrame,
  type Operation,
  type Request,
  readAnswer,
  readNotice,
  readRequest,
  requestFrame,
  type Submitted,
} from "./keeper.ts"
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
  type EnvelopeFault,
  encodeUp,
  MESSAGE_BYTES_MAX,
  type Up,
  type UpDecoded,
  WANTED_CHUNKS_MAX,
  WANTED_CREDENTIALS_MAX,
  type WireVersion,
} from "./up.ts"
