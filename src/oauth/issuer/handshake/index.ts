/** What happens at the authorization server, told as steps of a connection. */
export { createObserver, type Observer } from "./observe.ts";
