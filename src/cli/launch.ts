/** Starts the command line of a build; what Node has compiled once is kept for the next start. */
import { enableCompileCache } from "node:module";

enableCompileCache();
await import("./main.ts");
