/** Screenshots of every page at two sizes, light and dark: `node dev/shots.ts URL OUT [page ...]`, to be looked at. */
import { mkdirSync } from "node:fs"
import type { Page } from "playwright-core"
import { launchBrowser } from "../test/browser/browser.ts"

const [base = "http://localhost:5199", out = "/tmp/shots", ...wanted] = process.argv.slice(2)
mkdirSync(out, { recursive: true })

const PAGES: readonly (readonly [string, string, ((page: Page) => Promise<void>)?])[] = [
  ["live", "/"],
  [
    "live-panel",
    "/",
    async (page) => {
      const door = page.getByRole("button", { name: /Hall to corridor/ })
      await door.first().click()
      await page.getByRole("heading", { name: "At the door" }).waitFor()
    },
  ],
  ["activity", "/activity"],
  [
    "proof",
    "/activity",
    async (page) => {
      await page
        .getByRole("button", { name: /Open the proof/ })
        .first()
        .click()
      await page.getByText("verified in this browser").waitFor()
    },
  ],
  ["heat", "/heat"],
  ["people", "/people"],
  ["person", "/people", async (page) => page.getByRole("link", { name: /Bo Lind/ }).click()],
  ["groups", "/groups"],
  ["doors", "/doors"],
  ["door", "/doors", async (page) => page.getByRole("link", { name: "Workshop", exact: true }).click()],
  ["logs", "/logs"],
  ["account", "/account"],
  [
    "review",
    "/people",
    async (page) => {
      await page.getByRole("button", { name: "Add a person" }).click()
      await page.getByLabel("Name", { exact: true }).fill("Zora Neumann")
      await page.getByLabel("Group").selectOption({ index: 1 })
      await page.getByRole("button", { name: "Put into the tray" }).click()
      await page.getByRole("button", { name: "Add a credential" }).click()
      await page.getByLabel(/^PIN/).check()
      await page.getByRole("button", { name: "Put into the tray" }).click()
      await page.getByRole("button", { name: "Review and sign" }).click()
      await page.getByRole("heading", { name: "At the doors" }).waitFor()
      await page.waitForTimeout(700)
    },
  ],
]

const browser = await launchBrowser()
const sizes = [
  ["desk", 1440, 900],
  ["phone", 390, 844],
] as const
for (const [device, width, height] of sizes) {
  for (const colorScheme of ["light", "dark"] as const) {
    const context = await browser.newContext({ viewport: { width, height }, colorScheme, hasTouch: device === "phone" })
    const page = await context.newPage()
    page.on("console", (message) => {
      if (message.type() === "error") process.stderr.write(`${device} ${colorScheme}: ${message.text()}\n`)
    })
    page.on("pageerror", (error) => process.stderr.write(`${device} ${colorScheme}: ${error.stack}\n`))
    await page.goto(`${base}/claim#dev`)
    await page.getByLabel("Your name").fill("Maxi Muster")
    if (wanted.length === 0) await page.screenshot({ path: `${out}/claim-${device}-${colorScheme}.png` })
    await page.getByRole("button", { name: "Use a key in this browser" }).click()
    await page.getByLabel("I have the file").check()
    if (wanted.length === 0) await page.screenshot({ path: `${out}/recovery-${device}-${colorScheme}.png` })
    await page.getByRole("button", { name: "Go on" }).click()
    await page.getByRole("button", { name: /Sign in/ }).click()
    await page.getByRole("status", { name: "How true" }).waitFor()
    for (const [name, path, act] of PAGES) {
      if (wanted.length > 0 && !wanted.includes(name)) continue
      try {
        await page.goto(base + path)
        await page
          .getByText(/log verified/)
          .first()
          .waitFor({ timeout: 8000 })
        await act?.(page)
        await page.waitForTimeout(400)
      } catch (error) {
        process.stderr.write(
          `${device} ${colorScheme} ${name}: ${error instanceof Error ? error.message : String(error)}\n`,
        )
      }
      await page.screenshot({ path: `${out}/${name}-${device}-${colorScheme}.png` })
    }
    await context.close()
  }
}
await browser.close()
