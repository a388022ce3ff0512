/** GET /images: what locks can fetch. */
import type { Handler } from "./handler.ts"

export const images: Handler<"images"> = async (context) => ({
  ok: true,
  answer: { images: [...(await context.images.list())] },
})
