/** The server: everything below, composed. */
export { createServer, openServer, type OpenedServer, type Server } from "./create-server.ts";
export type { Operator } from "./operator/index.ts";
export type { ServerOptions } from "./server-options.ts";
