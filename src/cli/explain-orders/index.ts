import * as z from "zod";
import type { Operator } from "../../index.ts";

const workspaceId = z.string().optional();

/** What explains, simulates and narrows, as it goes through the local channel. */
export const explainOrders = [
  z.object({ order: z.literal("explain.decision"), decision: z.string() }),
  z.object({
    order: z.literal("explain.call"),
    workspaceId,
    tool: z.string(),
    arguments: z.unknown().optional(),
    agent: z.string().optional(),
    grant: z.string().optional(),
    scopes: z.string().optional(),
    environment: z.string().optional(),
    isReadOnly: z.boolean().optional(),
  }),
  z.object({
    order: z.literal("explain.grant"),
    workspaceId,
    scopes: z.string(),
    agent: z.string().optional(),
    role: z.enum(["viewer", "member", "admin", "owner"]).optional(),
    isReadOnly: z.boolean().optional(),
  }),
  z.object({ order: z.literal("grant.advise"), workspaceId, agent: z.string().optional(), days: z.number() }),
  z.object({ order: z.literal("grant.narrow"), workspaceId, agent: z.string(), days: z.number() }),
] as const;

type ExplainOrder = z.infer<(typeof explainOrders)[number]>;

export const explainOrderActs: {
  readonly [K in ExplainOrder["order"]]: (operator: Operator, order: Extract<ExplainOrder, { order: K }>) => Promise<unknown>;
} = {
  "explain.decision": (operator, { decision }) => operator.explainDecision(decision),
  "explain.call": (operator, { order: _order, ...query }) => operator.explainCall(query),
  "explain.grant": (operator, { order: _order, ...query }) => operator.simulateGrant(query),
  "grant.advise": (operator, { order: _order, ...query }) => operator.adviseGrants(query),
  "grant.narrow": (operator, { order: _order, ...query }) => operator.narrowGrants(query),
};
