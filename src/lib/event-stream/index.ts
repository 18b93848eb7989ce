/** Server-sent events as they are received: as they come, or of a body that is there whole. */
export { messagesIn } from "./messages-in.ts";
export { readEvents } from "./read-events.ts";
