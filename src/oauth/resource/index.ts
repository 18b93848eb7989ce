/** The side of the protected resource: which tokens are accepted, and what is said when one is not. */
export { createChallenges, resourceMetadataUrl, type Challenges } from "./challenges.ts";
export { createExternalVerifier } from "./external/index.ts";
export { readBearer, type ProvenToken } from "./read-bearer.ts";
export { createResourceMetadata } from "./resource-metadata.ts";
export { readStandings } from "./standing.ts";
export { createTokenVerifier } from "./token-verifier.ts";
export type { VerifiedToken } from "./verified-token.ts";
export type { TokenVerifier } from "./verifier-kernel.ts";
