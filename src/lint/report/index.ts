/** The forms in which findings are told. */
export { formatGithub } from "./github.ts";
export { formatJson } from "./json.ts";
export { formatSarif } from "./sarif.ts";
export type { Source } from "./source.ts";
export { formatText } from "./text.ts";
