import type { OperatorDeps, Acts } from "./operator.ts";
import { NO_WORKSPACE, problem, chooseWorkspace } from "./problems.ts";

const DAY_MS = 86_400_000;

export function serverActs({
  store,
  issuer,
  upstreams,
  checkpoints,
  retention,
  connections,
  health,
  now,
  record,
}: OperatorDeps): Acts<
  | "ledgerKey"
  | "checkHealth"
  | "signLedger"
  | "pruneLedger"
  | "listConnections"
  | "findConnection"
  | "setUpstreamSecret"
  | "rotateKeys"
  | "seed"
> {
  return {
    async setUpstreamSecret({ name, secret, workspaceId }) {
      const chosen = await chooseWorkspace(store, workspaceId);
      if (chosen === undefined) return NO_WORKSPACE;
      const found = await upstreams.store(name, secret, chosen);
      return found === undefined ? true : problem(found);
    },
    ledgerKey: () => checkpoints.verifierKey,
    checkHealth: () => health.check(),
    signLedger: () => checkpoints.sign(),
    listConnections: (limit) => connections.list(limit),
    findConnection: (id) => connections.find(id),
    async pruneLedger(days) {
      if (!(days >= 1)) return problem("records are kept for at least 1 day");
      return retention.prune(now() - days * DAY_MS);
    },
    rotateKeys: () => issuer.rotateKeys(),
    async seed(fill) {
      const first = await store.db.selectFrom("workspace").select("id").limit(1).executeTakeFirst();
      if (first !== undefined) return undefined;
      const filled = await fill(store.db, now());
      await record({ event: "workspace.seeded" });
      return filled;
    },
  };
}
