/** How each known client is given this server: one source for the console's screen and for the command line. Pure. */
export { clientFile, textOf, type ClientFile } from "./client-files.ts";
export { connectClients, shortName, type ConnectClient } from "./connect-clients.ts";
