import type { GuardedFetch } from "../../lib/guarded-fetch.ts";
import { fetchJson } from "./fetch-json.ts";

/**
 * Where the keys of an issuer are, as its metadata says (RFC 8414 §3, OpenID Connect Discovery §4). The metadata must name the issuer byte
 * for byte. Rejects when there is none that does.
 */
export async function discoverJwksUri(guardedFetch: GuardedFetch, issuer: string): Promise<string> {
  const { origin, pathname } = new URL(issuer);
  const path = pathname === "/" ? "" : pathname;
  const bare = issuer.replace(/\/$/, "");
  const problems: string[] = [];
  for (const url of [`${origin}/.well-known/oauth-authorization-server${path}`, `${bare}/.well-known/openid-configuration`]) {
    try {
      const metadata = await fetchJson(guardedFetch, url);
      if (metadata["issuer"] !== issuer) throw new Error("it names another issuer");
      if (typeof metadata["jwks_uri"] !== "string") throw new Error("it names no jwks_uri");
      return metadata["jwks_uri"];
    } catch (error) {
      problems.push(`${url}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new Error(`the metadata of the issuer cannot be used: ${problems.join("; ")}`);
}
