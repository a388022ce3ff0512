/**
 * A browser for tests: the Chromium that comes from npm, or an installed Chrome where that one does not run, and then it
 * says so. Nothing is downloaded.
 */
import { existsSync } from "node:fs"
import { type Browser, chromium } from "playwright-core"

/** No browser could be started; the message says what was tried. */
export class NoBrowserError extends Error {
  override readonly name = "NoBrowserError"
}

const INSTALLED = [
  "/usr/bin/google-chrome",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
]

/** Where the npm package unpacks its Chromium and its own NSS libraries; null where it has none for this machine. */
async function packaged(): Promise<string | null> {
  if (process.platform !== "linux" || process.arch !== "x64") return null
  // The package lays out its libraries for the platform named here; without it Chromium misses libnss3 on a bare machine.
  process.env["AWS_LAMBDA_JS_RUNTIME"] ??= "nodejs22.x"
  const { default: bundled } = await import("@sparticuz/chromium")
  return bundled.executablePath()
}

/**
 * Starts a headless browser. Only `--no-sandbox` is given (a sandbox does not start as root); the package's own default
 * arguments make Chromium crash when a context closes.
 */
export async function launchBrowser(): Promise<Browser> {
  const tried: string[] = []
  const candidates = [await packaged().catch(() => null), ...INSTALLED]
  for (const executablePath of candidates) {
    if (executablePath === null || !existsSync(executablePath)) continue
    try {
      const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] })
      if (executablePath !== candidates[0]) process.stderr.write(`browser tests use ${executablePath}\n`)
      return browser
    } catch (error) {
      tried.push(`${executablePath}: ${error instanceof Error ? error.message.split("\n")[0] : String(error)}`)
    }
  }
  throw new NoBrowserError(`no browser starts; install Chrome or run npm install. Tried: ${tried.join("; ") || "none"}`)
}
