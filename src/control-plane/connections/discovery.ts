/** Checks of an OpenID provider's own documents (OpenID Connect Discovery 1.0 §4). Nothing of them is repeated to the caller. */
import * as z from "zod";
import type { Context } from "../access.ts";

export interface Check {
  readonly check: string;
  readonly ok: boolean;
  readonly detail: string;
}

const https = z.string().regex(/^https?:\/\/[^\s]+$/);
const metadata = z.object({
  issuer: z.string(),
  authorization_endpoint: https,
  token_endpoint: https,
  jwks_uri: https,
  response_types_supported: z.array(z.string()),
});
const keys = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).min(1) });

const WHY: Readonly<Record<string, string>> = {
  address: "its address is not on the public internet",
  name: "its name has no address",
  scheme: "it is not https",
  timeout: "it did not answer in time",
  too_large: "its answer is too large",
};

/** Where the document of an issuer is (OpenID Connect Discovery 1.0 §4.1). */
function discoveryUrl(issuer: string): string {
  return `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
}

/** The checks of an issuer, in order, up to the first that fails. */
export async function checkIssuer(context: Pick<Context, "fetchUrl">, issuer: string): Promise<readonly Check[]> {
  const document = await readJson(context, discoveryUrl(issuer));
  if ("problem" in document) return [failed("discovery document", document.problem)];
  const parsed = metadata.safeParse(document.value);
  if (!parsed.success)
    return [failed("discovery document", `its member ${String(parsed.error.issues[0]?.path[0])} is missing or malformed`)];
  const found = passed("discovery document", "It is there and complete.");
  if (parsed.data.issuer !== issuer)
    return [found, failed("issuer", "the document names another issuer; write it exactly as the provider does")];
  const named = passed("issuer", "The document names it.");
  if (!parsed.data.response_types_supported.includes("code")) return [found, named, failed("code flow", "the provider does not offer it")];
  const flow = passed("code flow", "The provider offers it.");
  const keySet = await readJson(context, parsed.data.jwks_uri);
  if ("problem" in keySet) return [found, named, flow, failed("signing keys", keySet.problem)];
  if (!keys.safeParse(keySet.value).success) return [found, named, flow, failed("signing keys", "there is no key in the key set")];
  return [found, named, flow, passed("signing keys", "There is at least one.")];
}

async function readJson(
  { fetchUrl }: Pick<Context, "fetchUrl">,
  url: string,
): Promise<{ readonly value: unknown } | { readonly problem: string }> {
  const answer = await fetchUrl(url);
  if ("refused" in answer) return { problem: WHY[answer.refused] ?? "it could not be reached" };
  if (answer.status !== 200) return { problem: `it answers with status ${answer.status}` };
  try {
    return { value: JSON.parse(answer.text) as unknown };
  } catch {
    return { problem: "it is not JSON" };
  }
}

function passed(check: string, detail: string): Check {
  return { check, ok: true, detail };
}

function failed(check: string, why: string): Check {
  return { check, ok: false, detail: `${why.charAt(0).toUpperCase()}${why.slice(1)}.` };
}
