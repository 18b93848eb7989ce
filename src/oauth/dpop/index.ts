/** Proof of possession of a key (RFC 9449): for the token endpoint, which binds tokens, and the resource, which asks for the key again. */
export { createProofFreshness } from "./proof-freshness.ts";
export { DPOP_ALGS, verifyProof, type ProofResult } from "./verify-proof.ts";
