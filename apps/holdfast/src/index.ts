/** The library face of `npm start`: founding a building, for the replay of badge logs. */
export { credentialDraft, labelled } from "./example/changes.ts"
export { DirectoryError, FORMAT, openDirectory, type Page, readPage, writePage } from "./directory.ts"
export { type Draft, Founder, FoundingError, signDeed } from "./founder.ts"
export { issueLockCertificate, issueServerCertificate, makeAuthority } from "./identities.ts"
export { DEFAULT_MQTT_PORT, DEFAULT_PORT } from "./options.ts"
export { recoveryText } from "./recovery.ts"
