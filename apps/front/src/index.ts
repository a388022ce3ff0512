/** The front's library face, for tests that run it inside their own process. */
export { BundleMissingError, type Bundle, readBundle } from "./bundle.ts"
export { type CounterOptions, createCounter } from "./boards.ts"
export { contentSecurityPolicy, createFront, type FrontOptions, type SiteFile } from "./serve.ts"
