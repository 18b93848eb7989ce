/** Who may call, from both sides: the issuer of access tokens and the resource that accepts them. */
export {
  AUTHORIZATION_PATH,
  createIssuer,
  JWKS_PATH,
  TOKEN_PATH,
  type EventSink,
  type Issuer,
  type IssuerEvent,
  type IssuerOptions,
  type NewAgent,
  type RefusalSink,
  type TokenRefusal,
} from "./issuer/index.ts";
export {
  createChallenges,
  createResourceMetadata,
  createTokenVerifier,
  readBearer,
  resourceMetadataUrl,
  type Challenges,
  type TokenVerifier,
  type VerifiedToken,
} from "./resource/index.ts";
