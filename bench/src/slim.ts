/**
 * What a compiler for a small board takes out of a bundle beyond its white space: names, words and variables that the engine
 * would keep in memory for nobody.
 *
 *   function bolt(a) {...}          ->  var [bolt, ...] = [(a) => {...}, ...]       no name and no prototype for each function
 *   var RECORD_SIZE = 64            ->  64, wherever it stood                       no variable, and none that a function captures
 *   assert(fact, "a key is 16 ...") ->  assert(fact, 17)                            the words stay outside, in the list of claims
 *
 * It reads bundles of our own only, before they are minified: functions that need neither `this` nor `arguments`, and names
 * that no inner scope uses again, which is how the bundler writes them. What is written otherwise it leaves as it is.
 */
import { assert } from "@holdfast/base"
import ts from "typescript"

/** Puts `with` in the place of the text between two offsets. */
type Edit = { readonly from: number; readonly to: number; readonly text: string }

function edited(text: string, from: number, to: number, edits: readonly Edit[]): string {
  const inside = edits.filter((edit) => edit.from >= from && edit.to <= to).sort((a, b) => a.from - b.from)
  let at = from
  let result = ""
  for (const edit of inside) {
    assert(edit.from >= at, "no place is edited twice")
    result += text.slice(at, edit.from) + edit.text
    at = edit.to
  }
  return result + text.slice(at, to)
}

/** The statements of the one function that a bundle is. */
function statementsOf(source: ts.SourceFile): readonly ts.Statement[] {
  for (const statement of source.statements) {
    if (!ts.isExpressionStatement(statement) || !ts.isCallExpression(statement.expression)) continue
    let called: ts.Expression = statement.expression.expression
    if (ts.isParenthesizedExpression(called)) called = called.expression
    if (ts.isArrowFunction(called) && ts.isBlock(called.body)) return called.body.statements
  }
  return []
}

/** `64`, `"minutes"`, `24 * 3600`: what has one value and no name in it. */
const PLAIN = /^(?:"[^"\\]*"|-?[\d.e]+(?: [*+] [\d.e]+)*)$/

/** Top-level variables that stand for a plain value all the time. */
function constantsOf(statements: readonly ts.Statement[]): Map<string, string> {
  const constants = new Map<string, string>()
  for (const statement of statements) {
    if (!ts.isVariableStatement(statement)) continue
    for (const { name, initializer } of statement.declarationList.declarations) {
      const value = initializer?.getText() ?? ""
      if (ts.isIdentifier(name) && PLAIN.test(value)) constants.set(name.text, value)
    }
  }
  return constants
}

/** Whether this name stands for a value, and is not the name of a property or a declaration. */
function isRead(name: ts.Identifier): boolean {
  const { parent } = name
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === name
  if (ts.isPropertyAssignment(parent)) return parent.initializer === name
  if (ts.isVariableDeclaration(parent) || ts.isParameter(parent)) return parent.initializer === name
  if (ts.isBindingElement(parent)) return parent.initializer === name
  return !ts.isMethodDeclaration(parent) && !ts.isPropertyDeclaration(parent)
}

/** Reads of constants, as edits. One that is bound or written anywhere else is no constant. */
function inlined(source: ts.SourceFile, constants: Map<string, string>): Edit[] {
  const reads: { readonly name: ts.Identifier; readonly text: string }[] = []
  const bound = new Map<string, number>()
  const look = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && constants.has(node.text)) {
      const { parent } = node
      const isBound = ts.isVariableDeclaration(parent) || ts.isParameter(parent) || ts.isBindingElement(parent)
      if (isBound && parent.name === node) bound.set(node.text, (bound.get(node.text) ?? 0) + 1)
      else if (isRead(node)) {
        const value = constants.get(node.text) ?? ""
        reads.push({
          name: node,
          text: ts.isShorthandPropertyAssignment(parent) ? `${node.text}: ${value}` : `(${value})`,
        })
      }
    }
    ts.forEachChild(node, look)
  }
  look(source)
  const kept = reads.filter(({ name }) => bound.get(name.text) === 1)
  return kept.map(({ name, text }) => ({ from: name.getStart(), to: name.end, text }))
}

/** The words of claims, as edits that leave their number in `claims`. */
function numbered(source: ts.SourceFile, claims: string[]): Edit[] {
  const edits: Edit[] = []
  const look = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && node.expression.getText() === "assert") {
      const words = node.arguments[1]
      if (words !== undefined && ts.isStringLiteral(words)) {
        const known = claims.indexOf(words.text)
        const number = known === -1 ? claims.push(words.text) - 1 : known
        edits.push({ from: words.getStart(), to: words.end, text: String(number) })
      }
    }
    ts.forEachChild(node, look)
  }
  look(source)
  return edits
}

const OWN_CONTEXT = /\b(?:this|arguments|async|yield|await)\b/

/** Makes a bundle slim, and adds the words of its claims to the list whose numbers they become. */
export function slim(bundle: string, claims: string[]): string {
  const source = ts.createSourceFile("bundle.js", bundle, ts.ScriptTarget.ES2022, true)
  const statements = statementsOf(source)
  assert(statements.length > 0, "a bundle is one function")
  const edits = [...inlined(source, constantsOf(statements)), ...numbered(source, claims)]
  const names: string[] = []
  const functions: string[] = []
  const rest: string[] = []
  for (const statement of statements) {
    const from = statement.getStart()
    if (ts.isFunctionDeclaration(statement) && statement.body && !OWN_CONTEXT.test(statement.getText())) {
      const parameters = statement.parameters.map((each) => edited(bundle, each.getStart(), each.end, edits))
      names.push(statement.name?.text ?? "")
      functions.push(
        `(${parameters.join(", ")}) => ${edited(bundle, statement.body.getStart(), statement.body.end, edits)}`,
      )
    } else rest.push(edited(bundle, from, statement.end, edits))
  }
  return `(() => {\nvar [${names.join(", ")}] = [\n${functions.join(",\n")}\n]\n${rest.join("\n")}\n})()`
}
