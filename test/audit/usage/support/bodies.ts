import type { Registry } from "../../../../src/tool/index.ts";

/** The body of a call of one of a few tools. */
export function usageBody(at: number, n: number): string {
  const who = { agent: `agt_${n % 3}`, subject: "acc_1", workspace: "wks_1" };
  const end = { outcome: "ok", duration_ms: n + 0.5, result_bytes: 10 * n };
  return JSON.stringify({
    v: 1,
    kind: "call",
    at,
    decision: `dec_${n}`,
    allowed: true,
    method: "tools/call",
    tool: `tool_${n % 5}`,
    ...who,
    ...end,
  });
}

/** A server that declares nothing: names are counted as they stand on record. */
export const NO_TOOLS = { tools: new Map(), scopes: { names: [], baseline: [] } } as unknown as Pick<Registry, "tools" | "scopes">;
