/** Another authorization server, as one finds them: plain `oidc-provider` on a loopback port, whose key the test holds too. */
import { randomUUID } from "node:crypto";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { exportJWK, generateKeyPair, SignJWT, type JWK, type CryptoKey } from "jose";
import { Provider } from "oidc-provider";

export interface OtherIssuer {
  readonly issuer: string;
  readonly host: string;
  readonly kid: string;
  readonly publicJwk: JWK;
  /** How often each path was asked for. */
  readonly asked: ReadonlyMap<string, number>;
  /** Answers in the place of the server, for paths that are set here. */
  readonly answers: Map<string, unknown>;
  /** Whether every request is answered with 503. */
  isDown: boolean;
  /** What the server issues to its client for a resource. */
  token(resource: string, scope?: string): Promise<string>;
  revoke(token: string): Promise<void>;
  /** Whatever the test wants, signed with the server's key. */
  sign(claims: Readonly<Record<string, unknown>>, header?: Readonly<Record<string, unknown>>): Promise<string>;
}

export const OTHER_CLIENT = { clientId: "their agent", clientSecret: "secret: of 100% their agent, 32+ chars" };
export const SCOPE = "env:read org:read org:write";

export async function startOtherIssuer(t: Pick<TestContext, "after">, format: "jwt" | "opaque" = "jwt"): Promise<OtherIssuer> {
  const { publicKey, privateKey } = await generateKeyPair("RS256", { extractable: true });
  const kid = "their-key";
  let listener: RequestListener = () => undefined;
  const asked = new Map<string, number>();
  const answers = new Map<string, unknown>();
  const other = { isDown: false };
  const http = createServer((req, res) => {
    const path = req.url ?? "";
    asked.set(path, (asked.get(path) ?? 0) + 1);
    if (other.isDown) return res.writeHead(503).end();
    const answer = answers.get(path);
    if (answer === undefined) return listener(req, res);
    res.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    http.closeAllConnections();
    http.close();
  });
  const host = `127.0.0.1:${(http.address() as AddressInfo).port}`;
  const issuer = `http://${host}`;
  listener = createProvider(issuer, { ...(await exportJWK(privateKey)), kid, alg: "RS256", use: "sig" }, format);
  const form = (body: Record<string, string>) => ({
    method: "POST",
    headers: { authorization: `Basic ${Buffer.from(Object.values(OTHER_CLIENT).map(encodeURIComponent).join(":")).toString("base64")}` },
    body: new URLSearchParams(body),
  });
  return Object.assign(other, {
    issuer,
    host,
    kid,
    publicJwk: { ...(await exportJWK(publicKey)), kid },
    asked,
    answers,
    async token(resource: string, scope = SCOPE) {
      const response = await fetch(`${issuer}/token`, form({ grant_type: "client_credentials", resource, scope }));
      const body = (await response.json()) as { access_token?: string };
      if (body.access_token === undefined) throw new Error(JSON.stringify(body));
      return body.access_token;
    },
    async revoke(token: string) {
      const response = await fetch(`${issuer}/token/revocation`, form({ token }));
      if (response.status !== 200) throw new Error(await response.text());
    },
    sign: (claims: Readonly<Record<string, unknown>>, header = {}) =>
      sign(privateKey, claims, { alg: "RS256", typ: "at+jwt", kid, ...header }),
  });
}

function sign(
  key: CryptoKey,
  claims: Readonly<Record<string, unknown>>,
  header: Record<string, unknown> & { alg: string },
): Promise<string> {
  return new SignJWT({ jti: randomUUID(), ...claims }).setProtectedHeader(header).sign(key);
}

function createProvider(issuer: string, key: JWK, accessTokenFormat: "jwt" | "opaque"): RequestListener {
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: OTHER_CLIENT.clientId,
        client_secret: OTHER_CLIENT.clientSecret,
        grant_types: ["client_credentials"],
        redirect_uris: [],
        response_types: [],
      },
    ],
    jwks: { keys: [key] },
    scopes: SCOPE.split(" "),
    cookies: { keys: ["test"] },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: { enabled: true },
      revocation: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_ctx, resource) => ({
          scope: SCOPE,
          audience: resource,
          accessTokenFormat,
          accessTokenTTL: 900,
          ...(accessTokenFormat === "jwt" ? { jwt: { sign: { alg: "RS256" as const } } } : {}),
        }),
      },
    },
  });
  const callback = provider.callback();
  return (req, res) => void callback(req, res);
}
