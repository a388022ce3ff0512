/** A process that takes the instance of the directory it is given and says so; the test kills it. */
import { takeInstance } from "../src/instance.ts"

await takeInstance(process.argv[2] ?? "", async () => null)
process.send?.("held")
