/**
 * The numbers by which our files are compared with others': `node tools/tidy.ts --figures`.
 *
 * They are computed and shown, never a gate: a quota of assertions or comments buys padding. One row per room, lengths
 * as median, 90th and 99th percentile and maximum; densities per source line that is not blank.
 */
import ts from "typescript"
import type { Source } from "./sources.ts"
import { viewsOf } from "./views.ts"

export type Figures = {
  readonly files: number
  readonly lines: number
  /** Lines of each file, and lines of each function that has a body, sorted. */
  readonly fileLines: readonly number[]
  readonly functionLines: readonly number[]
  readonly assertions: number
  /** `as` that changes a type: `as const`, `satisfies` and renamed imports are no casts. */
  readonly casts: number
  readonly commentLines: number
}

const notBlank = (text: string): number => text.split("\n").filter((line) => line.trim() !== "").length

/** The value at or below which `share` of the sorted values lie; 0 of none. */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0
}

function linesOf(node: ts.Node, tree: ts.SourceFile): number {
  const from = tree.getLineAndCharacterOfPosition(node.getStart(tree)).line
  return tree.getLineAndCharacterOfPosition(node.end).line - from + 1
}

function isCast(node: ts.Node): boolean {
  return ts.isAsExpression(node) && node.type.getText() !== "const"
}

function isAssertion(node: ts.Node): boolean {
  return ts.isCallExpression(node) && /^(assert|unreachable)$/.test(node.expression.getText())
}

export function figuresOf(all: readonly Source[]): Figures {
  const fileLines: number[] = []
  const functionLines: number[] = []
  let [lines, assertions, casts, commentLines] = [0, 0, 0, 0]
  for (const { path, text } of all) {
    const { tree, comments } = viewsOf(path, text)
    const visit = (node: ts.Node): void => {
      if (ts.isFunctionLike(node) && "body" in node && node.body !== undefined) functionLines.push(linesOf(node, tree))
      if (isAssertion(node)) assertions++
      if (isCast(node)) casts++
      ts.forEachChild(node, visit)
    }
    visit(tree)
    fileLines.push(text.trimEnd().split("\n").length)
    lines += notBlank(text)
    commentLines += notBlank(comments)
  }
  const sorted = (values: number[]) => values.sort((a, b) => a - b)
  return {
    files: all.length,
    lines,
    fileLines: sorted(fileLines),
    functionLines: sorted(functionLines),
    assertions,
    casts,
    commentLines,
  }
}

/** One room's row: what it is made of, and how much test stands beside it. */
export function rowOf(room: string, all: readonly Source[]): Readonly<Record<string, string | number>> {
  const src = figuresOf(all.filter((source) => source.room === room && source.part !== "test"))
  const tests = figuresOf(all.filter((source) => source.room === room && source.part === "test"))
  const per = (count: number, of: number): string => (of === 0 ? "-" : count.toFixed(1).replace(/\.0$/, ""))
  return {
    room,
    files: src.files,
    lines: src.lines,
    "file p50/max": `${percentile(src.fileLines, 0.5)}/${percentile(src.fileLines, 1)}`,
    "function p50/p90/p99/max": [0.5, 0.9, 0.99, 1].map((share) => percentile(src.functionLines, share)).join("/"),
    "over 70": src.functionLines.filter((length) => length > 70).length,
    "lines per assertion": per(src.lines / Math.max(1, src.assertions), src.assertions),
    "casts per 1000": per((1000 * src.casts) / Math.max(1, src.lines), src.lines),
    "comment %": per((100 * src.commentLines) / Math.max(1, src.lines), src.lines),
    "test/source": (tests.lines / Math.max(1, src.lines)).toFixed(2),
  }
}

export function printFigures(all: readonly Source[]): void {
  const names = [...new Set(all.map((source) => source.room))].sort()
  console.table(Object.fromEntries(names.map((name) => [name, rowOf(name, all)])), [
    "files",
    "lines",
    "file p50/max",
    "function p50/p90/p99/max",
    "over 70",
    "lines per assertion",
    "casts per 1000",
    "comment %",
    "test/source",
  ])
}
