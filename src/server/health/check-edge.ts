import { isRecord } from "../../lib/is-record.ts";
import { resourceMetadataUrl } from "../../oauth/index.ts";
import { failed, ok, type Found, type HealthDeps } from "./health-check.ts";

const ROUTES_NEXT = "Look at the log of the server, and whether this version was installed whole.";

/** The documents by which clients find out how to get a token say what this server is (RFC 9728 §3.3, RFC 8414 §3.3). */
export async function checkDocuments({ ask, url, resource, config }: HealthDeps): Promise<Found> {
  const described = await read(ask, resourceMetadataUrl(resource));
  if (described?.["resource"] !== resource) return failed(`The protected-resource metadata does not name ${resource}.`, ROUTES_NEXT);
  const issuer = config.external?.issuer ?? url;
  const servers = described["authorization_servers"];
  if (!Array.isArray(servers) || !servers.includes(issuer))
    return failed(`The protected-resource metadata does not name the issuer ${issuer}.`, ROUTES_NEXT);
  if (config.external !== undefined) return ok(`Clients are sent to ${issuer} for tokens; its documents are its own.`);
  const metadata = await read(ask, `${url}/.well-known/oauth-authorization-server`);
  if (metadata?.["issuer"] !== issuer) return failed(`The authorization-server metadata does not name ${issuer}.`, ROUTES_NEXT);
  return ok(`Both documents are served and agree: ${resource}, issuer ${issuer}.`);
}

/** A client without a token is told where to begin (RFC 9728 §5.1). */
export async function checkChallenge({ ask, resource }: HealthDeps): Promise<Found> {
  const headers = { "content-type": "application/json", accept: "application/json, text/event-stream" };
  const answer = await ask(new Request(resource, { method: "POST", headers, body: "{}" }));
  await answer.body?.cancel();
  const challenge = answer.headers.get("www-authenticate") ?? "";
  if (answer.status !== 401 || !challenge.includes(`resource_metadata="${resourceMetadataUrl(resource)}"`))
    return failed(`A call without a token is answered with ${answer.status}, and not told where to get one.`, ROUTES_NEXT);
  return ok("A call without a token gets 401, and is told where to get one.");
}

async function read(ask: HealthDeps["ask"], url: string): Promise<Readonly<Record<string, unknown>> | undefined> {
  const answer = await ask(new Request(url));
  const value: unknown = answer.status === 200 ? JSON.parse(await answer.text()) : undefined;
  return isRecord(value) ? value : undefined;
}
