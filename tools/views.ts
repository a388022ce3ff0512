/**
 * One source file seen in two ways that keep every offset: only its code, or only its comments.
 *
 * In the code, what strings, templates, regular expressions and JSX text contain is blank, so that a rule about code
 * cannot trip over prose. In the comments, everything else is blank. The TypeScript parser does the cutting; nothing
 * here judges anything.
 */
import ts from "typescript"

export type Views = { readonly tree: ts.SourceFile; readonly code: string; readonly comments: string }

const PROSE: ReadonlySet<ts.SyntaxKind> = new Set([
  ts.SyntaxKind.StringLiteral,
  ts.SyntaxKind.NoSubstitutionTemplateLiteral,
  ts.SyntaxKind.TemplateHead,
  ts.SyntaxKind.TemplateMiddle,
  ts.SyntaxKind.TemplateTail,
  ts.SyntaxKind.RegularExpressionLiteral,
  ts.SyntaxKind.JsxText,
])

type Span = { readonly from: number; readonly to: number; readonly prose: boolean }

/** The tokens of a tree, in order: comments and white space lie between them. */
function tokensOf(tree: ts.SourceFile): readonly Span[] {
  const tokens: Span[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isJSDoc(node)) return
    const parts = node.getChildren(tree)
    if (parts.length > 0) return parts.forEach(visit)
    const prose = PROSE.has(node.kind)
    tokens.push({ from: node.kind === ts.SyntaxKind.JsxText ? node.pos : node.getStart(tree), to: node.end, prose })
  }
  visit(tree)
  return tokens
}

const blank = (text: string): string => text.replace(/[^\n]/g, " ")

/** Keeps the quotes of prose, so that an empty pair still stands where an expression stood. */
const blankInside = (text: string): string => text.charAt(0) + blank(text.slice(1, -1)) + text.slice(1).slice(-1)

export function viewsOf(path: string, text: string): Views {
  const kind = path.endsWith(".tsx") ? ts.ScriptKind.TSX : path.endsWith(".mjs") ? ts.ScriptKind.JS : ts.ScriptKind.TS
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true, kind)
  let code = ""
  let comments = ""
  for (const { from, to, prose } of tokensOf(tree)) {
    code += blank(text.slice(code.length, from))
    comments += text.slice(comments.length, from) + blank(text.slice(from, to))
    const token = text.slice(from, to)
    code += prose ? blankInside(token) : token
  }
  return { tree, code: code + blank(text.slice(code.length)), comments: comments + text.slice(comments.length) }
}
