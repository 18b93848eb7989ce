import { openFailures, openUsage, usageEvidence } from "../audit/index.ts";
import { evidenceOf, failureEvidence, type ExplainDeps } from "../call/index.ts";
import type { Caller, Evidence } from "../tool/index.ts";
import type { Ground } from "./ground.ts";

/** What evidence stands on. */
export type EvidenceGround = Pick<Ground, "registry" | "store" | "ledger" | "records" | "log" | "now"> & {
  readonly policies: ExplainDeps["policies"];
  readonly config: Pick<Ground["config"], "nodeId" | "selfRegisteredScopes">;
};

/** What is drawn from the ledger while it grows: it follows from where it last stopped, and what it shows is confined to the asker. */
export async function openEvidence(ground: EvidenceGround, closing: AsyncDisposableStack) {
  const { registry, config, store, ledger, records, policies, log, now } = ground;
  const following = { ledger, records, log, now, chain: config.nodeId };
  const failures = closing.adopt(await openFailures({ ...following, store: store.failures, registry }), (opened) => opened.close());
  const usage = closing.adopt(await openUsage({ ...following, store, registry }), (opened) => opened.close());
  const explaining: ExplainDeps = { ...config, registry, store, ledger: records, policies, now };
  return {
    failures,
    usage,
    explaining,
    /** What the tools of a caller see of it. */
    of: (caller: Caller): Evidence => ({
      ...evidenceOf(explaining, caller),
      ...failureEvidence(failures, caller),
      ...usageEvidence(usage, caller),
    }),
  };
}

export type OpenedEvidence = Awaited<ReturnType<typeof openEvidence>>;
