/** The timeline of a connection, and the steps of it that are visits of pages. */
export { showConnection } from "./connection-page.ts";
export { tellVisit } from "./tell-visit.ts";
