import { sql } from "kysely";
import type { Engine } from "./engine.ts";
import { createFailureStore } from "./failures/index.ts";
import { createConnectionStore } from "./connections/index.ts";
import { createFeedStore } from "./feeds/index.ts";
import { createKillStore } from "./kills/index.ts";
import { createHandle } from "./handle.ts";
import type { LedgerStore, Store } from "./index.ts";
import { migrateAll } from "./migrations/index.ts";
import {
  createApprovalStore,
  createChangeEntryStore,
  createClientStore,
  createDeviceStore,
  createGrantStore,
  createOidcPayloadStore,
  createPolicyStore,
  createRefreshTokenStore,
  createResultStore,
  createRevocationStore,
  createSessionStore,
  createSigningKeyStore,
  createTaskStore,
} from "./repositories/index.ts";
import { createSavedCallStore } from "./saved-calls/index.ts";
import { createSurfaceStore } from "./surfaces/index.ts";
import type { CoreTables } from "./tables.ts";
import { createUsageStore } from "./usage/index.ts";
import { createWorkspaceHandles } from "./workspace/index.ts";

/** The store over an open engine. */
export function createStore(engine: Engine): Store {
  const db = createHandle<CoreTables>(engine, engine.driver, () => engine.createQueryCompiler());
  const workspaces = createWorkspaceHandles(engine);
  let ledger: Promise<LedgerStore> | undefined;
  let closing: Promise<void> | undefined;

  async function close(): Promise<void> {
    // A ledger that did not open has nothing to close.
    await (await ledger?.catch(() => undefined))?.close();
    await engine.close();
  }

  return {
    db,
    approvals: createApprovalStore(db),
    changeEntries: createChangeEntryStore(db),
    clients: createClientStore(db),
    grants: createGrantStore(db, engine),
    refreshTokens: createRefreshTokenStore(db, engine),
    devices: createDeviceStore(db),
    signingKeys: createSigningKeyStore(db, engine),
    sessions: createSessionStore(db, engine),
    policies: createPolicyStore(db, engine),
    tasks: createTaskStore(db, engine),
    failures: createFailureStore(db, engine),
    connections: createConnectionStore(db),
    feeds: createFeedStore(db),
    kills: createKillStore(db),
    savedCalls: createSavedCallStore(db),
    surfaces: createSurfaceStore(db),
    usage: createUsageStore(db, engine),
    oidcPayloads: createOidcPayloadStore(db),
    revocations: createRevocationStore(db),
    results: createResultStore(db, engine),
    openLedger() {
      ledger ??= engine.openLedger().catch((error: unknown) => {
        ledger = undefined;
        throw error;
      });
      return ledger;
    },
    inWorkspace: (workspaceId, environmentIds) => workspaces.open(workspaceId, environmentIds),
    async migrate(modules) {
      await migrateAll(db, engine, modules);
      workspaces.admit(modules);
    },
    async ping() {
      await sql`select 1`.execute(db);
    },
    close() {
      closing ??= close();
      return closing;
    },
  };
}
