/** An OpenID Connect provider as one finds them: plain `oidc-provider` on a loopback port, where whoever the test names signs in at once. */
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from "jose";
import { Provider } from "oidc-provider";
import { EXTERNAL_SIGN_IN_PATH } from "../../../../src/oauth/people/index.ts";
import { ORIGIN } from "./people.ts";

export const CLIENT = { clientId: "remit at acme", clientSecret: "secret: of 100% remit, 32+ characters" };

export interface Person {
  readonly sub: string;
  readonly email: string;
  readonly email_verified: boolean;
}

export interface OtherProvider {
  readonly issuer: string;
  readonly host: string;
  /** Who signs in there; undefined for somebody who refuses. */
  person: Person | undefined;
  /** Answers in the place of the server, by path. */
  readonly answers: Map<string, unknown>;
  /** How often each path was asked for. */
  readonly asked: Map<string, number>;
  /** An ID token with the server's key or another. */
  idToken(claims: Readonly<Record<string, unknown>>, key?: CryptoKey): Promise<string>;
  /** What a browser does: follows every redirect at the provider, and returns the address to which it sends the browser back. */
  visit(location: string): Promise<URL>;
}

export async function startProvider(t: Pick<TestContext, "after">): Promise<OtherProvider> {
  const { privateKey } = await generateKeyPair("RS256", { extractable: true });
  const jwk = { ...(await exportJWK(privateKey)), kid: "their-key", alg: "RS256", use: "sig" };
  let listener: RequestListener = () => undefined;
  const [answers, asked] = [new Map<string, unknown>(), new Map<string, number>()];
  const http = createServer((req, res) => {
    const path = new URL(req.url ?? "/", "http://any").pathname;
    asked.set(path, (asked.get(path) ?? 0) + 1);
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
  const made: OtherProvider = {
    issuer,
    host,
    person: undefined,
    answers,
    asked,
    idToken: (claims, key) => new SignJWT({ ...claims }).setProtectedHeader({ alg: "RS256", kid: "their-key" }).sign(key ?? privateKey),
    visit: (location) => followRedirects(location, host),
  };
  listener = createListener(made, jwk);
  return made;
}

function createListener(made: OtherProvider, jwk: Record<string, unknown>): RequestListener {
  const provider = new Provider(made.issuer, {
    jwks: { keys: [jwk] },
    clients: [
      {
        client_id: CLIENT.clientId,
        client_secret: CLIENT.clientSecret,
        redirect_uris: [ORIGIN + EXTERNAL_SIGN_IN_PATH],
        response_types: ["code"],
      },
    ],
    claims: { openid: ["sub"], email: ["email", "email_verified"] },
    cookies: { keys: ["the test's own"] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    pkce: { required: () => true },
    findAccount: (_ctx, sub) => ({ accountId: sub, claims: async () => ({ ...made.person, sub }) }),
    loadExistingGrant: async (ctx) => {
      const { client, session } = ctx.oidc;
      const grant = new provider.Grant({ clientId: client?.clientId ?? "", accountId: session?.accountId ?? "" });
      grant.addOIDCScope("openid email");
      await grant.save();
      return grant;
    },
  });
  const callback = provider.callback();
  return (req, res) => {
    if (req.url?.startsWith("/interaction/") === true) void decide(provider, made.person, { req, res });
    else void callback(req, res);
  };
}

function decide(
  provider: Provider,
  person: Person | undefined,
  { req, res }: { req: IncomingMessage; res: ServerResponse },
): Promise<void> {
  const result = person === undefined ? { error: "access_denied" } : { login: { accountId: person.sub } };
  return provider.interactionFinished(req, res, result, { mergeWithLastSubmission: false });
}

async function followRedirects(location: string, host: string): Promise<URL> {
  const jar = new Map<string, string>();
  let url = new URL(location);
  while (url.host === host) {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(url, { redirect: "manual", headers: { cookie } });
    for (const set of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      jar.set(name, value);
    }
    const next = response.headers.get("location");
    if (next === null) throw new Error(`${response.status} ${await response.text()}`);
    url = new URL(next, url);
  }
  return url;
}
