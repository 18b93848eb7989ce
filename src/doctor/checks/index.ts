/** The parts of an examination, in the order in which a client would meet them. */
export { checkChallenge } from "./challenge.ts";
export { checkCors } from "./cors.ts";
export { checkErrors } from "./errors.ts";
export { checkIssuers } from "./issuer.ts";
export { checkLegacy, type Legacy } from "./legacy.ts";
export { checkModern, type Modern } from "./modern.ts";
export { checkResourceMetadata } from "./resource-metadata.ts";
export { checkTokens } from "./tokens.ts";
export { checkTools } from "./tools.ts";
