/** The product as it ships, in this process: control plane, issuer, ledger, on a free port and a data folder of its own. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import { controlPlane, seedDemo } from "../../src/control-plane/index.ts";
import { createServer, defineTool, openAudit, parseConfig, type AuditRecord } from "../../src/index.ts";
import { startOutside, TEST_CA } from "../support/outside.ts";
import { signInByLink } from "../support/person.ts";
import { fetchToken } from "../support/remit.ts";
import type { Visitor } from "../support/visitor.ts";
import type { Target } from "./real-client.ts";

/** What the agents of this test may be granted: not the environments' writing. */
const SCOPES = ["wks:read", "env:read", "org:write"];

export interface World {
  /** The environment that has organizations. */
  readonly environmentId: string;
  /** A new agent with a token and an empty home. */
  newTarget(): Promise<Target>;
  /** A browser in which the owner of the workspace is signed in. */
  signIn(): Promise<Visitor>;
  readonly mcpUrl: string;
  /** The metadata document of a client, which is its id. */
  readonly documentUrl: string;
  /** An empty home for a program. */
  newHome(): Promise<string>;
  /** Every record so far. */
  records(): Promise<readonly AuditRecord[]>;
  /** What is on record about an agent, oldest first. */
  recordsOf(clientId: string): Promise<readonly AuditRecord[]>;
  close(): Promise<void>;
}

/** For clients that do not call what they have not seen: a tool that everybody sees and these agents may not call. */
export const SHOWN_TOOL = "close_environment";

const closeEnvironment = defineTool({
  name: SHOWN_TOOL,
  title: "Close environment",
  description: "Closes an environment. Listed also for those who may not use it yet.",
  scopes: ["env:write"],
  effect: "destructive",
  discoverable: true,
  input: z.object({ name: z.string() }),
  examples: [{ title: "Close one", input: { name: "Staging" } }],
  plan: ({ name }) => ({ summary: `Closes ${name}.`, changes: [], rows: 1, losesAccess: [], versions: {} }),
  run: () => "closed",
});

export async function createWorld(): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), "remit-clients-"));
  // Where a client's metadata document is; on loopback, so it must be allowed and its authority trusted.
  const documents: { url: string } = { url: "" };
  const closing: (() => unknown)[] = [];
  const outside = await startOutside({ after: (close) => void closing.push(close as () => unknown) }, ["localhost"], (_req, res) => {
    const client = { client_id: documents.url, client_name: "A client with a document", redirect_uris: ["http://127.0.0.1/callback"] };
    res.setHeader("content-type", "application/json");
    res.end(JSON.stringify({ ...client, grant_types: ["authorization_code", "refresh_token"], token_endpoint_auth_method: "none" }));
  });
  documents.url = `https://localhost:${outside.port}/client.json`;
  const ca = join(folder, "ca.pem");
  await writeFile(ca, TEST_CA);
  const config = parseConfig({
    REMIT_FETCH_ALLOWED_HOSTS: `localhost:${outside.port}`,
    REMIT_FETCH_CA: ca,
    PORT: "0",
    REMIT_DATA: join(folder, "data"),
    REMIT_LOG_LEVEL: "warn",
    REMIT_DRAIN_SECONDS: "1",
  });
  const server = await createServer({ ...controlPlane, tools: [...controlPlane.tools, closeEnvironment], config });
  const seeded = await server.operator.seed(seedDemo);
  if (seeded === undefined) throw new Error("the store is not empty");
  await server.listen();

  async function records(): Promise<readonly AuditRecord[]> {
    const audit = await openAudit(config);
    try {
      return await audit.read(0, 100_000);
    } finally {
      await audit.close();
    }
  }

  return {
    environmentId: seeded.environmentIds.production,
    mcpUrl: server.mcpUrl,
    documentUrl: documents.url,
    newHome: () => mkdtemp(join(folder, "home-")),
    records,
    async signIn() {
      const link = await server.operator.createSignInLink("ada@acme.example");
      if ("problems" in link) throw new Error(link.problems.join("\n"));
      return signInByLink(server.url, link.url);
    },
    async newTarget() {
      const created = await server.operator.createAgent({ name: "Client under test", scopes: SCOPES });
      if ("problems" in created) throw new Error(created.problems.join("\n"));
      const agent = { clientId: created.clientId, clientSecret: created.clientSecret ?? "" };
      const token = await fetchToken(server.url, agent, SCOPES.join(" "));
      return { url: server.mcpUrl, issuer: server.url, agent, token, home: await mkdtemp(join(folder, "home-")) };
    },
    async recordsOf(clientId) {
      return (await records()).filter((record) => record["agent"] === clientId);
    },
    async close() {
      await server.close();
      for (const close of closing) await close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
