/** The keeper as a library: what the simulator, replay and the benchmark run in their own process. */
export type { ClockPorts } from "./clock.ts"
export { type Founded, Keeper, POLICY_AGE_S_MAX, type PublicKeys } from "./keeper.ts"
export { type KeeperKeys, type Keyring, nodeKeyring } from "./keys.ts"
export { Log, type LogPlace, type LogPorts } from "./log/log.ts"
export { openLog } from "./log/open-log.ts"
export { nodePorts, nodeZoneTable } from "./node-ports.ts"
export { type KeeperPorts, KeeperRefusal, LOG_CLASSES, type LogClass, SECRET_DIRECTORIES } from "./ports.ts"
