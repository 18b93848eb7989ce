/** `/mcp?environment=ID&readonly=1` takes away from what a token allows, and can add nothing. */
import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { connectLegacy, legacyClient, readEvents } from "../support/legacy-client.ts";
import { callTool, fetchToken, rpc, startServer, type TestServer } from "../support/remit.ts";
import { policySurface, runs } from "../call/support/policy-surface.ts";
import { toldOf } from "../call/support/policy-world.ts";

interface Site {
  readonly server: TestServer;
  readonly clientId: string;
  readonly token: string;
  /** The endpoint with a query. */
  at(query: string): { readonly mcpUrl: string };
  /** The environments that a call sees by an address with this query. */
  seen(query: string): Promise<unknown>;
}

/** A server with two environments in its workspace, and one in another. */
async function createSite(t: Pick<TestContext, "after">): Promise<Site> {
  const server = await startServer(t, {
    ...policySurface,
    // The rows are made by the seed of this test's own second workspace.
  });
  const agent = await server.agent("all:write");
  const token = await fetchToken(server.url, agent);
  const at = (query: string) => ({ mcpUrl: `${server.mcpUrl}${query}` });
  return {
    server,
    clientId: agent.clientId,
    token,
    at,
    async seen(query) {
      const { status, body } = await callTool(at(query), token, "environments");
      return status === 200 ? (body.result?.["structuredContent"] as { ids: unknown }).ids : status;
    },
  };
}
