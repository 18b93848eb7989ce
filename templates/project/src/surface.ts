import { scopes } from "./scopes.ts";
import { tools } from "./tools/index.ts";

/** What this server offers. `npx remit start` serves it; loading this file starts nothing. */
export const surface = {
  name: "my-server",
  title: "My server",
  version: "0.1.0",
  instructions: "You keep the notes of one workspace. Start with list_notes; ids come from there.",
  scopes,
  tools,
};
