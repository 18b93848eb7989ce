/** How an examination is told. */
export { formatJson } from "./json.ts";
export { formatMarkdown } from "./markdown.ts";
export { formatText } from "./text.ts";
