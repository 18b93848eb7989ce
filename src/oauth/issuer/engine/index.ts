/** The engine: client authentication, authorization requests and codes, on top of oidc-provider. */
export { createEngine, loadEngine, type Engine, type EngineDeps } from "./engine.ts";
export { CODE_SECONDS } from "./configuration.ts";
export { createEngineRequest, factsOf, type EngineProblem } from "./engine-request.ts";
export { isInternalGrant, type InternalGrant } from "./internal-grants.ts";
