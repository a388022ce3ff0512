/** Light, dark, or as the system says: remembered in this browser. */

export type Theme = "system" | "light" | "dark"

const SLOT = "holdfast.theme"

export function chosenTheme(): Theme {
  const text = localStorage.getItem(SLOT)
  return text === "light" || text === "dark" ? text : "system"
}

export function applyTheme(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset["theme"]
  else document.documentElement.dataset["theme"] = theme
}

export function chooseTheme(theme: Theme): void {
  localStorage.setItem(SLOT, theme)
  applyTheme(theme)
}
