import type { ExternalIssuer } from "../../../config.ts";
import type { GuardedFetch } from "../../../lib/guarded-fetch.ts";
import { fetchJson } from "../../remote-keys/index.ts";

/** What the issuer says of a token, or undefined when it is not active (RFC 7662 §2.2). Rejects when it does not say. */
export type Introspect = (token: string) => Promise<Readonly<Record<string, unknown>> | undefined>;

/** Whoever sends us texts that are no tokens makes us ask: so many questions at once, and no more. */
const MAX_UNDER_WAY = 32;

export function createIntrospection(guardedFetch: GuardedFetch, options: NonNullable<ExternalIssuer["introspection"]>): Introspect {
  const { uri, clientId, clientSecret } = options;
  // Both parts are form-encoded first (RFC 6749 §2.3.1).
  const pair = [clientId, clientSecret].map((part) => new URLSearchParams([["", part]]).toString().slice(1)).join(":");
  const headers = {
    authorization: `Basic ${Buffer.from(pair).toString("base64")}`,
    "content-type": "application/x-www-form-urlencoded",
  };
  let underWay = 0;
  return async (token) => {
    if (underWay >= MAX_UNDER_WAY) throw new Error("the issuer is asked about too many tokens at once");
    underWay++;
    try {
      const body = new URLSearchParams({ token, token_type_hint: "access_token" }).toString();
      const answer = await fetchJson(guardedFetch, uri, { method: "POST", headers, body });
      return answer["active"] === true ? answer : undefined;
    } finally {
      underWay--;
    }
  };
}
