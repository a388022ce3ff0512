/**
 * The OpenAPI 3.1 document of the API, made from the table of routes and nothing else.
 *
 * TypeBox schemas are JSON Schema, which OpenAPI 3.1 takes as it is. Faults of one status are listed in that status's text.
 */
import { type Fault, FAULTS, FAULTS_OF_ALL, FAULTS_OF_SESSION, Problem } from "./fault.ts"
import { type Route, ROUTES } from "./routes.ts"

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json | object }

/** Every fault that the route may answer, in the table's order. */
export function faultsOf(route: Route): Fault[] {
  const own: readonly Fault[] = [...FAULTS_OF_ALL, ...route.faults]
  return route.session === "needed" ? [...own, ...FAULTS_OF_SESSION] : [...own]
}

function parametersOf(route: Route): object[] {
  const of = (place: "path" | "query", schema: Route["params"]) =>
    Object.entries(schema?.properties ?? {}).map(([name, each]) => {
      const needed: readonly string[] = schema?.required ?? []
      return { name, in: place, required: place === "path" || needed.includes(name), schema: each }
    })
  return [...of("path", route.params), ...of("query", route.query)]
}

function successOf(route: Route): { readonly [status: string]: object } {
  const { answer } = route
  switch (answer.is) {
    case "json":
      return { 200: { description: "Done", content: { "application/json": { schema: answer.schema } } } }
    case "bytes":
      return { 200: { description: "The bytes", content: { "application/octet-stream": {} } } }
    case "events":
      return {
        200: {
          description: "Server-sent events; the data of each is JSON of this schema",
          content: { "text/event-stream": { schema: answer.schema } },
        },
      }
    case "nothing":
      return { 204: { description: "Done" } }
  }
}

function problemsOf(route: Route): { readonly [status: string]: object } {
  const byStatus = new Map<number, string[]>()
  for (const fault of faultsOf(route)) {
    const { status, title } = FAULTS[fault]
    byStatus.set(status, [...(byStatus.get(status) ?? []), `${fault}: ${title}`])
  }
  const content = { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } }
  return Object.fromEntries(
    [...byStatus].map(([status, lines]) => [status, { description: lines.join("; "), content }]),
  )
}

function operationOf(name: string, route: Route): object {
  const json = route.body === undefined ? null : { "application/json": { schema: route.body } }
  const body = route.takes === "bytes" ? { "application/octet-stream": {} } : json
  return {
    operationId: name,
    summary: route.says,
    parameters: parametersOf(route),
    ...(body === null ? {} : { requestBody: { required: true, content: body } }),
    responses: { ...successOf(route), ...problemsOf(route) },
    security: route.session === "needed" ? [{ session: [] }] : [],
  }
}

/** The document for an API of this version. */
export function openApi(version: string): Json {
  const paths: { [path: string]: { [method: string]: object } } = {}
  for (const [name, route] of Object.entries(ROUTES)) {
    const methods = paths[route.path] ?? {}
    paths[route.path] = { ...methods, [route.method.toLowerCase()]: operationOf(name, route) }
  }
  return {
    openapi: "3.1.0",
    info: { title: "Holdfast", version, license: { name: "Apache-2.0", identifier: "Apache-2.0" } },
    paths,
    components: {
      schemas: { Problem },
      securitySchemes: { session: { type: "http", scheme: "bearer" } },
    },
  }
}
