/** Where the console starts. */
import { createRoot } from "react-dom/client"
import "@fontsource-variable/inter/wght.css"
import "./style/tokens.css"
import "./style/base.css"
import "./style/parts.css"
import "./style/frame.css"
import "./style/plan.css"
import "./style/pages.css"
import { App } from "./app/app.tsx"
import { applyTheme, chosenTheme } from "./app/theme.ts"

applyTheme(chosenTheme())
const root = document.getElementById("root")
if (root !== null) createRoot(root).render(<App />)
