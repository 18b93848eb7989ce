/** The server: everything below, composed. */
export { createServer, type Server } from "./create-server.ts";
export type { Operator } from "./operator/index.ts";
export type { ServerOptions } from "./server-options.ts";
