import { failureCase, type FailureCase, type Failures } from "../../audit/index.ts";
import type { Caller, Evidence, FailureCluster, FailureQuery, Registry } from "../../tool/index.ts";
import { replayCase, type Replayed } from "./replay-case.ts";

/** What a caller may see of it: the clusters of its workspace, as a whole. */
export function failureEvidence(failures: Pick<Failures, "list">, { workspaceId, environments }: Caller): Pick<Evidence, "failures"> {
  return {
    async failures(query) {
      if (environments === undefined) return failures.list(workspaceId, query);
      return { problems: ["Your access is limited to certain environments of this workspace, and failures are about the whole of it."] };
    },
  };
}

type Problems = { readonly problems: readonly string[] };

/** What an operator may ask about calls that went wrong. Nothing of it changes anything. */
export interface FailureOperator {
  /** Clusters of a workspace, or of all, the most frequent first. */
  listFailures(query: FailureQuery & { readonly workspaceId?: string | undefined }): Promise<readonly FailureCluster[]>;
  /** The newest call of a cluster as a case that can be replayed. */
  failureCase(id: string): Promise<FailureCase | Problems>;
  /** Whether the call of a case would still go wrong in the same way. Nothing is run. */
  replayFailure(given: unknown): Promise<Replayed | Problems>;
}

export interface FailureActsDeps {
  readonly failures: Pick<Failures, "list" | "caseOf">;
  readonly registry: Registry;
}

export function createFailureActs({ failures, registry }: FailureActsDeps): FailureOperator {
  return {
    listFailures: ({ workspaceId, ...query }) => failures.list(workspaceId, query),
    async failureCase(id) {
      const found = await failures.caseOf(id);
      return found ?? { problems: [`there is no cluster ${JSON.stringify(id)}; remit failures shows their ids`] };
    },
    async replayFailure(given) {
      const parsed = failureCase.safeParse(given);
      if (parsed.success) return replayCase(registry, parsed.data);
      return { problems: ["this is no case; remit failures case ID writes one"] };
    },
  };
}
