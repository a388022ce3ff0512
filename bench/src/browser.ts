/** A headless Chromium from npm, or an installed Chrome; nothing is downloaded. */
import { existsSync } from "node:fs"
import { type Browser, chromium } from "playwright-core"

const INSTALLED = ["/usr/bin/google-chrome", "/usr/bin/chromium", "/usr/bin/chromium-browser"]

/** No browser is there. */
class NoBrowserError extends Error {
  override readonly name = "NoBrowserError"
}

async function packaged(): Promise<string | null> {
  if (process.platform !== "linux" || process.arch !== "x64") return null
  // Without it the package leaves out the NSS libraries that a bare machine lacks.
  process.env["AWS_LAMBDA_JS_RUNTIME"] ??= "nodejs22.x"
  const { default: bundled } = await import("@sparticuz/chromium")
  return bundled.executablePath()
}

export async function launchBrowser(): Promise<Browser> {
  const candidates = [await packaged().catch(() => null), ...INSTALLED]
  const executablePath = candidates.find((path) => path !== null && existsSync(path))
  if (typeof executablePath !== "string") throw new NoBrowserError("no Chromium or Chrome is installed")
  return chromium.launch({ executablePath, args: ["--no-sandbox"] })
}
