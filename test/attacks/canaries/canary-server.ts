/** A server as a program of its own, so that all it logs can be read. Its tools are given secrets, and some of them give those away as well as they can. */
import * as z from "zod";
import { createServer, defineScopes, defineTool, parseConfig, type ToolContext } from "../../../src/index.ts";

const scopes = defineScopes({
  "key:read": { description: "Look at keys.", access: "read", baseline: true },
  "key:write": { description: "Store and remove keys.", access: "write" },
});

const input = z.object({
  owner: z.string(),
  // No part of these names says that it is a secret.
  word: z.string().max(100).meta({ sensitive: true }),
  digits: z.int().meta({ sensitive: true }).optional(),
  boxes: z.array(z.object({ label: z.string(), inside: z.string().meta({ sensitive: true }) })).optional(),
});

type Run = (given: z.infer<typeof input>, context: ToolContext) => string | Promise<string>;

const tool = (name: string, run: Run, more: object = {}) =>
  defineTool({
    name,
    title: name,
    description: "Is given a secret word.",
    scopes: ["key:write"],
    effect: "write",
    input,
    examples: [{ title: "One", input: { owner: "somebody", word: "a word" } }],
    run,
    ...more,
  });

const tools = [
  tool("keep", () => "kept"),
  tool("look", () => "seen", { effect: "read" }),
  tool("remove", () => "removed"),
  tool("later", () => "done later", { task: "required" }),
  tool("throws", ({ word }) => {
    throw new Error(`the word ${word} was refused`);
  }),
  tool("throws_deep", async ({ word, digits }) => {
    throw Object.assign(new Error("refused", { cause: new Error(`because of ${word}`) }), { request: { body: { digits, word } } });
  }),
  tool("throws_vault", async (_given, { upstream }) => {
    throw new Error(`not with ${(await upstream("vault")).authorization}`);
  }),
];

const upstreams = { vault: { audience: "http://127.0.0.1:9/", kind: "vault" } } as const;
const server = await createServer({ scopes, tools, upstreams, config: parseConfig(process.env) });
const { operator } = server;
await operator.seed(async (db, now) => {
  await db.insertInto("workspace").values({ id: "wks_test", name: "Test", created_at: now }).execute();
});
await server.listen();
await operator.createPerson({ email: "owner@example.com", name: "Owner", role: "owner" });
await operator.setPolicy({ action: "approve", tool: "remove" });
await operator.setUpstreamSecret({ name: "vault", secret: process.env["CANARY_VAULT"] ?? "" });
const agent = await operator.createAgent({ name: "test", scopes: ["key:read", "key:write"] });
const link = await operator.createSignInLink("owner@example.com");
process.stdout.write(`${JSON.stringify({ url: server.url, mcpUrl: server.mcpUrl, ...agent, link })}\n`);
process.once("SIGTERM", () => void stop());

async function stop(): Promise<void> {
  const failures = await operator.listFailures({});
  const cases = await Promise.all(failures.map(({ id }) => operator.failureCase(id)));
  await server.close();
  process.stdout.write(`${JSON.stringify({ failures, cases })}\n`);
}
