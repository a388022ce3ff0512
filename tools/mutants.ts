/**
 * The small changes that a test should notice: all mutants of one source file, told by its syntax alone.
 *
 * What an `assert` or an `unreachable` promises is left out, for it always holds and changing it changes nothing; so are types. A
 * change that the file's author could not have made by a slip (another name, another string) is none.
 */
import ts from "typescript"

export type Mutant = {
  readonly start: number
  readonly end: number
  readonly text: string
  readonly line: number
}

/** The comparison that differs in the limit only, and the opposite one. */
const INSTEAD: Readonly<Record<string, readonly string[]>> = {
  "<": ["<=", ">="],
  "<=": ["<", ">"],
  ">": [">=", "<="],
  ">=": [">", "<"],
  "===": ["!=="],
  "!==": ["==="],
  "&&": ["||"],
  "||": ["&&"],
}

/** Whether the operators inside tell the negation of this already. */
function isTold(condition: ts.Expression): boolean {
  if (ts.isParenthesizedExpression(condition)) return isTold(condition.expression)
  return (
    ts.isBinaryExpression(condition) &&
    ["&&", "||"].every((it) => it !== condition.operatorToken.getText()) &&
    INSTEAD[condition.operatorToken.getText()] !== undefined
  )
}

function conditionOf(node: ts.Node): ts.Expression | undefined {
  if (ts.isIfStatement(node) || ts.isWhileStatement(node)) return node.expression
  return ts.isConditionalExpression(node) || ts.isForStatement(node) ? node.condition : undefined
}

/** What a returned expression becomes where the function says that it may be null, or true or false. */
function otherReturn(returned: ts.Expression, type: string): readonly string[] {
  const written = returned.getText()
  if (written === "null") return ["undefined"]
  if (type === "boolean" && !isTold(returned) && written !== "true" && written !== "false") return [`!(${written})`]
  return type.endsWith("| null") ? ["null"] : []
}

const isCallOf = (name: string, node: ts.Node | undefined): boolean =>
  node !== undefined && ts.isCallExpression(node) && node.expression.getText() === name
const isAssert = (node: ts.Node): boolean => isCallOf("assert", node)

/** What may stand in the place of this node; the surrounding function returns `type`. */
function inPlaceOf(node: ts.Node, type: string): readonly string[] {
  if (ts.isNumericLiteral(node)) {
    const value = Number(node.text)
    return [`${value + 1}`, `(${value - 1})`]
  }
  if (node.kind === ts.SyntaxKind.TrueKeyword) return ["false"]
  if (node.kind === ts.SyntaxKind.FalseKeyword) return ["true"]
  if (ts.isExpressionStatement(node) && ts.isCallExpression(node.expression)) return [";"]
  if (ts.isReturnStatement(node) && node.expression !== undefined && !isCallOf("unreachable", node.expression))
    return otherReturn(node.expression, type).map((text) => `return ${text}`)
  return INSTEAD[ts.isToken(node) && ts.isBinaryExpression(node.parent) ? node.getText() : ""] ?? []
}

/** All mutants of a file, in the order of its lines. */
export function mutantsOf(path: string, source: string): readonly Mutant[] {
  const file = ts.createSourceFile(path, source, ts.ScriptTarget.Latest, true)
  const mutants: Mutant[] = []
  const add = (node: ts.Node, text: string): void => {
    const start = node.getStart(file)
    const line = file.getLineAndCharacterOfPosition(start).line + 1
    mutants.push({ start, end: node.getEnd(), text, line })
  }
  const visit = (node: ts.Node, type: string): void => {
    if (ts.isTypeNode(node) || ts.isTypeAliasDeclaration(node) || ts.isImportDeclaration(node) || isAssert(node)) return
    if (ts.isExpressionStatement(node) && isAssert(node.expression)) return
    const inside = ts.isFunctionLike(node) ? (node.type?.getText() ?? "") : type
    for (const text of inPlaceOf(node, inside)) add(node, text)
    const condition = conditionOf(node)
    if (condition !== undefined && !isTold(condition)) add(condition, `!(${condition.getText()})`)
    ts.forEachChild(node, (child) => visit(child, inside))
  }
  visit(file, "")
  return mutants
}
