/** What is wrong with an MCP server of any make, as seen from the outside. */
export { examineServer, type Examination } from "./examine-server.ts";
export * from "./report/index.ts";
export { RULES } from "./rules.ts";
