/** Who may ask: clients that operators made, that describe themselves in a document, and that registered themselves. */
export { createAgent, type CreatedAgent, type NewAgent } from "./agents.ts";
export { createClientDirectory, type ClientDirectory } from "./client-directory.ts";
export { toEngineMetadata } from "./engine-metadata.ts";
export { isLoopbackRedirect, isRedirectUriAllowed, redirectHost } from "./redirect-uris.ts";
export { registerClient, type RegistrationDeps } from "./register-client.ts";
