/** A server whose operator sets rules, and what an agent sees of them. */
import assert from "node:assert/strict";
import { readEvents, type EventReader } from "../../support/legacy-client.ts";
import { callTool, fetchToken, modernRequest, rpc, startServer, type RpcAnswer, type TestServer } from "../../support/remit.ts";
import type { NewPolicyRule } from "../../../src/call/policy/policy-acts.ts";
import { policySurface } from "./policy-surface.ts";

export interface PolicyWorld {
  readonly server: TestServer;
  readonly clientId: string;
  /** Holds every scope. */
  readonly token: string;
  /** Sets a rule; fails when it is refused. */
  set(rule: NewPolicyRule): Promise<string>;
  /** Removes every rule. */
  clear(): Promise<void>;
  call(name: string, args?: object): Promise<RpcAnswer>;
  listed(): Promise<readonly string[]>;
}

export async function createPolicyWorld(t: Parameters<typeof startServer>[0], env: Record<string, string> = {}): Promise<PolicyWorld> {
  const server = await startServer(t, policySurface, env);
  const agent = await server.agent("all:write");
  const token = await fetchToken(server.url, agent);
  return {
    server,
    clientId: agent.clientId,
    token,
    async set(rule) {
      const made = await server.operator.setPolicy(rule);
      assert.ok(!("problems" in made), JSON.stringify(made));
      return made.id;
    },
    async clear() {
      for (const { id } of await server.operator.listPolicy()) assert.equal(await server.operator.removePolicy(id), true);
    },
    call: (name, args) => callTool(server, token, name, args),
    async listed() {
      const { body } = await rpc(server, token, { method: "tools/list" });
      return ((body.result?.["tools"] ?? []) as readonly { readonly name: string }[]).map(({ name }) => name);
    },
  };
}

/** The text of a result, and whether it is an error. */
export function toldOf({ body }: RpcAnswer): { readonly isError: boolean; readonly text: string; readonly meta: Record<string, unknown> } {
  const { content = [], isError = false, _meta = {} } = (body.result ?? {}) as Record<string, never>;
  const [first] = content as readonly { readonly text?: string }[];
  return { isError, text: first?.text ?? "", meta: _meta };
}

/** Opens `subscriptions/listen`, and takes its acknowledgement. */
export async function listen({ server, token }: Pick<PolicyWorld, "server" | "token">, notifications: object): Promise<EventReader> {
  const request = modernRequest(token, { method: "subscriptions/listen", params: { notifications } });
  const events = readEvents(await fetch(server.mcpUrl, request));
  assert.match((await events.next())?.data ?? "", /acknowledged/);
  return events;
}
