/**
 * The project's own source files, each with the room it lies in: what layers and tidy look at.
 *
 * A room is a folder with a package of its own (core/lock, contract, apps/keeper, ...) or `tools`. Test data, bundles,
 * installed packages and a data directory are no sources.
 */
import { globSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

export const ROOT = fileURLToPath(new URL("..", import.meta.url))

/** `src` runs in the product, `test` in its tests (or in `dev/`, beside it), `config` is read by a tool (vite.config.ts). */
export type Part = "src" | "test" | "config"
export type Source = { readonly path: string; readonly room: string; readonly part: Part; readonly text: string }
/** Something that stands against a house rule; the line counts from 1. */
export type Violation = { readonly path: string; readonly line: number; readonly claim: string }

const NO_SOURCES = ["**/node_modules/**", "**/dist/**"]

export type Manifest = {
  readonly name: string
  readonly exports?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

export function manifestOf(room: string): Manifest {
  const manifest: Manifest = JSON.parse(readFileSync(join(ROOT, room, "package.json"), "utf8"))
  return manifest
}

/** The rooms that exist, by path from the root. */
export function rooms(): readonly string[] {
  const manifests = globSync("{core,ports,apps}/*/package.json", { cwd: ROOT })
  return [...manifests, ...globSync("{contract,sim,bench}/package.json", { cwd: ROOT })].map(dirname).sort()
}

/** The room of a file, given by its path from the root. */
export function roomOf(path: string): string {
  const [first = "", second = ""] = path.split("/")
  return ["core", "ports", "apps"].includes(first) ? `${first}/${second}` : first
}

export function partOf(path: string): Part {
  const inside = path.slice(roomOf(path).length + 1)
  if (/^(test|dev)\//.test(inside) || inside.includes("/test/") || inside.endsWith(".test.ts")) return "test"
  return inside.includes("/") || roomOf(path) === "tools" ? "src" : "config"
}

/** The paths of all source files from the root, sorted. */
export function sourcePaths(): readonly string[] {
  const places = [...rooms(), "tools"].map((room) => `${room}/**/*.{ts,tsx,mjs}`)
  return globSync(places, { cwd: ROOT, exclude: NO_SOURCES }).sort()
}

/** A source as a test plants it: only its path says where it lies. */
export function sourceOf(path: string, text: string): Source {
  return { path, room: roomOf(path), part: partOf(path), text }
}

export function sources(): readonly Source[] {
  return sourcePaths().map((path) => sourceOf(path, readFileSync(join(ROOT, path), "utf8")))
}

/** The line of an offset, from 1. */
export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length
}

export function show({ path, line, claim }: Violation): string {
  return `${path}:${line}: ${claim}`
}
