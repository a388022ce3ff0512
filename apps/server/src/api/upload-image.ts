/** POST /images: a firmware image, kept if it is one. */
import type { Handler } from "./handler.ts"

export const uploadImage: Handler<"uploadImage"> = async (context, { body }, session) => {
  const kept = context.images.keep(body)
  if (!kept.ok) return kept
  const { sha256, version, model } = kept.image
  context.log("info", "image kept", { sha256, version, model, by: session.person })
  return { ok: true, answer: kept.image }
}
