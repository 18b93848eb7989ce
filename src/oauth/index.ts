/** Who may call, from both sides: the issuer of access tokens and the resource that accepts them. */
export type { EventSink, IssuerEvent, TokenRefusal } from "./events.ts";
export {
  AUTHORIZATION_PATH,
  createIssuer,
  DEVICE_AUTHORIZATION_PATH,
  INTROSPECTION_PATH,
  JWKS_PATH,
  PAR_PATH,
  REGISTRATION_PATH,
  REVOCATION_PATH,
  TOKEN_PATH,
  type Issuer,
  type IssuerOptions,
  type NewAgent,
} from "./issuer/index.ts";
export { narrowByAll } from "./scope-policy.ts";
export { createSurfaceWatch, type SurfaceWatch } from "./surface-watch.ts";
export { createUpstreams, type Upstreams } from "./upstream/index.ts";
export { createPages, problemPage, signInPath, type Pages } from "./pages/index.ts";
export { createPeople, type OwnAccounts, type People } from "./people/index.ts";
export {
  createChallenges,
  createExternalVerifier,
  createResourceMetadata,
  createTokenVerifier,
  readBearer,
  readStandings,
  resourceMetadataUrl,
  type Challenges,
  type ProvenToken,
  type TokenVerifier,
  type VerifiedToken,
} from "./resource/index.ts";
