/** Records for the systems that security people watch. */
export { parseFeedTarget } from "./feed-target.ts";
export { openFeed } from "./open-feed.ts";
