/** The endpoint as the command line speaks to it: where it is, what a message looks like there, and one request with its whole answer. */
export { askServer, type Told } from "./ask-server.ts";
export { openLocal, openRemote, type Destination, type Send } from "./destination.ts";
export { modernHeaders, toMessage, type Id, type Message } from "./message.ts";
export { lacksHeaders, learnMirrored } from "./mirrored-arguments.ts";
export { parseHeaders, reachOf } from "./reach.ts";
export { readText } from "./read-text.ts";
