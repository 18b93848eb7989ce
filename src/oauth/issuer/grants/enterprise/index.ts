/** Assertions of a configured identity provider (MCP enterprise-managed authorization). */
export { acceptAssertion } from "./accept-assertion.ts";
