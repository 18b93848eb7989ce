import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { assertionForm, keyAgent, type KeyAgent } from "../support/assertions.ts";
import { basic, startIssuer, type Secret, type TestIssuer } from "../support/issuer.ts";

/** Less than the time that every refusal takes, since a timer may be a part of a millisecond early. */
const LEAST_MS = 9;

describe("the time of a refusal", () => {
  let as: TestIssuer;
  let agent: Secret;
  let keyed: KeyAgent;
  const closing: (() => unknown)[] = [];
  before(async () => {
    as = await startIssuer({ after: (close) => void closing.push(close as () => unknown) });
    [agent, keyed] = [await as.agent("org:read"), await keyAgent(as)];
  });
  after(async () => {
    for (const close of closing) await close();
  });

  const alone = { grant_type: "client_credentials" };
  const wrong = "A".repeat(43);
  const cases: readonly (readonly [string, () => Promise<readonly [form: Record<string, string>, headers?: Record<string, string>]>])[] = [
    ["an unknown client", async () => [alone, basic({ clientId: "cl_unknown", clientSecret: wrong })]],
    ["a wrong secret", async () => [alone, basic({ ...agent, clientSecret: wrong })]],
    ["a wrong secret in the body", async () => [{ ...alone, client_id: agent.clientId, client_secret: wrong }]],
    ["a secret for a client that has a key", async () => [alone, basic({ clientId: keyed.clientId, clientSecret: wrong })]],
    ["an assertion for another server", async () => [assertionForm(await keyed.assert({ aud: "https://other.example" }))]],
    ["an assertion of an unknown client", async () => [assertionForm(await keyed.assert({ iss: "cl_unknown", sub: "cl_unknown" }))]],
  ];
  for (const path of ["/token", "/introspect", "/revoke", "/par", "/device_authorization"]) {
    for (const [title, make] of cases) {
      test(`T30: at ${path} ${title} is told so after a time that does not depend on the look at it`, async () => {
        const [form, headers] = await make();
        const start = performance.now();
        const { status, json, text } = await as.post({ token: "x", ...form }, headers, path);
        const tookMs = performance.now() - start;
        assert.deepEqual([status, json["error"]], [401, "invalid_client"], text);
        assert.ok(tookMs >= LEAST_MS, `it took ${tookMs} ms`);
      });
    }
  }
});
