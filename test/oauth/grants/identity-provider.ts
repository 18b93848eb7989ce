/** An identity provider on a loopback port that asserts whatever the test tells it to. */
import { createServer, type Server } from "node:http";
import { randomUUID } from "node:crypto";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { exportJWK, generateKeyPair, SignJWT, type JWK } from "jose";

export interface IdentityProvider {
  readonly issuer: string;
  readonly host: string;
  /** Paths that were asked for. */
  readonly requests: string[];
  /** Answers with this status from now on; 200 to be well again. */
  fail(status: number): void;
  /** Signs with a new key from now on and publishes it. */
  rotate(): Promise<void>;
  /** Publishes its present key no more, and goes on to sign with it. */
  withdraw(): void;
  assertion(claims?: Readonly<Record<string, unknown>>, header?: Readonly<Record<string, unknown>>): Promise<string>;
}

export interface ProviderOptions {
  /** Of its assertions, beside the provider's own. */
  claims(): Readonly<Record<string, unknown>>;
  now(): number;
  /** The issuer that its metadata names, in the place of its own. */
  readonly shownIssuer?: string;
}

export async function startProvider(t: Pick<TestContext, "after">, options: ProviderOptions): Promise<IdentityProvider> {
  const requests: string[] = [];
  const keys: JWK[] = [];
  let status = 200;
  let isWithdrawn = false;
  let signing = await generateKeyPair("ES256", { extractable: true });
  async function publish(): Promise<void> {
    keys.push({ ...(await exportJWK(signing.publicKey)), kid: `k${keys.length + 1}`, alg: "ES256", use: "sig" });
  }
  await publish();
  const server = createServer((req, res) => {
    requests.push(req.url ?? "");
    const metadata = { issuer: options.shownIssuer ?? issuer, jwks_uri: `${issuer}/keys` };
    const body =
      req.url === "/keys" ? { keys: isWithdrawn ? [] : keys } : req.url === "/.well-known/openid-configuration" ? metadata : undefined;
    res.writeHead(body === undefined ? 404 : status, { "content-type": "application/json" });
    res.end(JSON.stringify(body ?? {}));
  });
  const host = await listen(server);
  const issuer = `http://${host}`;
  t.after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return {
    issuer,
    host,
    requests,
    fail: (next) => void (status = next),
    async rotate() {
      signing = await generateKeyPair("ES256", { extractable: true });
      await publish();
    },
    withdraw: () => void (isWithdrawn = true),
    assertion(claims = {}, header = {}) {
      const iat = Math.floor(options.now() / 1000);
      return new SignJWT({ iss: issuer, iat, exp: iat + 300, jti: randomUUID(), ...options.claims(), ...claims })
        .setProtectedHeader({ alg: "ES256", typ: "oauth-id-jag+jwt", kid: `k${keys.length}`, ...header })
        .sign(signing.privateKey);
    },
  };
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}
