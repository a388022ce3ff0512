/** GET /doors: every door as last known. */
import type { Handler } from "./handler.ts"

/** Every door of the site in the order of its id. */
export const doors: Handler<"doors"> = async (context) => {
  const all = [...context.known.view.doors()].map(({ id }) => context.present(id))
  const present = all.filter((door) => door !== null)
  return { ok: true, answer: { doors: present.sort((a, b) => (a.door < b.door ? -1 : 1)) } }
}
