import { isKid, parseCompactJws } from "../compact-jws.ts";
import { SIGNING_ALG, TOKEN_TYPE } from "../token-rules.ts";

/** A token that has the right form. Nothing about it is verified yet. */
export interface UnverifiedToken {
  readonly kid: string;
  readonly claims: Readonly<Record<string, unknown>>;
}

const HEADER_MEMBERS = new Set(["alg", "typ", "kid"]);

/** Reads a token strictly: the one algorithm and type that are issued here. Undefined when anything is off. */
export function parseTokenShape(token: string): UnverifiedToken | undefined {
  const jws = parseCompactJws(token, HEADER_MEMBERS);
  if (jws === undefined) return undefined;
  const { alg, typ, kid } = jws.header;
  if (alg !== SIGNING_ALG || typ !== TOKEN_TYPE || !isKid(kid)) return undefined;
  return { kid, claims: jws.claims };
}
