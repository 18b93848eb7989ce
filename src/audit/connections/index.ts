/** How clients come to be connected: a timeline of each attempt, where it stopped, why, and what helps. */
export { difference } from "./diagnose.ts";
export { openConnections, type Connections } from "./open-connections.ts";
export type { Problem } from "./problems.ts";
export { CONNECTIONS_PATH, type ConnectionView } from "./views.ts";
export { claimsOf, duration } from "./unchecked.ts";
export type { Handshakes, Signal } from "./signal.ts";
