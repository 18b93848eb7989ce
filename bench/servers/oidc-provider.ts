/**
 * oidc-provider as its documentation serves it, with the adapter it has in memory: JWT access tokens signed with ES256 for one resource, refresh
 * tokens that rotate. Nothing is written to disk.
 */
import { randomBytes } from "node:crypto";
import http from "node:http";
import { exportJWK, generateKeyPair } from "jose";
import { Provider } from "oidc-provider";
import { announce, freePort } from "./announce.mjs";

const FAMILIES = 64;
const HOUR_SECONDS = 3600;

const port = await freePort();
const issuer = `http://127.0.0.1:${port}`;
const resource = `${issuer}/mcp`;
const scope = "echo:read";
const clientId = "bench";
const clientSecret = randomBytes(32).toString("base64url");
const accountId = "bench-person";
const { privateKey } = await generateKeyPair("ES256", { extractable: true });

// What it says about settings for development is not for the parent, which expects one JSON line.
console.info = () => {};
console.warn = () => {};
const provider = new Provider(issuer, {
  jwks: { keys: [{ ...(await exportJWK(privateKey)), alg: "ES256", use: "sig", kid: "bench" }] },
  clients: [
    {
      client_id: clientId,
      client_secret: clientSecret,
      redirect_uris: ["https://client.example/callback"],
      response_types: ["code"],
      grant_types: ["authorization_code", "client_credentials", "refresh_token"],
      token_endpoint_auth_method: "client_secret_basic",
      id_token_signed_response_alg: "ES256",
    },
  ],
  cookies: { keys: [randomBytes(32).toString("base64url")] },
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => resource,
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({ scope, audience: resource, accessTokenFormat: "jwt", jwt: { sign: { alg: "ES256" } } }),
    },
  },
  rotateRefreshToken: true,
  findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  ttl: { RefreshToken: HOUR_SECONDS, Grant: HOUR_SECONDS, AccessToken: HOUR_SECONDS, ClientCredentials: HOUR_SECONDS },
});

/** Refresh tokens as the authorization code flow leaves them, each of a grant of its own. */
async function createRefreshTokens(): Promise<string[]> {
  const client = await provider.Client.find(clientId);
  if (client === undefined) throw new Error("the client is missing");
  const tokens: string[] = [];
  for (let family = 0; family < FAMILIES; family++) {
    const grant = new provider.Grant({ accountId, clientId });
    grant.addResourceScope(resource, scope);
    const grantId = await grant.save();
    const token = new provider.RefreshToken({
      client,
      accountId,
      grantId,
      gty: "authorization_code",
      scope,
      resource,
      rotations: 0,
      expiresWithSession: false,
    });
    tokens.push(await token.save());
  }
  return tokens;
}

const refreshTokens = await createRefreshTokens();
const serve = provider.callback();
http
  .createServer((req, res) => void serve(req, res))
  .listen(port, "127.0.0.1", () => {
    announce({ port, clientId, clientSecret, resource, scope, refreshTokens });
  });
