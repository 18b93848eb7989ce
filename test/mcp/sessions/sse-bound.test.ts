import assert from "node:assert/strict";
import { test } from "node:test";
import { ath, createProver } from "../../oauth/support/prover.ts";
import { readEvents } from "../../support/legacy-client.ts";
import { startServer } from "../../support/remit.ts";
import { createHeldSurface } from "./tools.ts";

test("over HTTP+SSE a bound token needs a proof for each address: one made for another, and the token alone, are refused", async (t) => {
  const server = await startServer(t, createHeldSurface().surface);
  const prover = await createProver();
  const nowSeconds = () => Math.floor(Date.now() / 1000);
  const { clientId, clientSecret } = await server.agent("note:read");
  const basic = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}`;
  const issued = await fetch(`${server.url}/token`, {
    method: "POST",
    headers: { authorization: basic, dpop: await prover.prove({ htm: "POST", htu: `${server.url}/token`, iat: nowSeconds() }) },
    body: new URLSearchParams({ grant_type: "client_credentials", resource: `${server.url}/sse` }),
  });
  const { access_token: token, token_type: type } = (await issued.json()) as { access_token: string; token_type: string };
  assert.equal(type, "DPoP");
  const bound = async (htm: string, htu: string) => {
    const proof = await prover.prove({ htm, htu, iat: nowSeconds(), ath: ath(token) });
    return { authorization: `DPoP ${token}`, dpop: proof, accept: "text/event-stream", "content-type": "application/json" };
  };
  const open = (headers: Readonly<Record<string, string>>) => fetch(`${server.url}/sse`, { headers });
  assert.equal((await open({ authorization: `Bearer ${token}` })).status, 401);
  const foreign = await open(await bound("GET", server.mcpUrl));
  assert.equal(foreign.status, 401);
  assert.match(foreign.headers.get("www-authenticate") ?? "", /error="invalid_dpop_proof"/);
  const stream = readEvents(await open(await bound("GET", `${server.url}/sse`)));
  const path = (await stream.next())?.data ?? "";
  const messages = new URL(path, server.url);
  const post = (headers: Readonly<Record<string, string>>) =>
    fetch(messages, { method: "POST", headers, body: JSON.stringify({ jsonrpc: "2.0", id: 7, method: "ping" }) });
  assert.equal((await post(await bound("POST", `${server.url}/sse`))).status, 401);
  assert.equal((await post(await bound("POST", `${messages.origin}${messages.pathname}`))).status, 202);
  await stream.cut();
});
