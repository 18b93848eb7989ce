export { createDeadlines, type Deadlines } from "./deadlines.ts";
export { createRoster, NO_SEAT, type Roster } from "./roster.ts";
