/** The few line drawings of the frame, in one weight. They never stand without a name beside them. */

const PATHS = {
  live: "M3 4.5h7v5H3zM10 4.5h5v9h-5M3 9.5v4h4m3 0h1",
  activity: "M4 4h10M4 8h10M4 12h6",
  heat: "M3.5 3.5h3v3h-3zM7.5 7.5h3v3h-3zM11.5 3.5h3v3h-3zM3.5 11.5h3v3h-3zM11.5 11.5h3v3h-3z",
  people: "M9 8.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM4 15c.4-3 2.3-4.5 5-4.5s4.6 1.5 5 4.5",
  rules: "M9 5.5v4l2.5 1.5M9 15.5a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13z",
  doors: "M5 15V3h8v12M3 15h12M10.5 9.5v-1",
  log: "M4 3h10v3H4zM4 7.5h10v3H4zM4 12h10v3H4z",
  account: "M7 8a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM9 6h6M13 6v3M7 8v7M7 12h2",
  silent: "M5 12V8a4 4 0 0 1 8 0v4l1.5 2h-11zM8 15.8h2",
  close: "M5 5l8 8M13 5l-8 8",
  search: "M8 12.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM11.5 11.5 15 15",
  more: "M4 9h.01M9 9h.01M14 9h.01",
} as const

export type IconName = keyof typeof PATHS

export function Icon({ name }: { name: IconName }) {
  return (
    <svg
      viewBox="0 0 18 18"
      width="18"
      height="18"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.4"
      aria-hidden="true"
    >
      <path d={PATHS[name]} strokeLinecap="square" />
    </svg>
  )
}

/** Two jambs and a bolt between them. */
export function Mark() {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="6" fill="var(--ink)" />
      <path d="M8 5v22M24 5v22" stroke="var(--paper)" strokeWidth="4" />
      <path d="M6 16h20" stroke="light-dark(#ddb974, #80601f)" strokeWidth="5" />
    </svg>
  )
}
