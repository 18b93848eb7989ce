/** The engine: client authentication, authorization requests and codes, on top of oidc-provider. */
export { INTERACTION_SECONDS } from "./configuration.ts";
export { createEngine, loadEngine, type Engine, type EngineDeps } from "./engine.ts";
export { createEngineRequest, type EngineRequest } from "./engine-request.ts";
export { INTERNAL_GRANTS, isInternalGrant, type InternalGrant } from "./internal-grants.ts";
