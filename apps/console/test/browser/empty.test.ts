/**
 * From nothing: a building without an example gets a door, a virtual board, a rule, a person and a card, all in the console,
 * and the card opens the door. Then a second door gets a board that stands alone, in a process of its own, and a third one a
 * board that two administrators agree upon. In a real browser against real processes.
 */
import { deepEqual, equal, match, ok } from "node:assert/strict"
import { join } from "node:path"
import { after, before, test } from "node:test"
import { AxeBuilder } from "@axe-core/playwright"
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

/** A page of somebody who has been nowhere here before. */
async function freshPage(): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  context.setDefaultTimeout(WAIT_MS)
  const fresh = await context.newPage()
  fresh.on("pageerror", (error) => complaints.push(error.message))
  fresh.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text())
  })
  return fresh
}

before(async () => {
  building = await RunningBuilding.start("--example", "none")
  browser = await launchBrowser()
  page = await freshPage()
})

after(async () => {
  await board?.remove()
  await browser?.close()
  await building?.remove()
})

const go = (name: string, on = page) => on.getByRole("link", { name, exact: true }).click()
const press = (name: string, on = page) => on.getByRole("button", { name, exact: true }).first().click()

/** Fills a form that is asked for, and puts what it makes into the tray. */
async function ask(button: string, fill: (dialog: ReturnType<Page["getByRole"]>) => Promise<void>): Promise<void> {
  await press(button)
  const dialog = page.getByRole("dialog")
  await fill(dialog)
  await dialog.getByRole("button", { name: "Put into the tray" }).click()
  await dialog.waitFor({ state: "detached" })
}

async function sign(changes: number, on = page): Promise<void> {
  await on
    .getByRole("region", { name: /Drafts/ })
    .getByRole("button", { name: /Review/ })
    .click()
  await on.getByRole("button", { name: /^Sign with/ }).click()
  await on.getByText(`${changes} ${changes === 1 ? "change is" : "changes are"} in the log`).waitFor()
}

const foundingKey = () => join(building.directory, "..", "founding-key.pem")

/** Follows a link that makes an administrator; the first one keeps the founding key that comes with it. */
async function takeCharge(link: string, name: string, on = page): Promise<void> {
  await on.goto(link)
  await on.getByLabel("Your name").fill(name)
  await press("Use a key in this browser", on)
  if (on === page) {
    const saving = on.waitForEvent("download")
    await on.getByRole("button", { name: /^Download holdfast-founding-key/ }).click()
    await (await saving).saveAs(foundingKey())
    await on.getByLabel("I have the file in a safe place").check()
  } else await on.getByRole("heading", { name: "Your key is ready" }).waitFor()
  await press("Go on and sign in", on)
  await press("Sign in with the key in this browser", on)
  await on
    .getByText(/log verified/)
    .first()
    .waitFor()
}

test("the first administrator takes charge of an empty building and adds a door", async () => {
  await takeCharge(building.link, "Vera Admin")
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
  const orders = page.getByRole("region", { name: "Orders" })
  await orders.getByText(/takes no orders from afar/).waitFor()
  equal(await orders.getByRole("button").count(), 0, "what its configuration does not name, the lock would refuse")
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
  await page.getByText("This is no MCUboot image.", { exact: true }).waitFor()
  await page.getByText("There is no image yet").waitFor()
  const refusals = complaints.splice(0) // The browser notes the refused request by itself.
  ok(refusals.length === 1 && refusals[0]?.includes("422"), refusals.join("; "))
})

test("I-40: with two administrators one proposes a board, and it is the lock once the other one compared and confirmed", async () => {
  const second = await freshPage()
  const invited = await building.order("invite", "--founding-key", foundingKey())
  await takeCharge(invited.trim(), "Otto Second", second)
  await go("Doors")
  await ask("Add a door", (dialog) => dialog.getByLabel("Name").fill("Cellar"))
  await sign(1)
  await press("Attach a virtual board")
  const shown = await page.locator(".notice", { hasText: "The board must show this fingerprint" }).innerText()
  const fingerprint = shown.split("\n").at(-1) ?? ""
  match(fingerprint, /^[0-9a-f ]{16,}$/i)
  await sign(1)
  await page.getByText("It is paired when another administrator confirms it.").waitFor()
  equal(await page.getByText("Confirm this board").count(), 0)

  await go("Live", second)
  const proposals = second.getByRole("list", { name: "Boards that are proposed" })
  await proposals.getByText(/^Vera Admin proposes the board .+ as the lock of Cellar\.$/).waitFor()
  await proposals.getByRole("link", { name: "Cellar" }).click()
  const proposed = second.getByRole("status").filter({ hasText: "proposes the board" })
  await proposed.getByText(fingerprint, { exact: true }).waitFor()
  const { violations } = await new AxeBuilder({ page: second }).analyze()
  deepEqual(
    violations.map(({ id }) => id),
    [],
  )
  await press("Confirm this board", second)
  await sign(1, second)
  for (const each of [page, second]) {
    await each
      .getByText(/issued and applied/)
      .first()
      .waitFor()
    equal(await each.getByText("proposes the board").count(), 0)
  }
  await second.context().close()
})

test("C82: a door that is heeded stays in the form when it was removed, until somebody takes it out", async () => {
  const configure = async () => {
    await go("Doors")
    await go("Workshop")
    await press("Configure")
    await page.getByRole("dialog").locator("summary", { hasText: "Hours, factors and people" }).click()
  }
  const form = page.getByRole("dialog")
  const heeded = form.getByRole("group", { name: /found at another door/ })
  const put = async () => {
    await form.getByRole("button", { name: "Put into the tray" }).click()
    await form.waitFor({ state: "detached" })
    await sign(1)
  }
  await configure()
  await form.getByLabel("This door is at threat level 1 for", { exact: true }).fill("60")
  for (const name of ["Back door", "Cellar"]) await heeded.getByLabel(name).check()
  await put()
  await go("Doors")
  await go("Cellar")
  await press("Remove…")
  await put()
  await configure()
  const gone = heeded.getByLabel(/is no door any more/)
  equal(await gone.isChecked(), true)
  equal(await heeded.getByRole("checkbox").count(), 2)
  await gone.uncheck()
  await form.getByText("Something grave at Back door puts it at threat level 1, for 60 min at most.").waitFor()
  await put()
  await configure()
  equal(await gone.count(), 0)
  equal(await heeded.getByLabel("Back door").isChecked(), true)
  await page.keyboard.press("Escape")
})

test("I-40: whoever ended the other administrator is told from when on a board is paired by one word", async () => {
  await go("People")
  await page.getByRole("link", { name: /Otto Second/ }).click()
  await press("Revoke…")
  await press("Revoke now")
  await page.getByText("receipt verified in this browser").waitFor()
  await go("Doors")
  await ask("Add a door", (dialog) => dialog.getByLabel("Name").fill("Attic"))
  await sign(1)
  await press("Attach a virtual board")
  await sign(1)
  await page
    .getByText(/^It is paired when another administrator confirms it, or when you do from .+ on, a day/)
    .waitFor()
  equal(await page.getByText("Confirm this board").count(), 0)
})

test("the page never complained", () => deepEqual(complaints, []))
