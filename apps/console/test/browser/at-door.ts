/** At a virtual door in a browser: what its reader says to somebody, though a busy machine looks only when the light is out again. */
import type { Page } from "playwright-core"

const SAID_MS_MAX = 60_000

/** Runs in the page, at a reader that says neither. */
const WATCH = `new Promise((said, failed) => {
  const light = document.querySelector('[aria-label="Reader\\'s light"]')
  const watch = new MutationObserver(() => {
    const verdict = /Granted|Denied/.exec(light.textContent)
    if (verdict === null) return
    watch.disconnect()
    said(verdict[0])
  })
  watch.observe(light, { childList: true, characterData: true, subtree: true })
  setTimeout(() => failed(new Error("the reader said neither Granted nor Denied")), ${SAID_MS_MAX})
})`

/** What the reader answers to an act at the shown door, which begins when the light says "Ready". */
export async function verdict(page: Page, act: () => Promise<void>): Promise<string> {
  await page.getByRole("status", { name: "Reader's light" }).getByText("Ready").waitFor()
  const [said] = await Promise.all([page.evaluate(WATCH), act()])
  return String(said)
}
