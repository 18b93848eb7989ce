import * as z from "zod";

export interface AgentAt {
  readonly issuer: string;
  /** The MCP URL, for which the token shall be (RFC 8707). */
  readonly resource: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Space-separated. */
  readonly scope: string;
}

const metadata = z.object({ token_endpoint: z.url() });
const answer = z.object({ access_token: z.string() });

/** An access token by client credentials (RFC 6749 §4.4), the endpoint found as RFC 8414 says. */
export async function fetchToken({ issuer, resource, clientId, clientSecret, scope }: AgentAt): Promise<string> {
  const { token_endpoint } = metadata.parse(await json(await fetch(`${issuer}/.well-known/oauth-authorization-server`)));
  const basic = Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`).toString("base64");
  const body = new URLSearchParams({ grant_type: "client_credentials", resource, scope });
  return answer.parse(await json(await fetch(token_endpoint, { method: "POST", headers: { authorization: `Basic ${basic}` }, body })))
    .access_token;
}

async function json(response: Response): Promise<unknown> {
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.url} answered ${response.status}: ${text.slice(0, 500)}`);
  return JSON.parse(text);
}
