/**
 * The way in: `npm start`, `npm test` and their sisters all come through this door.
 *
 * Picture a porter who looks before letting anyone pass: is there a Node that can be worked with, is what
 * package-lock.json names installed, is the console built from the sources that lie here? What is missing is fetched or
 * built once, and the porter remembers it by hashes, never by the mere presence of a folder. Then the program itself
 * runs under Node 24 with the arguments and the exit code passed through.
 *
 * It is plain JavaScript without dependencies, because it must run before anything is installed, under Node 20. It
 * starts no part of Holdfast by itself and knows nothing about data directories.
 */
import { spawn, spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import * as fs from "node:fs"
import { constants, hostname } from "node:os"
import { basename, delimiter, join, relative } from "node:path"
import { fileURLToPath } from "node:url"

const ROOT = fileURLToPath(new URL("..", import.meta.url))
const PACKAGES = join(ROOT, "node_modules")
const INSTALL_STAMP = join(PACKAGES, ".holdfast-setup")
const BUNDLE = join(ROOT, "apps/console/dist")
const BUILD_STAMP = join(BUNDLE, ".holdfast-build")
const RELEASE = join(ROOT, "apps/board/dist")
const RELEASE_STAMP = join(RELEASE, ".holdfast-build")
const LOCK = join(ROOT, ".holdfast-setup.lock")
const LOCK_BEAT_MS = 2_000
const LOCK_SILENCE_MS_MAX = 60_000
const NODE_AT_THE_DOOR = process.platform === "darwin" ? 24 : 20
const NODE_INSIDE = 24

/** What `board` is with these options: one board by itself. */
const LONE_BOARD = { entry: "apps/board/src/alone-main.ts", develops: false, shows: () => false }
const isLone = (arg) => /^--(site|directory|fail-mode)\b/.test(arg)

const ALWAYS = () => true
const NEVER = () => false
/** What each word runs, whether it needs the development packages, and whether it needs the console's bundle. */
const WORDS = {
  start: { entry: "apps/holdfast/src/main.ts", develops: false, shows: ALWAYS, launches: true },
  invite: { entry: "apps/holdfast/src/main.ts", before: ["invite"], develops: false, shows: NEVER },
  board: { entry: "apps/holdfast/src/main.ts", before: ["board"], develops: false, shows: NEVER },
  audit: { entry: "apps/auditor/src/main.ts", develops: false, shows: NEVER },
  replay: { entry: "sim/src/replay-main.ts", develops: false, shows: NEVER },
  image: { entry: "apps/board/src/image-main.ts", develops: false, shows: NEVER },
  launch: { entry: "apps/board/src/launcher-main.ts", develops: false, shows: NEVER },
  simulate: { entry: "sim/src/main.ts", develops: false, shows: NEVER },
  mutate: { entry: "tools/mutate.ts", develops: true, shows: NEVER },
  bench: {
    entry: "bench/src/main.ts",
    develops: true,
    shows: (args) => args.includes("live") || args.includes("start"),
  },
  test: { entry: "tools/test.ts", develops: true, shows: NEVER },
  build: { entry: null, develops: false, shows: ALWAYS, launches: true },
}

/** Something that is missing or went wrong outside; its message is the one line that the person reads. */
class SetupError extends Error {
  constructor(message, code = 1) {
    super(message)
    this.code = code
  }
}

const say = (line) => process.stderr.write(`${line}\n`)
const majorOf = (version) => Number.parseInt(version.replace(/^v/, ""), 10)

function checkMachine() {
  if (process.platform === "win32")
    throw new SetupError("On Windows, run Holdfast inside WSL: https://learn.microsoft.com/windows/wsl")
  if (majorOf(process.versions.node) >= NODE_AT_THE_DOOR) return
  throw new SetupError(
    `Holdfast needs Node ${NODE_AT_THE_DOOR} or newer to set itself up; this is ${process.version}: https://nodejs.org`,
  )
}

// --- Children -------------------------------------------------------------------------------------------------------

/**
 * Runs a program to its end and answers with its exit code.
 *
 * Ctrl-C reaches the whole process group, so a child already has it and is only waited for. A SIGINT meant for this
 * process alone, and every SIGTERM, is passed on as SIGTERM, which our programs take as the same wish to stop.
 */
function run(command, args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, options)
    let nudge
    const onInterrupt = () => {
      nudge ??= setTimeout(() => child.kill("SIGTERM"), 1_000)
    }
    const onTerminate = () => child.kill("SIGTERM")
    process.on("SIGINT", onInterrupt).on("SIGTERM", onTerminate).on("SIGHUP", onTerminate)
    const leave = () => {
      clearTimeout(nudge)
      process.off("SIGINT", onInterrupt).off("SIGTERM", onTerminate).off("SIGHUP", onTerminate)
    }
    child.on("error", (error) => {
      leave()
      reject(new SetupError(`Cannot run ${basename(command)}: ${error.message}`))
    })
    child.on("close", (code, signal) => {
      leave()
      resolve(code ?? 128 + (constants.signals[signal] ?? 0))
    })
  })
}

/** Chatter of the set-up goes to standard error, so that what a program prints stays clean. */
const QUIET = { cwd: ROOT, stdio: ["ignore", 2, 2] }

// --- One at a time --------------------------------------------------------------------------------------------------

const readOrNull = (path) => {
  try {
    return fs.readFileSync(path, "utf8")
  } catch (error) {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return null
    throw error
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === "EPERM"
  }
}

/** A lock is stale when its owner died on this machine, or has not been heard of for a minute. */
function isStale(owner) {
  const [host, pid] = (owner ?? "").split(" ")
  if (host === hostname() && !isAlive(Number(pid))) return true
  const seen = fs.statSync(LOCK, { throwIfNoEntry: false })
  return seen !== undefined && Date.now() - seen.mtimeMs > LOCK_SILENCE_MS_MAX
}

/** Moves a stale lock aside. Of several who try, the rename lets one through; a lock taken meanwhile is put back. */
function breakLock(owner) {
  const aside = `${LOCK}.${process.pid}`
  try {
    fs.renameSync(LOCK, aside)
    if (readOrNull(join(aside, "owner")) !== owner) return fs.renameSync(aside, LOCK)
  } catch (error) {
    if (error.code !== "ENOENT" && error.code !== "ENOTEMPTY") throw error
  }
  fs.rmSync(aside, { recursive: true, force: true })
}

function takeLock() {
  try {
    fs.mkdirSync(LOCK)
  } catch (error) {
    if (error.code === "EEXIST") return false
    throw new SetupError(`Cannot write to ${ROOT}: ${error.message}`)
  }
  fs.writeFileSync(join(LOCK, "owner"), `${hostname()} ${process.pid}`)
  return true
}

/** Does `work` while no other set-up works in this checkout. */
async function alone(work) {
  for (let waited = false; !takeLock(); waited = true) {
    const owner = readOrNull(join(LOCK, "owner"))
    if (isStale(owner)) breakLock(owner)
    else if (!waited) say("Another set-up works in this checkout; waiting for it to end.")
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  const beat = setInterval(() => fs.utimesSync(LOCK, new Date(), new Date()), LOCK_BEAT_MS)
  try {
    return await work()
  } finally {
    clearInterval(beat)
    fs.rmSync(LOCK, { recursive: true, force: true })
  }
}

// --- Packages -------------------------------------------------------------------------------------------------------

const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex")
const lockHash = () => sha256(fs.readFileSync(join(ROOT, "package-lock.json")))

/**
 * Whether what package-lock.json names is installed. The stamp is "HASH dev" or "HASH"; an installation with the
 * development packages serves a start too.
 */
function isInstalled(hash, develops) {
  const [stamped, extent] = (readOrNull(INSTALL_STAMP) ?? "").trim().split(" ")
  return stamped === hash && (extent === "dev" || !develops)
}

/**
 * The command line of npm: the one that called us, else the first on the PATH. The folder that is about to be emptied
 * is taken off the PATH, for npm must not run on a Node inside of it.
 */
function npm() {
  const { npm_execpath: script, npm_node_execpath: node } = process.env
  const outside = (process.env.PATH ?? "").split(delimiter).filter((folder) => !folder.startsWith(PACKAGES))
  const env = { ...process.env, PATH: outside.join(delimiter) }
  if (script !== undefined && basename(script) === "npm-cli.js" && node !== undefined && !node.startsWith(PACKAGES)) {
    return { command: node, first: [script], env }
  }
  return { command: "npm", first: [], env }
}

const agrees = (wanted, held) =>
  held !== undefined && held.version === wanted.version && (wanted.integrity ?? held.integrity) === held.integrity

/** Whether the lock wants this entry here: not for another machine, nor an optional part of something for another one. */
function isWanted(path, entry, develops) {
  if (!path.startsWith("node_modules/") || (entry.dev && !develops)) return false
  if (!entry.optional) return true
  return entry.libc === undefined && entry.os?.includes(process.platform) && entry.cpu?.includes(process.arch)
}

/**
 * Whether somebody's own `npm ci` or `npm install` left everything here that package-lock.json names for this machine.
 * npm writes its list of what it installed last, so a list that agrees is a finished installation.
 */
function isHeld(develops) {
  const wanted = JSON.parse(fs.readFileSync(join(ROOT, "package-lock.json"), "utf8")).packages
  const held = JSON.parse(readOrNull(join(PACKAGES, ".package-lock.json")) ?? "{}").packages ?? {}
  return Object.entries(wanted).every(([path, entry]) => !isWanted(path, entry, develops) || agrees(entry, held[path]))
}

const stampInstall = (hash, develops) => fs.writeFileSync(INSTALL_STAMP, `${hash}${develops ? " dev" : ""}\n`)

/** Installs exactly what package-lock.json names. No package's install script is needed, and none is run. */
async function install(hash, develops) {
  if (isHeld(develops)) return stampInstall(hash, develops)
  say(develops ? "Installing packages, with those for development ..." : "Installing packages ...")
  fs.rmSync(INSTALL_STAMP, { force: true })
  const { command, first, env } = npm()
  const extent = develops ? ["--include=dev"] : ["--omit=dev"]
  const plain = ["--include=optional", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
  const code = await run(command, [...first, "ci", ...extent, ...plain], { ...QUIET, env })
  if (code > 128) throw new SetupError("Stopped while installing; the next run starts the installation again.", code)
  if (code !== 0) throw new SetupError("npm could not install the packages; its lines above say why.", code)
  stampInstall(hash, develops)
}

// --- Console --------------------------------------------------------------------------------------------------------

function filesUnder(path) {
  const found = fs.statSync(path, { throwIfNoEntry: false })
  if (found === undefined) return []
  if (found.isFile()) return [path]
  return fs.readdirSync(path).flatMap((name) => filesUnder(join(path, name)))
}

/** One hash over all files at these places. */
function hashOver(places) {
  const files = places.flatMap((place) => filesUnder(join(ROOT, place))).sort()
  return sha256(files.map((file) => `${sha256(fs.readFileSync(file))} ${relative(ROOT, file)}\n`).join(""))
}

const coreSources = () => fs.readdirSync(join(ROOT, "core")).map((room) => `core/${room}/src`)

/** One hash over everything that the console's bundle is made from. */
function consoleHash() {
  const own = ["src", "public", "index.html", "vite.config.ts", "package.json"].map((name) => `apps/console/${name}`)
  return hashOver([...own, ...coreSources(), "contract/src", "ports/web/src", "package-lock.json"])
}

/** One hash over everything that the boards' program is made from. */
const boardHash = () => hashOver(["apps/board/src", ...coreSources(), "ports/node/src", "package-lock.json"])

const isStamped = (stamp, hash) => (readOrNull(stamp) ?? "").trim() === hash

async function buildConsole(node, hash) {
  say("Building the console ...")
  fs.rmSync(BUNDLE, { recursive: true, force: true }) // An old bundle never stands for new sources.
  const options = { ...QUIET, cwd: join(ROOT, "apps/console") }
  const code = await run(node, [join(PACKAGES, "vite/bin/vite.js"), "build", "--logLevel", "warn"], options)
  if (code !== 0) throw new SetupError("The console could not be built; the lines above say why.", code)
  fs.writeFileSync(BUILD_STAMP, `${hash}\n`)
}

/** Bundles and signs the boards' program; its launcher runs nothing else. The keys are gone when this has ended. */
async function buildBoard(node, hash) {
  say("Building the boards' program ...")
  fs.rmSync(RELEASE, { recursive: true, force: true })
  const code = await run(node, [join(ROOT, "apps/board/src/image-main.ts"), "release", "--out", RELEASE], {
    ...QUIET,
    stdio: ["ignore", "ignore", 2], // Its answer is for programs.
  })
  if (code !== 0) throw new SetupError("The boards' program could not be built; the lines above say why.", code)
  fs.writeFileSync(RELEASE_STAMP, `${hash}\n`)
}

/** Builds what is older than its sources, once, whoever else is about to. */
async function built(stamp, hash, build) {
  if (!isStamped(stamp, hash)) await alone(() => isStamped(stamp, hash) || build(hash))
}

// --- The door -------------------------------------------------------------------------------------------------------

/** The Node that runs Holdfast: the one from npm where there is one for this machine, else this machine's own. */
function nodeInside() {
  const own = process.execPath
  const packed = join(PACKAGES, ".bin/node")
  const isPacked = fs.existsSync(packed)
  if (isPacked && fs.realpathSync(packed) === fs.realpathSync(own)) return own
  if (isPacked && spawnSync(packed, ["--version"], { stdio: "ignore" }).status === 0) return packed
  if (majorOf(process.versions.node) >= NODE_INSIDE) return own
  const machine = `${process.platform} on ${process.arch}`
  throw new SetupError(
    `Holdfast runs on Node ${NODE_INSIDE}; npm has none for ${machine} and this is ${process.version}: https://nodejs.org`,
  )
}

/** Fetches and builds what is missing, and answers with the Node to run. */
async function prepare(word, args) {
  const hash = lockHash()
  if (!isInstalled(hash, word.develops)) {
    await alone(() => isInstalled(hash, word.develops) || install(hash, word.develops))
  }
  const node = nodeInside()
  if (word.shows(args) && fs.existsSync(join(ROOT, "apps/console/index.html")))
    await built(BUILD_STAMP, consoleHash(), (sources) => buildConsole(node, sources))
  if (word.launches && fs.existsSync(join(ROOT, "apps/board/src/image-main.ts")))
    await built(RELEASE_STAMP, boardHash(), (sources) => buildBoard(node, sources))
  return node
}

async function main([name, ...args]) {
  const known = Object.hasOwn(WORDS, name ?? "") ? WORDS[name] : undefined
  const word = name === "board" && args.some(isLone) ? LONE_BOARD : known
  if (word === undefined)
    throw new SetupError(`Use: node tools/setup.mjs ${Object.keys(WORDS).join("|")} [arguments]`, 2)
  checkMachine()
  const node = await prepare(word, args)
  if (word.entry === null) return 0
  const entry = join(ROOT, word.entry)
  if (!fs.existsSync(entry)) throw new SetupError(`This checkout has no ${word.entry}.`)
  const cache = process.env.NODE_COMPILE_CACHE ?? join(PACKAGES, ".cache/compiled")
  const release = word.launches ? { HOLDFAST_BOARD_RELEASE: RELEASE } : {}
  const env = { ...process.env, NODE_COMPILE_CACHE: cache, ...release }
  return run(node, [entry, ...(word.before ?? []), ...args], { stdio: "inherit", env })
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof SetupError)) throw error
  say(error.message)
  process.exitCode = error.code
}
