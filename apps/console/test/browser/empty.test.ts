/**
 * From nothing: a building without an example gets a door, a virtual board, a rule, a person and a card, all in the console,
 * and the card opens the door. Then a second door gets a board that stands alone, in a process of its own.
 * In a real browser against real processes.
 */
import { deepEqual, equal, match, ok } from "node:assert/strict"
import { after, before, test } from "node:test"
import type { Browser, Page } from "playwright-core"
import { verdict } from "./at-door.ts"
import { launchBrowser } from "./browser.ts"
import { LoneBoard, RunningBuilding } from "./running.ts"

/** For what is seen sooner or later, on however busy a machine. */
const WAIT_MS = 60_000

let building: RunningBuilding
let browser: Browser
let page: Page
let board: LoneBoard | null = null
/** Whatever the page complained of; it must stay empty. */
const complaints: string[] = []

before(async () => {
  building = await RunningBuilding.start("--example", "none")
  browser = await launchBrowser()
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  context.setDefaultTimeout(WAIT_MS)
  page = await context.newPage()
  page.on("pageerror", (error) => complaints.push(error.message))
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text())
  })
})

after(async () => {
  await board?.remove()
  await browser?.close()
  await building?.remove()
})

const go = (name: string) => page.getByRole("link", { name, exact: true }).click()
const press = (name: string) => page.getByRole("button", { name, exact: true }).first().click()

/** Fills a form that is asked for, and puts what it makes into the tray. */
async function ask(button: string, fill: (dialog: ReturnType<Page["getByRole"]>) => Promise<void>): Promise<void> {
  await press(button)
  const dialog = page.getByRole("dialog")
  await fill(dialog)
  await dialog.getByRole("button", { name: "Put into the tray" }).click()
  await dialog.waitFor({ state: "detached" })
}

async function sign(changes: number): Promise<void> {
  await page
    .getByRole("region", { name: /Drafts/ })
    .getByRole("button", { name: /Review/ })
    .click()
  await page.getByRole("button", { name: /^Sign with/ }).click()
  await page.getByText(`${changes} ${changes === 1 ? "change is" : "changes are"} in the log`).waitFor()
}

test("the first administrator takes charge of an empty building and adds a door", async () => {
  await page.goto(building.link)
  await page.getByLabel("Your name").fill("Vera Admin")
  await page.getByRole("button", { name: "Use a key in this browser" }).click()
  await page.getByLabel("I have the file in a safe place").check()
  await press("Go on and sign in")
  await press("Sign in with the key in this browser")
  await page
    .getByText(/log verified/)
    .first()
    .waitFor()
  await go("Doors")
  await ask("Add a door", (dialog) => dialog.getByLabel("Name").fill("Workshop"))
  await sign(1)
  await page.getByText("npm run board", { exact: true }).waitFor()
})

test("npm run board, and the door has a lock that says who it is", async () => {
  match(await building.order("board"), /Virtual boards are on/)
  await page.reload()
  await press("Attach a virtual board")
  await page.getByText("The board must show this fingerprint").waitFor()
  await sign(1)
  await page
    .getByText(/issued and applied/)
    .first()
    .waitFor()
})

test("a group with a rule, a person in it, a card: it opens at the door's panel", async () => {
  await go("Groups & schedules")
  await ask("New group", (dialog) => dialog.getByLabel("Name").fill("Makers"))
  await ask("Add a rule", (dialog) => dialog.getByRole("checkbox", { name: "Workshop" }).check())
  await go("People")
  await ask("Add a person", async (dialog) => {
    await dialog.getByLabel("Name").fill("Juno Park")
    await dialog.getByLabel("Group").selectOption({ label: "Makers" })
  })
  await ask("Add a credential", (dialog) => dialog.getByRole("radio", { name: /^Card/ }).check())
  await sign(5)
  await page.getByText("The card for Juno Park is written.").waitFor()
  await press("Done")
  await go("Doors")
  await go("Workshop")
  const atDoor = page.getByRole("region", { name: "At the door" })
  await page
    .getByText(/issued and applied/)
    .first()
    .waitFor()
  equal(await verdict(page, () => atDoor.getByRole("button", { name: /Juno Park/ }).click()), "Granted")
  await page
    .getByRole("table", { name: "Records of this door" })
    .getByText("Admitted", { exact: true })
    .first()
    .waitFor()
})

test("a board that stands alone waits in the console, is paired by its fingerprint, and opens for a PIN typed at it", async () => {
  await go("Doors")
  await ask("Add a door", async (dialog) => {
    await dialog.getByLabel("Name").fill("Back door")
    await dialog.getByLabel("Opens with").selectOption({ label: "PIN" })
    await dialog.getByRole("textbox", { name: "Grade", exact: true }).fill("1")
  })
  await sign(1)
  const shown = await page.getByText(/^npm run board -- --site https/).textContent()
  const link = shown?.split(" ").at(-1) ?? ""
  match(link, /^https:\/\/127\.0\.0\.1:\d+\/#[0-9a-f]{32}$/)
  board = new LoneBoard(link)
  const fingerprint = await board.says(/Its fingerprint: (.+)$/)
  const row = page
    .getByRole("list", { name: "Boards that wait" })
    .getByRole("listitem")
    .filter({ hasText: fingerprint })
  await row.getByRole("button", { name: "Pair this board" }).click()
  await sign(1)
  await board.says(/^Board of door ([0-9a-f]{32})\./)
  await page
    .getByText(/issued and applied/)
    .first()
    .waitFor()
  await go("Groups & schedules")
  await ask("Add a rule", (dialog) => dialog.getByRole("checkbox", { name: "Back door" }).check())
  await go("People")
  await page.getByRole("link", { name: /Juno Park/ }).click()
  await ask("Add a credential", (dialog) => dialog.getByRole("radio", { name: /^PIN/ }).check())
  await sign(2)
  const pin = await page.getByLabel("PIN", { exact: true }).textContent()
  await press("Done")
  await go("Doors")
  await go("Back door")
  await page
    .getByText(/issued and applied/)
    .first()
    .waitFor()
  board.type(pin ?? "")
  await board.says(/reader (granted)/)
  await page
    .getByRole("table", { name: "Records of this door" })
    .getByText("Admitted", { exact: true })
    .first()
    .waitFor()
})

test("a file that is no firmware image is handed back with a word why", async () => {
  await go("Doors")
  await go("Firmware")
  await page.getByText("There is no image yet").waitFor()
  const file = { name: "letter.bin", mimeType: "application/octet-stream", buffer: Buffer.alloc(100, "dear lock ") }
  await page.getByLabel("Image file").setInputFiles(file)
  await page.getByText("This is no MCUboot image: no image.").waitFor()
  await page.getByText("There is no image yet").waitFor()
  const refusals = complaints.splice(0) // The browser notes the refused request by itself.
  ok(refusals.length === 1 && refusals[0]?.includes("422"), refusals.join("; "))
})

test("the page never complained", () => deepEqual(complaints, []))
