/** How what is derived from the ledger keeps up with it. */
export { createFollower, type Follower, type FollowerOptions } from "./create-follower.ts";
