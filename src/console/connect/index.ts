/** How each known client is given this server: one source for the console's screen and for the command line. Pure. */
export { connectClients } from "./connect-clients.ts";
