/** The product as it ships, in this process: control plane, issuer, ledger, on a free port and a data folder of its own. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { controlPlane, seedDemo } from "../../src/control-plane/index.ts";
import { createServer, openAudit, parseConfig, type AuditRecord } from "../../src/index.ts";
import { startOutside, TEST_CA } from "../support/outside.ts";
import { signInByLink } from "../support/person.ts";
import { fetchToken } from "../support/remit.ts";
import type { Visitor } from "../support/visitor.ts";
import type { RealClient, Target } from "./real-client.ts";
import { createWorldTools } from "./world-tools.ts";

/** What the agents of this test may be granted: not the environments' writing. */
const SCOPES = ["wks:read", "env:read", "org:write"];

export interface World {
  /** The environment that has organizations. */
  readonly environmentId: string;
  /** A new agent with a token and an empty home, and how it is told that it lacks a scope. */
  newTarget(challenge: "http" | "in_band"): Promise<Target>;
  /** The names of the tools that the list may show to whom holds this much, and no others. */
  toolsFor(holds: RealClient["holds"]): readonly string[];
  /** Tells the tool that recites this verse that its first line was heard. */
  hear(verse: string): void;
  /** A browser in which the owner of the workspace is signed in. */
  signIn(): Promise<Visitor>;
  readonly mcpUrl: string;
  readonly sseUrl: string;
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

const { scopes } = controlPlane;

/** Scopes with all that they include. */
function withIncluded(names: readonly string[]): readonly string[] {
  const declared = scopes as Readonly<Record<string, { readonly includes?: readonly string[] }>>;
  return names.flatMap((name) => [name, ...withIncluded(declared[name]?.includes ?? [])]);
}

const GRANTED = new Set(withIncluded(SCOPES));
const HELD: Readonly<Record<RealClient["holds"], ReadonlySet<string>>> = {
  granted: GRANTED,
  baseline: new Set(Object.entries(scopes).flatMap(([name, scope]) => ("baseline" in scope && GRANTED.has(name) ? [name] : []))),
};

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
  const world = createWorldTools();
  const tools = [...controlPlane.tools, ...world.tools];
  const server = await createServer({ ...controlPlane, tools, config });
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
    sseUrl: `${server.url}/sse`,
    documentUrl: documents.url,
    hear: world.hear,
    toolsFor: (holds) =>
      tools.filter((tool) => tool.discoverable === true || tool.scopes.every((scope) => HELD[holds].has(scope))).map(({ name }) => name),
    newHome: () => mkdtemp(join(folder, "home-")),
    records,
    async signIn() {
      const link = await server.operator.createSignInLink("ada@acme.example");
      if ("problems" in link) throw new Error(link.problems.join("\n"));
      return signInByLink(server.url, link.url);
    },
    async newTarget(challenge) {
      const created = await server.operator.createAgent({ name: "Client under test", scopes: SCOPES, challenge });
      if ("problems" in created) throw new Error(created.problems.join("\n"));
      const agent = { clientId: created.clientId, clientSecret: created.clientSecret ?? "" };
      const token = await fetchToken(server.url, agent, SCOPES.join(" "));
      const urls = { url: server.mcpUrl, sseUrl: `${server.url}/sse`, issuer: server.url };
      return { ...urls, agent, token, home: await mkdtemp(join(folder, "home-")) };
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
