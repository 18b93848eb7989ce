import { factOf } from "../../audit/index.ts";
import type { KillRow, LedgerReader } from "../../store/index.ts";

/** A call that a receipt names. */
export interface KillCall {
  /** Sequence number of its record; null for a token that was refused before anything was decided. */
  readonly seq: number | null;
  readonly decision: string | null;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly agent: string;
}

/** A use of the kill switch. Instants are epoch milliseconds. */
export interface Kill {
  readonly id: string;
  readonly kind: KillRow["kind"];
  readonly value: string;
  readonly workspace_id: string | null;
  readonly reason: string | null;
  /** Account of the person who ordered it at the console; null for an operator of the server. */
  readonly ordered_by: string | null;
  readonly ordered_at: number;
  readonly applied_at: number | null;
  readonly lifted_at: number | null;
  /** The last call that was accepted before it; null for none among the newest records. */
  readonly accepted: KillCall | null;
  /** The first that was refused since; null until one is. */
  readonly refused: KillCall | null;
}

export function shownKill({ accepted, refused, ...row }: KillRow): Kill {
  return { ...row, accepted: parseCall(accepted), refused: parseCall(refused) };
}

function parseCall(json: string | null): KillCall | null {
  return json === null ? null : (JSON.parse(json) as KillCall);
}

/** So many records are looked through for the last call. */
const MAX_SCANNED = 200_000;
const MEMBERS: Readonly<Record<KillRow["kind"], string>> = {
  agent: "agent",
  grant: "grant",
  user: "subject",
  tool: "tool",
  environment: "environment_id",
  workspace: "workspace",
};

/** The last call that was accepted of what a kill is aimed at, when that is among the newest records. */
export async function lastAccepted(
  records: Pick<LedgerReader, "head" | "scan">,
  { kind, value, workspace_id }: Pick<KillRow, "kind" | "value" | "workspace_id">,
): Promise<KillCall | undefined> {
  const head = (await records.head())?.seq ?? 0;
  const contains = ['"allowed":true', kind === "environment" ? JSON.stringify(value) : `"${MEMBERS[kind]}":${JSON.stringify(value)}`];
  if (workspace_id !== null) contains.push(`"workspace":${JSON.stringify(workspace_id)}`);
  // Arguments may hold the same text, so a few more are looked at.
  const rows = await records.scan({ after: Math.max(0, head - MAX_SCANNED), upTo: head, contains, newestFirst: true }, 50);
  for (const { seq, body } of rows) {
    const fact = factOf({ body });
    if (fact === undefined || !fact.allowed || !isAimedAt({ kind, value }, { ...fact, tool: fact.target })) continue;
    return { seq, decision: fact.decision, at: fact.at, agent: fact.agent };
  }
  return undefined;
}

interface Party {
  readonly agent: string;
  readonly subject: string;
  readonly grant: string;
  readonly workspace: string;
  readonly environment?: string;
  readonly tool?: string;
}

/** Whether a kill is aimed at this agent, grant, person, tool, environment or workspace. */
export function isAimedAt({ kind, value }: Pick<KillRow, "kind" | "value">, party: Party): boolean {
  return party[kind === "user" ? "subject" : kind] === value;
}
