/** What Vite understands beside JavaScript. */
declare module "*?worker&url" {
  const url: string
  export default url
}
declare module "*.css"
declare module "@fontsource-variable/inter/wght.css"
