/** The supervisor against the real PostgreSQL: awkward folders, kills at awkward moments, and what it refuses. */
import { deepEqual, equal, ok, rejects, throws } from "node:assert/strict"
import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { after, before, type TestContext, test } from "node:test"
import { accountForPostgres } from "../src/postgres/account.ts"
import { findPackage, prepareBinaries } from "../src/postgres/binaries.ts"
import { PostgresError, type PostgresReason } from "../src/postgres/fault.ts"
import { type Postgres, startPostgres } from "../src/postgres/postgres.ts"
import { freshFolder, query } from "./embedded-postgres.ts"

const IS_ROOT = process.getuid?.() === 0
const folder = freshFolder()
const template = join(folder, "template")

/** A server that is stopped when the test ends, however it ends. */
async function start(context: TestContext, directory: string, lines: string[] = []): Promise<Postgres> {
  const postgres = await startPostgres({ directory, log: (line) => lines.push(line) })
  context.after(() => postgres.stop())
  return postgres
}

/** A folder with a cluster that was stopped in order, which saves making one for each test. */
function copyOfTemplate(...names: readonly string[]): string {
  const directory = join(folder, ...names)
  cpSync(template, directory, { recursive: true, preserveTimestamps: true })
  return directory
}

function reason(expected: PostgresReason): (error: unknown) => boolean {
  return (error) => error instanceof PostgresError && error.reason === expected
}

function postmasterOf(directory: string): number {
  return Number(readFileSync(join(directory, "cluster", "postmaster.pid"), "utf8").split("\n")[0])
}

before(async () => {
  const postgres = await startPostgres({ directory: template, log: () => {} })
  await query(postgres.connection, "create table kept (word text)")
  await query(postgres.connection, "insert into kept values ('schön')")
  await postgres.stop()
})
after(() => rmSync(folder, { recursive: true }))

async function keeps(postgres: Postgres): Promise<void> {
  deepEqual(await query(postgres.connection, "select word from kept"), [{ word: "schön" }])
}

function byName(a: string, b: string): number {
  return a < b ? -1 : 1
}

test("an unknown platform has no binary, and the message says what to do instead", () => {
  throws(() => findPackage("sunos-sparc"), reason("no binary for this platform"))
  throws(() => findPackage("win32-x64"), /HOLDFAST_DATABASE_URL/)
})

test("a cluster of another version is left alone", async (context) => {
  const directory = copyOfTemplate("old")
  writeFileSync(join(directory, "cluster", "PG_VERSION"), "17\n")
  await rejects(start(context, directory), reason("the cluster is of another version"))
  equal(readFileSync(join(directory, "cluster", "PG_VERSION"), "utf8"), "17\n")
})

test("a damaged cluster gives the server's own words, and leaves nothing running", async (context) => {
  const directory = copyOfTemplate("damaged")
  writeFileSync(join(directory, "cluster", "postgresql.conf"), "not a setting\n")
  await rejects(
    start(context, directory),
    (error: Error) => error instanceof PostgresError && /syntax error/.test(error.message),
  )
  deepEqual(readdirSync(directory), ["cluster"])
})

test("a damaged control file is named too", async (context) => {
  const directory = copyOfTemplate("no control")
  rmSync(join(directory, "cluster", "global", "pg_control"))
  await rejects(start(context, directory), reason("the server did not start"))
})

test("a cluster that was half made is made again", async (context) => {
  const directory = join(folder, "half made")
  mkdirSync(join(directory, "cluster.new", "base"), { recursive: true })
  const postgres = await start(context, directory)
  deepEqual(await query(postgres.connection, "select 1 as one"), [{ one: 1 }])
  await postgres.stop()
  ok(!existsSync(join(directory, "cluster.new")))
})

test("the cluster is what the operator was promised", async (context) => {
  const postgres = await start(context, copyOfTemplate("settings"))
  const show = async (name: string) => Object.values((await query(postgres.connection, `show ${name}`))[0] ?? {})[0]
  const expected = [
    ["listen_addresses", ""],
    ["data_checksums", "on"],
    ["server_encoding", "UTF8"],
    ["fsync", "on"],
    ["synchronous_commit", "on"],
    ["timezone", "UTC"],
  ] as const
  for (const [name, value] of expected) equal(await show(name), value, name)
  const locale = await query(postgres.connection, "select datlocprovider, datlocale from pg_database")
  for (const row of locale) deepEqual(row, { datlocprovider: "b", datlocale: "C.UTF-8" })
})

test("stop leaves an ordinary cluster and nothing else, and may be called twice", async (context) => {
  const directory = copyOfTemplate("stopped")
  const postgres = await start(context, directory)
  ok(existsSync(postgres.connection.host))
  await postgres.stop()
  await postgres.stop()
  deepEqual(readdirSync(directory), ["cluster"])
  ok(!existsSync(join(directory, "cluster", "postmaster.pid")))
  ok(!existsSync(postgres.connection.host))
})

const awkward: readonly (readonly [string, readonly string[]])[] = [
  ["a space and an umlaut", ["Mein Gebäude", "data"]],
  ["200 characters", ["x".repeat(100), "y".repeat(100), "z".repeat(40)]],
  ["quotes, a colon, a percent sign and a line break", ['it\'s "100%": a\nb']],
  ["a leading dash", ["-D"]],
]
for (const [what, names] of awkward) {
  test(`a data directory with ${what}, under a folder closed to everybody else`, async (context) => {
    mkdirSync(join(folder, "closed", names[0] ?? ""), { recursive: true })
    chmodSync(join(folder, "closed"), 0o700)
    const postgres = await start(context, copyOfTemplate("closed", ...names, "postgres"))
    await keeps(postgres)
  })
}

test("a folder for temporary files that is too long for a socket is passed over", async (context) => {
  const usual = process.env.TMPDIR
  process.env.TMPDIR = join(folder, "t".repeat(100))
  mkdirSync(process.env.TMPDIR)
  try {
    const postgres = await start(context, copyOfTemplate("long temporary"))
    await keeps(postgres)
  } finally {
    if (usual === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = usual
  }
})

test("programs that cannot run where npm put them run from a copy, and node_modules is not written to", () => {
  const account = accountForPostgres()
  const { native, version } = findPackage()
  const broken = join(folder, "checkout", "native")
  cpSync(native, broken, { recursive: true })
  for (const program of ["postgres", "initdb", "pg_ctl"]) chmodSync(join(broken, "bin", program), 0o600)
  const files = readdirSync(broken, { recursive: true, encoding: "utf8" }).sort(byName)
  const [beside, runtime] = [join(folder, "beside"), join(folder, "runtime")]
  for (const path of [beside, runtime]) mkdirSync(path)
  chmodSync(folder, 0o700)
  const run = () => prepareBinaries({ native: broken, version }, account, beside, runtime).postgres
  // Under a folder that only we can enter, a copy beside the data serves us but not another user.
  if (IS_ROOT) throws(run, reason("the binary does not run"))
  chmodSync(folder, 0o755)
  for (const name of readdirSync(runtime)) rmSync(join(runtime, name), { recursive: true })
  equal(run(), join(beside, `programs-${version}`, "bin", "postgres"))
  deepEqual(readdirSync(broken, { recursive: true, encoding: "utf8" }).sort(byName), files)
})

test("another user of the machine, even the one PostgreSQL runs as, is not let in", async (context) => {
  const postgres = await start(context, copyOfTemplate("others"))
  const { host, port } = postgres.connection
  await rejects(query({ ...postgres.connection, user: "postgres" }, "select 1"), /[Pp]eer authentication failed/)
  if (IS_ROOT) {
    const program = `const s = require("net").connect(process.argv[1]);
      s.on("error", e => console.log(e.code));
      s.on("connect", () => s.write(Buffer.concat([Buffer.from([0, 0, 0, 41, 0, 3, 0, 0]), Buffer.from("user\\0holdfast\\0database\\0postgres\\0\\0")])));
      s.on("data", d => { console.log(d.toString("latin1").match(/C(28\\d{3})/)?.[1]); s.end() })`
    const socket = join(host, `.s.PGSQL.${port}`)
    const [nobody, daemon] = [65_534, 1].map((uid) =>
      spawnSync("/proc/self/exe", ["-e", program, socket], {
        argv0: process.execPath,
        uid,
        gid: uid,
        encoding: "utf8",
      }),
    )
    equal(nobody?.stdout.trim(), "28000")
    equal(daemon?.stdout.trim(), "EACCES")
  }
})

test("a cluster whose files were copied by another user is taken over by root", async (context) => {
  const directory = copyOfTemplate("copied")
  if (IS_ROOT)
    for (const path of readdirSync(directory, { recursive: true })) chownSync(join(directory, String(path)), 0, 0)
  const postgres = await start(context, directory)
  await keeps(postgres)
})

test("a process number in a stale postmaster.pid may be somebody else's by now", async (context) => {
  const directory = copyOfTemplate("stale")
  const stranger = spawn("sleep", ["60"], { ...accountForPostgres().spawnAs, cwd: "/" })
  writeFileSync(join(directory, "cluster", "postmaster.pid"), `${stranger.pid}\n/elsewhere\n1\n5432\n\n\n\n`)
  const postgres = await start(context, directory)
  await keeps(postgres)
  equal(stranger.exitCode, null)
  stranger.kill()
})

test("PostgreSQL that is killed comes back by itself with everything committed", async (context) => {
  const lines: string[] = []
  const directory = copyOfTemplate("killed")
  const postgres = await start(context, directory, lines)
  await query(postgres.connection, "create table row as select generate_series(1, 1000) as number")
  const killed = postmasterOf(directory)
  process.kill(killed, "SIGKILL")
  let rows: readonly unknown[] = []
  while (rows.length === 0) rows = await query(postgres.connection, "select count(*)::int from row").catch(() => [])
  deepEqual(rows, [{ count: 1000 }])
  ok(lines.includes("postgres: ended unexpectedly (SIGKILL)"))
  ok(postmasterOf(directory) !== killed)
})

test("PostgreSQL that dies again and again is given up, with its reason", async (context) => {
  const directory = copyOfTemplate("dying")
  const postgres = await start(context, directory)
  writeFileSync(join(directory, "cluster", "postgresql.conf"), "not a setting\n")
  process.kill(postmasterOf(directory), "SIGKILL")
  equal((await postgres.lost).reason, "the server did not start")
})

/** Waits until the program has committed a number of rows; answers how many it said it had by the end. */
async function runUntil(child: ChildProcess, wanted: number, then: () => void): Promise<number> {
  ok(child.stdout)
  let committed = 0
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith("committed ")) committed = Number(line.slice("committed ".length))
    if (committed === wanted) then()
  }
  return committed
}

test("a supervisor killed under load leaves PostgreSQL running; the next start ends it and has every row", async (context) => {
  const directory = copyOfTemplate("orphaned")
  const program = join(import.meta.dirname, "run-postgres.ts")
  const child = spawn(process.execPath, [program, directory], { stdio: ["ignore", "pipe", "inherit"] })
  const committed = await runUntil(child, 200, () => child.kill("SIGKILL"))
  const orphan = postmasterOf(directory)
  process.kill(orphan, 0) // Throws if it is gone.
  const postgres = await start(context, directory)
  const [row] = await query(postgres.connection, "select max(number)::int as last, count(*)::int as count from row")
  ok(Number(row?.last) >= committed, `${committed} rows were acknowledged, ${Number(row?.last)} are there`)
  equal(row?.last, row?.count)
  ok(postmasterOf(directory) !== orphan)
})

test("Ctrl-C, which goes to the whole group, does not reach PostgreSQL", async (context) => {
  const directory = copyOfTemplate("interrupted")
  const program = join(import.meta.dirname, "run-postgres.ts")
  const child = spawn(process.execPath, [program, directory], { stdio: ["ignore", "pipe", "inherit"], detached: true })
  ok(child.pid !== undefined && child.stdout)
  const group = -child.pid
  let heard = false
  let later = 0
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === "committed 20") process.kill(group, "SIGINT")
    if (line === "interrupted") heard = true
    if (heard && line.startsWith("committed ")) later++
    if (later === 20) process.kill(group, "SIGKILL")
  }
  equal(later >= 20, true)
  await start(context, directory)
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit")
})
