/** The server's library face, for benchmarks: the whole of it from settings, and its parts that are measured alone. */
export { type Broker, type BrokerOptions, startBroker } from "./broker/broker.ts"
export { type Running, startServer } from "./server.ts"
export { lineLog, type Log } from "./log.ts"
export { openDatabase } from "./postgres/database.ts"
export { type Connection, type Postgres, startPostgres } from "./postgres/postgres.ts"
export { readSettings, type Settings } from "./settings.ts"
