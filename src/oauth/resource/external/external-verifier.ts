import { hash } from "node:crypto";
import { compactVerify } from "jose";
import type { ExternalIssuer } from "../../../config.ts";
import type { GuardedFetch } from "../../../lib/guarded-fetch.ts";
import type { ScopeCatalogue } from "../../../tool/index.ts";
import { isCompactJws, isKid, parseCompactJws } from "../../compact-jws.ts";
import { createRemoteKeys, type RemoteKeys } from "../../remote-keys/index.ts";
import { narrowByAll } from "../../scope-policy.ts";
import { createVerifierKernel, type Judged, type KernelOptions, type TokenVerifier } from "../verifier-kernel.ts";
import { parseExternalClaims, type ExternalClaims } from "./external-claims.ts";
import { chooseWorkspace, readSubjectStandings, writeKey, type SubjectDeps } from "./external-standing.ts";
import { createIntrospection, type Introspect } from "./introspect.ts";

export interface ExternalVerifierOptions extends KernelOptions {
  readonly external: ExternalIssuer;
  readonly scopes: ScopeCatalogue;
  readonly fetch: GuardedFetch;
}

/** For how long the issuer's word about a token counts. */
const INTROSPECTED_MS = 30_000;
/** Asymmetric only, so that no public key can be taken for a shared secret (RFC 8725 §3.1). */
const ALGS: readonly string[] = ["ES256", "ES384", "ES512", "PS256", "PS384", "PS512", "RS256", "RS384", "RS512", "EdDSA", "Ed25519"];
const HEADER_MEMBERS = new Set(["alg", "typ", "kid", "x5t", "x5t#S256"]);
/** Opaque tokens as RFC 6750 §2.1 spells them. */
const OPAQUE_TOKEN = /^[A-Za-z0-9._~+/-]{1,4096}=*$/;

interface Parts {
  readonly options: ExternalVerifierOptions;
  readonly keys: RemoteKeys;
  readonly introspect: Introspect | undefined;
}

/**
 * Accepts the tokens of another authorization server: JWTs by its keys, others by asking it when it is known how. Its grants are not
 * known here, so `ext:` and the client stands for the grant; token, client and subject can be revoked here all the same.
 */
export function createExternalVerifier(options: ExternalVerifierOptions): Promise<TokenVerifier> {
  const { external, fetch: guardedFetch, now, store, scopes } = options;
  const { issuer, jwksUri, introspection } = external;
  const keys = createRemoteKeys({ fetch: guardedFetch, issuer, jwksUri, now });
  const introspect = introspection === undefined ? undefined : createIntrospection(guardedFetch, introspection);
  const parts: Parts = { options, keys, introspect };
  const subjects: SubjectDeps = { db: store.db, scopes, issuer };
  return createVerifierKernel(options, {
    async judge(token) {
      if (isCompactJws(token)) return judge(parts, subjects, { claims: await verifyJwt(parts, token), until: Number.POSITIVE_INFINITY });
      const until = now() + INTROSPECTED_MS;
      return judge(parts, subjects, { claims: await verifyOpaque(parts, token), until });
    },
    loadKeys: () => Promise.resolve(keys.refresh()),
    async stamps(known) {
      const standings = await readSubjectStandings(subjects, known);
      return new Map([...standings].map(([key, { stamp }]) => [key, stamp]));
    },
  });
}

async function verifyJwt({ options, keys }: Parts, token: string): Promise<ExternalClaims | undefined> {
  const jws = parseCompactJws(token, HEADER_MEMBERS);
  if (jws === undefined) return undefined;
  const { alg, typ, kid } = jws.header;
  if (typeof alg !== "string" || !ALGS.includes(alg) || !isKid(kid) || !isType(typ, options.external.tokenType)) return undefined;
  const key = await keys.find(kid, alg);
  if (key === undefined) return undefined;
  try {
    await compactVerify(token, key, { algorithms: [alg] });
  } catch {
    return undefined;
  }
  return parseClaims(options, token, jws.claims);
}

/** Media types have no case, and `application/` may be left out (RFC 7515 §4.1.9). */
function isType(typ: unknown, wanted: string): boolean {
  if (wanted === "any") return true;
  const bare = (type: string): string => type.toLowerCase().replace(/^application\//, "");
  return typeof typ === "string" && bare(typ) === bare(wanted);
}

async function verifyOpaque({ options, introspect }: Parts, token: string): Promise<ExternalClaims | undefined> {
  if (introspect === undefined || !OPAQUE_TOKEN.test(token)) return undefined;
  const answer = await introspect(token);
  if (answer === undefined) return undefined;
  const { issuer, clientClaim } = options.external;
  // The answer comes from the issuer itself, which need not name itself in it, nor a subject when the client acts for nobody.
  return parseClaims(options, token, { iss: issuer, sub: answer[clientClaim], ...answer });
}

function parseClaims({ external, resource, now }: ExternalVerifierOptions, token: string, claims: Readonly<Record<string, unknown>>) {
  const audience = external.audience ?? resource;
  return parseExternalClaims(claims, { external, audience, now: now(), digest: hash("sha256", token, "base64url") });
}

interface Found {
  readonly claims: ExternalClaims | undefined;
  readonly until: number;
}

/** The token as our own rows allow it now. */
async function judge({ options }: Parts, subjects: SubjectDeps, { claims, until }: Found): Promise<Judged | undefined> {
  if (claims === undefined) return undefined;
  const { scope, subject, workspace, ...identity } = claims;
  const workspaceId = await chooseWorkspace(options.store.db, workspace);
  if (workspaceId === undefined) return undefined;
  const key = writeKey({ subject, workspaceId });
  const standing = (await readSubjectStandings(subjects, [key])).get(key);
  if (standing?.isLive !== true) return undefined;
  const { accountId, ceiling } = standing;
  // Nobody may pass for one of our accounts by being named like it elsewhere.
  if (accountId === undefined && subject.startsWith("acc_")) return undefined;
  const scopes = narrowByAll(options.scopes, scope, ceiling === undefined ? [] : [ceiling]);
  const token = { ...identity, subject: accountId ?? subject, workspaceId, environments: undefined, scopes };
  return { token, standing, until };
}
