/** A server with tools that need approval, an agent that acts for a person, a machine agent, and people who may decide or not. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import * as z from "zod";
import { defineScopes, defineTool, undoable, type Operator } from "../../src/index.ts";
import { createPkce, authorizeUrl, decide, signInByLink } from "../support/person.ts";
import { fetchToken, rpc, startServer, type RpcAnswer, type TestServer } from "../support/remit.ts";
import type { Visitor } from "../support/visitor.ts";

export const scopes = defineScopes({
  "box:read": { description: "See boxes.", access: "read", baseline: true },
  "box:write": { description: "Change boxes.", access: "write", includes: ["box:read", "box:undo"] },
  "box:undo": { description: "Take changes back.", access: "write" },
});

/** Boxes in memory: what is under test is who may change them. */
export function createBoxes() {
  const boxes = new Map<string, { version: number; owner: string }>();
  const runs: string[] = [];
  const box = z.object({ box: z.string() });
  const examples = [{ title: "One", input: { box: "b1" } }] as const;
  const wipe = defineTool({
    name: "wipe_box",
    title: "Wipe box",
    description: "Deletes a box.",
    scopes: ["box:write"],
    effect: "destructive",
    input: box,
    examples,
    plan({ box: name }) {
      const found = boxes.get(name);
      return {
        summary: `Deletes the box ${name}.`,
        changes: [{ change: "delete", resource: `box ${name}`, before: { owner: found?.owner ?? null } }],
        rows: 1,
        losesAccess: found === undefined ? [] : [found.owner],
        versions: { [name]: found?.version ?? 0 },
      };
    },
    undo: {
      windowSeconds: 3600,
      run(data) {
        const { name, owner } = data as { name: string; owner: string };
        boxes.set(name, { version: 9, owner });
        runs.push(`undo ${name}`);
        return `The box ${name} is back.`;
      },
    },
    run({ box: name }, context) {
      runs.push(`wipe ${name} ${JSON.stringify(context.plan?.versions ?? null)}`);
      const owner = boxes.get(name)?.owner ?? "nobody";
      boxes.delete(name);
      return undoable(`Deleted ${name}.`, { name, owner });
    },
  });
  const mark = defineTool({
    name: "mark_box",
    title: "Mark box",
    description: "Marks a box.",
    scopes: ["box:write"],
    effect: "write",
    input: box,
    examples,
    run({ box: name }) {
      runs.push(`mark ${name}`);
      if (name === "bad") throw new Error("it broke");
      return `Marked ${name}, run ${runs.length}.`;
    },
  });
  const undo = defineTool({
    name: "undo_change",
    title: "Undo change",
    description: "Takes a change back by its id.",
    scopes: ["box:undo"],
    effect: "write",
    input: z.object({ change_id: z.string() }),
    examples: [{ title: "One", input: { change_id: "chg_1" } }],
    run: ({ change_id }, context) => context.undo(change_id),
  });
  return { boxes, runs, tools: [wipe, mark, undo] };
}

export interface World {
  readonly server: TestServer;
  readonly boxes: Map<string, { version: number; owner: string }>;
  readonly runs: string[];
  /** Token of an agent that acts for Ada, who is a member. */
  readonly forAda: string;
  /** Token of an agent that acts for nobody. */
  readonly machine: string;
  readonly ada: Visitor;
  readonly admin: Visitor;
  readonly viewer: Visitor;
  call(token: string, name: string, args: object, more?: object): Promise<RpcAnswer>;
  /** Records of one kind of event, or of calls of one outcome. */
  events(name: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
}

export async function person(
  operator: Operator,
  email: string,
  role: "owner" | "admin" | "member" | "viewer",
  url: string,
): Promise<Visitor> {
  const made = await operator.createPerson({ email, name: email.split("@")[0] ?? "", role });
  if ("problems" in made) throw new Error(made.problems.join("\n"));
  const link = await operator.createSignInLink(email);
  if ("problems" in link) throw new Error(link.problems.join("\n"));
  return signInByLink(url, link.url);
}

/** A client that registers itself and that the person lets in. */
async function connect(server: TestServer, visitor: Visitor): Promise<string> {
  const redirectUri = "http://127.0.0.1:4711/callback";
  const registered = await fetch(`${server.url}/register`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ client_name: "Helper", redirect_uris: [redirectUri], token_endpoint_auth_method: "none" }),
  });
  const { client_id: clientId } = (await registered.json()) as { client_id: string };
  const { verifier, challenge } = createPkce();
  const url = authorizeUrl(server.url, { clientId, redirectUri, challenge, more: { scope: "box:write" } });
  const to = await decide(visitor, url, { scopes: ["box:write"] });
  const response = await fetch(`${server.url}/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "authorization_code",
      client_id: clientId,
      code: to.searchParams.get("code") ?? "",
      redirect_uri: redirectUri,
      code_verifier: verifier,
    }),
  });
  const body = (await response.json()) as { access_token?: string };
  assert.ok(body.access_token !== undefined, JSON.stringify(body));
  return body.access_token;
}

export async function createWorld(t: TestContext, env: Record<string, string> = {}): Promise<World> {
  const { boxes, runs, tools } = createBoxes();
  const server = await startServer(t, { scopes, tools }, env);
  boxes.set("b1", { version: 1, owner: "grace@example.com" });
  const { operator, url } = server;
  const admin = await person(operator, "admin@example.com", "admin", url);
  const viewer = await person(operator, "viewer@example.com", "viewer", url);
  const ada = await person(operator, "ada@example.com", "member", url);
  const machine = await fetchToken(url, await server.agent("box:write"));
  return {
    server,
    boxes,
    runs,
    forAda: await connect(server, ada),
    machine,
    ada,
    admin,
    viewer,
    call: (token, name, args, more = {}) => rpc(server, token, { method: "tools/call", params: { name, arguments: args }, ...more }),
    async events(name) {
      return (await server.records()).filter((record) => record["event"] === name || record["outcome"] === name);
    },
  };
}

export function textOf({ body }: RpcAnswer): string {
  const content = (body.result?.["content"] ?? []) as readonly { readonly text?: string }[];
  return content.map(({ text }) => text ?? "").join("\n");
}

/** The approval that an answer asks for. */
export function approvalOf({ body }: RpcAnswer): { readonly id: string; readonly url: string } {
  const meta = body.result?.["_meta"] as Readonly<Record<string, { readonly id: string; readonly url: string }>> | undefined;
  const found = meta?.["dev.remit/approval"];
  assert.ok(found !== undefined, JSON.stringify(body));
  return found;
}

/** Opens the page of an approval and presses a button. */
export async function press(visitor: Visitor, url: string, button: "Approve" | "Refuse", reason = "") {
  const page = await visitor.open(url);
  return page.status === 200 ? visitor.submit(page, { press: new RegExp(button), fill: { reason } }, /approvals/) : page;
}
