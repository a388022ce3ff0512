/**
 * The console alone against its pretend site (dev/): every page by its roles and names, free of axe findings on paper and at
 * night, under the front's content security policy, with nothing said on the browser's console.
 */
import { AxeBuilder } from "@axe-core/playwright"
import { deepEqual, equal, ok } from "node:assert/strict"
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { after, before, test } from "node:test"
import { fileURLToPath } from "node:url"
import type { Browser, BrowserContext, Page } from "playwright-core"
import { launchBrowser } from "./browser.ts"

/** Whom the pretend building forces to enter. */
const FORCED = "Ana Weber"
const WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
const DEV = fileURLToPath(new URL("../../dev/main.ts", import.meta.url))

let site: ChildProcess
/** The pretend site's address, on a port that was free. */
let base: string
let browser: Browser

before(async () => {
  site = spawn(process.execPath, [DEV, "--port", "0", "--pose"], { stdio: ["ignore", "pipe", "inherit"] })
  ok(site.stdout !== null)
  const [link] = (await once(site.stdout, "data")) as [Buffer]
  base = new URL(link.toString()).origin
  browser = await launchBrowser()
})

after(async () => {
  await browser.close()
  site.kill()
})

type Visit = { readonly context: BrowserContext; readonly page: Page; readonly said: string[] }

/** A new person with a software key, signed in, with everything that the browser complained about. */
async function signedIn(colorScheme: "light" | "dark", phone = false): Promise<Visit> {
  const viewport = phone ? { width: 390, height: 844 } : { width: 1440, height: 900 }
  const context = await browser.newContext({ viewport, colorScheme, reducedMotion: "reduce" })
  const page = await context.newPage()
  const said: string[] = []
  page.on("console", (message) => {
    if (message.type() === "error") said.push(message.text())
  })
  page.on("pageerror", (error) => said.push(error.message))
  await page.goto(`${base}/claim#dev`)
  await page.getByLabel("Your name").fill("Maxi Muster")
  await page.getByRole("button", { name: "Use a key in this browser" }).click()
  await page.getByLabel("I have the file in a safe place").check()
  await page.getByRole("button", { name: "Go on and sign in" }).click()
  await page.getByRole("button", { name: "Sign in with the key in this browser" }).click()
  await page
    .getByText(/log verified/)
    .first()
    .waitFor()
  return { context, page, said }
}

async function clean(page: Page, where: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).withTags(WCAG).analyze()
  const found = violations.map(({ id, nodes }) => `${where}: ${id}: ${nodes.map((node) => node.html).join(" | ")}`)
  deepEqual(found, [])
}

const PAGES = ["Live", "Activity", "Heat map", "People", "Groups & schedules", "Doors", "Logs", "Account"] as const

for (const scheme of ["light", "dark"] as const)
  test(`${scheme}: every page is free of axe findings`, async () => {
    const { context, page, said } = await signedIn(scheme)
    for (const name of PAGES) {
      await page.getByRole("link", { name, exact: true }).click()
      await page.getByRole("heading", { level: 1 }).waitFor()
      await clean(page, name)
    }
    deepEqual(said, [])
    await context.close()
  })

const PATHS = "/ /activity /heat /people /groups /doors /firmware /logs /account".split(" ")

test("phone: the plan is a list of doors, no page is wider than the phone, and axe finds nothing", async () => {
  const { context, page, said } = await signedIn("light", true)
  await page.getByRole("list", { name: "Doors of Ground floor" }).waitFor()
  // So high that no row lies half under the bar at the bottom: one scrolls it free, and axe cannot.
  await page.setViewportSize({ width: 390, height: 10_000 })
  for (const path of PATHS) {
    await page.goto(`${base}${path}`)
    await page
      .getByText(/log verified/)
      .first()
      .waitFor()
    await page
      .getByText(/Reading…|Counting…/)
      .first()
      .waitFor({ state: "detached" })
    const [wide, has] = await page.evaluate(() => {
      const { scrollWidth, clientWidth } = document.documentElement
      return [scrollWidth, clientWidth] as const
    })
    ok(wide <= has, `${path} is ${wide} px wide on a phone of ${has}`)
    await clean(page, `phone ${path}`)
  }
  deepEqual(said, [])
  await context.close()
})

test("the first steps are ticked off as they are done, and stay away once they are put away", async () => {
  const { context, page, said } = await signedIn("light", true)
  const steps = page.getByRole("region", { name: "First steps" })
  const seal = steps.getByRole("listitem").nth(2)
  equal(await seal.getByText("(done)").count(), 0)
  const records = page.getByRole("region", { name: "Latest records" })
  await records
    .getByRole("button", { name: /Open the proof/ })
    .first()
    .click()
  await page.getByText("verified in this browser").waitFor()
  await page.keyboard.press("Escape")
  await seal.getByText("(done)").waitFor()
  await steps.getByRole("button", { name: "Put the first steps away" }).click()
  await page.reload()
  await records.waitFor()
  equal(await steps.count(), 0)
  deepEqual(said, [])
  await context.close()
})

test("firmware: the images that are kept, with what each says of itself", async () => {
  const { context, page, said } = await signedIn("light")
  await page.getByRole("link", { name: "Doors", exact: true }).click()
  await page.getByRole("link", { name: "Firmware" }).click()
  const row = page.getByRole("table", { name: "Images" }).getByRole("row").filter({ hasText: "HF-VB1" })
  await row.getByText("0.2.0+0").waitFor()
  await row.getByText("no door").waitFor()
  await clean(page, "Firmware")
  deepEqual(said, [])
  await context.close()
})

test("a door's panel, a proof and the review are free of axe findings", async () => {
  const { context, page, said } = await signedIn("light")
  await page.getByRole("button", { name: /^Workshop: Bolt jammed/ }).click()
  await page.getByRole("group", { name: "Keypad" }).waitFor()
  await clean(page, "panel")
  await page.keyboard.press("Escape")
  await page.getByRole("group", { name: "Keypad" }).waitFor({ state: "detached" })
  await page.getByRole("link", { name: "Activity", exact: true }).click()
  await page
    .getByRole("button", { name: /Open the proof/ })
    .first()
    .click()
  await page.getByText("verified in this browser").waitFor()
  await clean(page, "proof")
  await page.getByRole("button", { name: "Close" }).click()
  deepEqual(said, [])
  await context.close()
})

test("attack 42, I-19: nothing of duress is told in the activity, nor at a door, however much is opened", async () => {
  const { context, page, said } = await signedIn("light")
  await page.getByRole("link", { name: "Activity", exact: true }).click()
  const activity = page.getByRole("table", { name: "Journal records" })
  const forced = activity.getByRole("row").filter({ hasText: "Admitted" }).filter({ hasText: FORCED }).first()
  await forced.waitFor()
  equal(await activity.getByText(/duress/).count(), 0)
  await forced.getByRole("link").first().click()
  const records = page.getByRole("table", { name: "Records of this door" })
  await records.getByText("Admitted", { exact: true }).first().waitFor()
  await records.getByRole("link").first().waitFor()
  equal(await records.getByText(/duress/).count(), 0)
  deepEqual(said, [])
  await context.close()
})

test("drafts are compiled in a worker, signed once, and a PIN is shown once", async () => {
  const { context, page, said } = await signedIn("dark")
  await page.getByRole("link", { name: "People", exact: true }).click()
  await page.getByRole("button", { name: "Add a person" }).click()
  await page.getByLabel("Name", { exact: true }).fill("Zora Neumann")
  await page.getByLabel("Group").selectOption({ label: "Everybody" })
  await page.getByRole("button", { name: "Put into the tray" }).click()
  await page.getByRole("heading", { name: "Zora Neumann" }).waitFor()
  await page.getByRole("button", { name: "Add a credential" }).click()
  await page.getByRole("button", { name: "Put into the tray" }).click()
  await page.getByRole("button", { name: "Add a credential" }).click()
  await page.getByLabel(/^PIN/).check()
  await page.getByRole("button", { name: "Put into the tray" }).click()
  const asked = page.waitForEvent("dialog")
  await page.close({ runBeforeUnload: true }) // Drafts live in the page alone: it asks before they are lost.
  const question = await asked
  equal(question.type(), "beforeunload")
  await question.dismiss()
  await page.getByRole("button", { name: "Review and sign" }).click()
  const gains = page.getByRole("table", { name: "Who gains and who loses" })
  await gains.getByRole("row", { name: /Main entrance Zora Neumann/ }).waitFor()
  ok(page.workers().length === 1)
  await clean(page, "review")
  await page.getByRole("button", { name: "Sign with the key in this browser" }).click()
  await page.getByRole("heading", { name: "Hand over" }).waitFor()
  await page.getByText("482913").waitFor()
  await page.getByText("Under duress: 605174").waitFor()
  await clean(page, "hand over")
  await page.getByRole("button", { name: "Done" }).click()
  ok((await page.getByText("482913").count()) === 0)
  ok((await page.getByText("605174").count()) === 0)
  deepEqual(said, [])
  await context.close()
})

test("a revocation reads NOT revoked until the receipt verifies here", async () => {
  const { context, page, said } = await signedIn("light")
  await page.getByRole("link", { name: "People", exact: true }).click()
  await page.getByRole("link", { name: /Bo Lindqvist/ }).click()
  await page.getByRole("button", { name: "Revoke…" }).click()
  await page.getByText("NOT revoked", { exact: true }).waitFor()
  await clean(page, "revoke")
  await page.getByRole("button", { name: "Revoke now" }).click()
  await page.getByRole("heading", { name: "Revoked", exact: true }).waitFor()
  await page.getByRole("table", { name: "Doors and the revocation" }).waitFor()
  await clean(page, "revoked")
  deepEqual(said, [])
  await context.close()
})

test("the keyboard alone opens a door's panel and closes it, and focus comes back", async () => {
  const { context, page } = await signedIn("light")
  const door = page.getByRole("button", { name: /^Office west/ })
  await door.focus()
  await page.keyboard.press("Enter")
  await page.getByRole("dialog", { name: /Office west/ }).waitFor()
  await page.keyboard.press("Escape")
  await page.getByRole("dialog").waitFor({ state: "detached" })
  ok(await door.evaluate((element) => element === element.ownerDocument.activeElement))
  await page.keyboard.press("Control+k")
  await page.getByRole("combobox").fill("serv")
  await page.getByRole("option", { name: /Server room/ }).waitFor()
  await page.keyboard.press("Enter")
  await page.getByRole("heading", { name: "Server room" }).waitFor()
  await context.close()
})
