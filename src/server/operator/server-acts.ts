import type { OperatorDeps, Acts } from "./operator.ts";
import { NO_WORKSPACE, problem, chooseWorkspace } from "./problems.ts";

export function serverActs({
  store,
  issuer,
  upstreams,
  checkpoints,
  now,
  record,
}: OperatorDeps): Acts<"ledgerKey" | "signLedger" | "setUpstreamSecret" | "rotateKeys" | "seed"> {
  return {
    async setUpstreamSecret({ name, secret, workspaceId }) {
      const chosen = await chooseWorkspace(store, workspaceId);
      if (chosen === undefined) return NO_WORKSPACE;
      const found = await upstreams.store(name, secret, chosen);
      return found === undefined ? true : problem(found);
    },
    ledgerKey: () => checkpoints.verifierKey,
    signLedger: () => checkpoints.sign(),
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
