import type { Caller, Evidence, EvidenceProblems, Unused, UnusedQuery, UsageFound, UsageQuery } from "../../tool/index.ts";
import type { Usage } from "./open-usage.ts";

type Asked = Pick<Usage, "query" | "unused">;

/** What a caller may see of it: the calls in its workspace, or in the environments that it is limited to. */
export function usageEvidence(usage: Asked, { workspaceId, environments }: Caller): Pick<Evidence, "usage" | "unused"> {
  const scope = { workspaceId, environments };
  return { usage: (query) => usage.query(scope, query), unused: (query) => usage.unused(scope, query) };
}

interface InWorkspace {
  /** May be left out while there is one workspace. */
  readonly workspaceId?: string | undefined;
}

/** What an operator may ask about usage. Nothing of it changes anything. */
export interface UsageOperator {
  usage(query: UsageQuery & InWorkspace): Promise<UsageFound | EvidenceProblems>;
  /** What is declared, or granted to one agent, and was not used. */
  unused(query: UnusedQuery & InWorkspace): Promise<Unused | EvidenceProblems>;
}

export interface UsageActsDeps {
  readonly usage: Asked;
  /** The workspace that is meant; undefined when that is not clear. */
  chooseWorkspace(given: string | undefined): Promise<string | undefined>;
}

const UNCLEAR: EvidenceProblems = { problems: ["say which workspace is meant; there is none, or more than one"] };

export function createUsageActs({ usage, chooseWorkspace }: UsageActsDeps): UsageOperator {
  return {
    async usage({ workspaceId: given, ...query }) {
      const workspaceId = await chooseWorkspace(given);
      return workspaceId === undefined ? UNCLEAR : usage.query({ workspaceId }, query);
    },
    async unused({ workspaceId: given, ...query }) {
      const workspaceId = await chooseWorkspace(given);
      return workspaceId === undefined ? UNCLEAR : usage.unused({ workspaceId }, query);
    },
  };
}
