/** The commands for who may do what: people, agents, grants and tokens. */
export { addAccountCommands } from "./account.ts";
export { addAgentCommands } from "./agent.ts";
export { addGrantCommands } from "./grant.ts";
export { addTokenCommands } from "./token.ts";
