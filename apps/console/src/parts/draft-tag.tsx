/** The mark of what stands in the tray and in no log yet. */
export function DraftTag({ says = "draft" }: { says?: string }) {
  return <span className="tag open">{says}</span>
}
