import assert from "node:assert/strict";
import { test } from "node:test";
import * as z from "zod";
import { definePrompt, defineTool, inputRequired } from "../../src/index.ts";
import { isSecretName } from "../../src/lib/secret-name.ts";
import { callTool, rpc, startServer } from "../support/remit.ts";
import { scopes } from "../mcp/offerings/surface.ts";

const meta = { "io.modelcontextprotocol/clientCapabilities": { elicitation: { form: {}, url: {} } } };

const form = (properties: object) => ({
  method: "elicitation/create" as const,
  params: { mode: "form", message: "Please fill in.", requestedSchema: { type: "object", properties } },
});

const asking = (name: string, params: Readonly<Record<string, unknown>>) =>
  defineTool({
    name,
    title: name,
    description: "Asks the person for something.",
    scopes: ["order:read"],
    effect: "read",
    input: z.object({}),
    examples: [{ title: "Plain", input: {} }],
    run: () => inputRequired({ answer: { method: "elicitation/create", params } }),
  });

const secrets: readonly [title: string, properties: object][] = [
  ["a password", { password: { type: "string" } }],
  ["a token in camel case", { accessToken: { type: "string" } }],
  ["an API key under a plain name", { value: { type: "string", title: "Your API key" } }],
  ["a field that hides what is typed", { word: { type: "string", format: "password" } }],
  ["a card number among others", { name: { type: "string" }, card_number: { type: "string" } }],
  ["a one-time code", { otp: { type: "string" } }],
];

for (const [title, properties] of secrets) {
  test(`T53: a form that asks for ${title} is a fault, and never reaches the client`, async (t) => {
    const server = await startServer(t, { scopes, tools: [asking("ask", form(properties).params)] });
    const { status, body } = await rpc(server, await server.token("order:read"), {
      method: "tools/call",
      params: { name: "ask", arguments: {} },
      meta,
    });
    assert.deepEqual([status, body.error?.code, body.result], [500, -32603, undefined]);
    assert.doesNotMatch(JSON.stringify(body), /Please fill in/);
    assert.equal((await server.records()).at(-1)?.["outcome"], "fault");
  });
}

test("T53: a prompt may not ask for a secret either", async (t) => {
  const prompt = definePrompt({
    name: "ask",
    title: "Ask",
    description: "Asks the person for something.",
    scopes: ["order:read"],
    run: () => inputRequired({ answer: form({ secret: { type: "string" } }) }),
  });
  const server = await startServer(t, { scopes, prompts: [prompt] });
  const { status } = await rpc(server, await server.token("order:read"), { method: "prompts/get", params: { name: "ask" }, meta });
  assert.equal(status, 500);
});

test("a form without secrets, and a secret asked for at an address, are asked", async (t) => {
  const tools = [
    asking("form", form({ city: { type: "string", title: "City" }, max_tokens: { type: "integer" } }).params),
    asking("url", { mode: "url", message: "Sign in.", url: "https://bank.example/sign-in", elicitationId: "e1" }),
  ];
  const server = await startServer(t, { scopes, tools });
  const token = await server.token("order:read");
  for (const { name } of tools) {
    const { body } = await rpc(server, token, { method: "tools/call", params: { name, arguments: {} }, meta });
    assert.equal(body.result?.["resultType"], "input_required", name);
  }
  assert.equal((await callTool(server, token, "form")).body.error?.code, -32021);
});

const names: readonly [isSecret: boolean, ...names: string[]][] = [
  [true, "password", "passwd", "passphrase", "user_password", "newPassword", "PIN", "pin_code", "CVV", "cvc2", "creditCard", "card-number"],
  [
    true,
    "clientSecret",
    "client_secret",
    "refreshToken",
    "apikey",
    "API Key",
    "privateKey",
    "ssn",
    "Social Security Number",
    "seed phrase",
  ],
  [true, "verification code", "2fa code", "smsCode", "recoveryCodes", "credentials"],
  [
    false,
    "city",
    "opinion",
    "shipping",
    "max_tokens",
    "passenger",
    "passport country",
    "keyboard",
    "cardboard",
    "secretary",
    "code",
    "monkey",
  ],
];

for (const [isSecret, ...of] of names) {
  test(`${of.join(", ")} ${isSecret ? "are names of secrets" : "are no names of secrets"}`, () => {
    for (const name of of) assert.equal(isSecretName(name), isSecret, name);
  });
}
