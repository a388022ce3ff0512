/**
 * The import table holds in this checkout, and the checker finds what is planted against it.
 */
import { deepEqual, equal } from "node:assert/strict"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { test } from "node:test"
import { checkLayers, checkManifest, checkSource, checkTable, TABLE } from "../layers.ts"
import { ROOT, show, sourceOf } from "../sources.ts"
import { faces } from "../tidy.ts"

/** One row: a file, what it says, and the rule that it breaks; `fine` where it breaks none. */
function imports(path: string, text: string, claim: string): void {
  test(`${path} says ${text}: ${claim}`, () => {
    const found = checkSource(sourceOf(path, `/** A planted file. */\n${text}\n`))
    equal(found.map((violation) => violation.claim.replace(/^"[^"]*": /, "")).join(), claim === "fine" ? "" : claim)
  })
}

imports("core/access/src/a.ts", `import { assert } from "@holdfast/base"`, "fine")
imports("core/access/src/a.ts", `import type { Lock } from "@holdfast/lock"`, "core/access may not import lock")
imports("core/access/src/a.ts", `export { turn } from "@holdfast/lock"`, "core/access may not import lock")
imports("core/access/src/a.ts", `const lock = import("@holdfast/lock")`, "core/access may not import lock")
imports("core/lock/src/a.ts", `import { decide } from "@holdfast/access/door"`, "fine")
imports("core/lock/src/a.ts", `import { compile } from "@holdfast/access"`, "core/lock may not import access")
imports("core/lock/test/a.test.ts", `import { compile } from "@holdfast/access"`, "fine")
imports("core/lock/src/a.ts", `import { sha256 } from "@holdfast/port-node"`, "core/lock may not import port-node")
imports("core/lock/test/a.test.ts", `import { sha256 } from "@holdfast/port-node"`, "fine")
imports("core/base/src/a.ts", `import { hash } from "node:crypto"`, "core/base knows nothing of Node")
imports("core/base/test/a.test.ts", `import { test } from "node:test"`, "fine")
imports("core/base/src/a.ts", `import { encode } from "cborg"`, "core/base may not use the package cborg")
imports("core/base/test/a.test.ts", `import { encode } from "cborg"`, "fine")
imports("core/base/test/a.test.ts", `import pg from "pg"`, "core/base may not use the package pg")
imports("core/base/src/a.ts", `import { a } from "../../access/src/a.ts"`, "leaves its room by a relative path")
imports("core/base/test/a.test.ts", `import a from "../../../vectors/cbor.json"`, "fine")
imports("core/base/src/a.ts", `import a from "../../../vectors/cbor.json"`, "leaves its room by a relative path")
imports("core/base/src/a.ts", `import { a } from "../test/a.ts"`, "the product imports its tests")
imports("core/audit/src/a.ts", `import { a } from "@holdfast/lock/src/a.ts"`, "reaches behind a package's face")
imports("apps/keeper/src/a.ts", `import { x } from "@holdfast/server"`, "apps/keeper may not import server")
imports(
  "apps/keeper/test/a.test.ts",
  `import { x } from "@holdfast/server"`,
  "tests of apps/keeper may not import server",
)
imports("apps/keeper/test/a.test.ts", `import { x } from "@holdfast/keeper"`, "fine")
imports("apps/keeper/src/a.ts", `import fastify from "fastify"`, "apps/keeper may not use the package fastify")
imports("apps/front/src/a.ts", `import mime from "mime/lite"`, "apps/front may not use the package mime")
imports("apps/server/src/a.ts", `import fs from "fs"`, "write node:fs")
imports("apps/console/src/a.tsx", `import { hash } from "node:crypto"`, "apps/console knows nothing of Node")
imports("apps/console/src/a.tsx", `import { createRoot } from "react-dom/client"`, "fine")
imports("sim/src/a.ts", `import { Keeper } from "@holdfast/keeper"`, "fine")
imports(
  "sim/src/a.ts",
  `import "../../apps/keeper/src/main.ts"`,
  "nobody imports a main.ts: it alone meets the operating system",
)
imports(
  "apps/board/test/a.test.ts",
  `import "../src/launcher-main.ts"`,
  "nobody imports a main.ts: it alone meets the operating system",
)
imports("garden/src/a.ts", `import { assert } from "@holdfast/base"`, "the room garden has no row in the table")

test("a package.json declares only what the table allows", () => {
  const row = { room: "core/lock", may: "base access/door", node: false }
  const claims = (dependencies: Record<string, string>, devDependencies: Record<string, string>) =>
    checkManifest(row, { name: "@holdfast/lock", dependencies, devDependencies }).map((violation) => violation.claim)
  deepEqual(claims({ "@holdfast/base": "*", "@holdfast/access": "*" }, { "@holdfast/port-node": "*", cborg: "1" }), [])
  deepEqual(claims({ "@holdfast/wire": "*" }, {}), [`"@holdfast/wire": core/lock may not import wire`])
  deepEqual(claims({ cborg: "1" }, {}), [`"cborg": core/lock may not use the package cborg`])
  deepEqual(claims({}, { pg: "1" }), [`"pg": core/lock may not use the package pg`])
})

test("the table has no circle and each of its rows is a room", () => {
  const [base, access] = [
    { room: "core/base", may: "", node: false },
    { room: "core/access", may: "base", node: false },
  ]
  const claims = (...[rows, rooms]: Parameters<typeof checkTable>) => checkTable(rows, rooms).map(({ claim }) => claim)
  deepEqual(claims([base, access], ["core/base", "core/access"]), [])
  deepEqual(claims([access, base], ["core/base", "core/access"]), [
    "core/access may import base, which stands below it",
  ])
  deepEqual(claims([base, access], ["core/base"]), ["core/access is no room yet"])
  deepEqual(claims([base], ["core/base", "core/wire"]), ["core/wire has no row"])
})

test("every face that a package.json offers is there", () => {
  deepEqual(
    [...faces()].filter((path) => !existsSync(join(ROOT, path))),
    [],
  )
})

test("no room of core has Node or a third party", () => {
  for (const row of TABLE.filter(({ room }) => room.startsWith("core/")))
    deepEqual([row.room, row.node, row.outside], [row.room, false, undefined])
})

test("every import in this checkout follows the table", () => {
  deepEqual(checkLayers().map(show), [])
})
