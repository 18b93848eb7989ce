export { version } from "../lib/package-version/index.ts";
