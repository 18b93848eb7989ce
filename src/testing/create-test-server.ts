import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Kysely } from "kysely";
import type { AuditRecord } from "../audit/index.ts";
import { parseConfig } from "../config.ts";
import { systemClock } from "../lib/clock.ts";
import { openServer, type Server, type ServerOptions } from "../server/index.ts";
import type { ToolTables } from "../store/index.ts";
import type { ScopeDeclarations } from "../tool/index.ts";
import { createTestAgent, type AgentOptions, type TestAgent } from "./test-agent.ts";
import { createTestPerson, type PersonOptions, type TestPerson } from "./test-person.ts";

/** What `createServer` takes, and settings by the names of their environment variables. The environment itself is not read. */
export interface TestServerOptions<S extends ScopeDeclarations> extends Omit<ServerOptions, "config" | "scopes"> {
  readonly scopes: S;
  readonly env?: Readonly<Record<string, string>>;
}

export interface TestServer<S extends ScopeDeclarations = ScopeDeclarations> extends Server, AsyncDisposable {
  /** An agent that holds these scopes, and acts for a person or for nobody. */
  agent(options: AgentOptions<keyof S & string>): Promise<TestAgent>;
  /** A person with a place in the workspace. */
  person(options?: PersonOptions): Promise<TestPerson>;
  /** Every record so far, oldest first. */
  records(): Promise<readonly AuditRecord[]>;
  /** The database as the tools of the workspace see it, to put there what a test needs. */
  db<T = unknown>(): Kysely<ToolTables & T>;
}

/** Where calls go: a name that no other machine has. No port is opened. */
const URL = "http://localhost";
const WORKSPACE = { id: "wks_test", name: "Test workspace" };

/**
 * A server like any other, from the same declarations, in this process: its own issuer, ledger and database, in a folder that goes away when
 * it closes. It listens nowhere; agents call it through `fetch`.
 */
export async function createTestServer<const S extends ScopeDeclarations>(options: TestServerOptions<S>): Promise<TestServer<S>> {
  const { env, ...declared } = options;
  const dataDir = await mkdtemp(join(tmpdir(), "remit-testing-"));
  const unlimited = { REMIT_RATE_PER_SECOND: "1000000", REMIT_RATE_BURST: "1000000" };
  try {
    const config = parseConfig({
      REMIT_URL: URL,
      REMIT_LOG_LEVEL: "silent",
      REMIT_DRAIN_SECONDS: "1",
      ...unlimited,
      ...env,
      REMIT_DATA: dataDir,
    });
    const opened = await openServer({ ...declared, config });
    const { server, inside } = opened;
    const close = async () => {
      await server.close();
      await rm(dataDir, { recursive: true, force: true });
    };
    await inside.store.db
      .insertInto("workspace")
      .values({ ...WORKSPACE, created_at: systemClock() })
      .execute();
    const world = { ...opened, workspaceId: WORKSPACE.id };
    return {
      ...server,
      agent: (wanted) => createTestAgent(world, wanted),
      person: (wanted = {}) => createTestPerson(world, wanted),
      records: async () => inside.audit.read(0, await inside.audit.records()),
      db: <T>() => inside.store.inWorkspace(WORKSPACE.id) as unknown as Kysely<ToolTables & T>,
      close,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await rm(dataDir, { recursive: true, force: true });
    throw error;
  }
}
