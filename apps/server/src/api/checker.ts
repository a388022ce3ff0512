/**
 * Whether a request has the form that the contract gives it, part by part; what is answered to it is none of its business.
 */
import type { Route } from "@holdfast/contract"
import type { FastifyRequest } from "fastify"
import type { TSchema } from "typebox"
import { Compile } from "typebox/compile"
import { Convert } from "typebox/value"
import { RequestNotValidError } from "./problem.ts"

/** The checked parts of a request. Texts of path and query become numbers where the contract says so; the body never does. */
export class Checker {
  readonly #parts: readonly {
    readonly name: "params" | "query" | "body"
    readonly check: (value: unknown) => unknown
  }[]

  constructor(route: Route) {
    const parts = [
      { name: "params", schema: route.params, isText: true },
      { name: "query", schema: route.query, isText: true },
      { name: "body", schema: route.body, isText: false },
    ] as const
    const file = { name: "body", check: bytesIn } as const
    const read = parts.flatMap(({ name, schema, isText }) =>
      schema === undefined ? [] : [{ name, check: checkerOf(name, schema, isText) }],
    )
    this.#parts = route.takes === "bytes" ? [...read, file] : read
  }

  /** Throws {@link RequestNotValidError}. */
  check(request: FastifyRequest): object {
    const { "*": file, ...params } = request.params as { [name: string]: string }
    const given = {
      params: file === undefined ? params : { ...params, file },
      query: request.query,
      body: request.body,
    }
    return Object.fromEntries(this.#parts.map(({ name, check }) => [name, check(given[name])]))
  }
}

function checkerOf(name: string, schema: TSchema, isText: boolean): (value: unknown) => unknown {
  const compiled = Compile(schema)
  return (value) => {
    const read = isText ? Convert(schema, value) : value
    if (compiled.Check(read)) return read
    const [first] = compiled.Errors(read)
    throw new RequestNotValidError(
      `${name}${first?.instancePath ?? ""}: ${first?.message ?? "not as the contract says"}`,
    )
  }
}

/** The body of a route that takes a file. */
function bytesIn(body: unknown): Uint8Array {
  if (!(body instanceof Uint8Array) || body.length === 0)
    throw new RequestNotValidError("body: a file of at least one byte")
  return body
}
