export { isRecord } from "./is-record.ts";
export { jsonParts } from "./json-parts.ts";
export { parseJson } from "./parse-json.ts";
