import * as z from "zod";
import type { Operator } from "../../index.ts";

const text = z.string().optional();
const instant = z.number().optional();

export const usageBy = z.enum(["tool", "method", "agent", "user", "environment", "outcome", "reason", "client", "protocol"]);
export const usageEvery = z.enum(["minute", "hour", "day"]);
export const usageSort = z.enum(["calls", "failed", "refused", "slow", "large", "last"]);

/** What is asked about usage, as it goes through the local channel. */
export const usageOrders = [
  z.object({
    order: z.literal("usage.query"),
    workspaceId: text,
    by: usageBy.optional(),
    tool: text,
    method: text,
    agent: text,
    user: text,
    environment: text,
    outcome: text,
    reason: text,
    client: text,
    protocol: text,
    since: instant,
    until: instant,
    every: usageEvery.optional(),
    sort: usageSort.optional(),
    limit: z.number().optional(),
  }),
  z.object({ order: z.literal("usage.unused"), workspaceId: text, agent: text, since: instant }),
] as const;

type UsageOrder = z.infer<(typeof usageOrders)[number]>;

export const usageOrderActs: {
  readonly [K in UsageOrder["order"]]: (operator: Operator, order: Extract<UsageOrder, { order: K }>) => Promise<unknown>;
} = {
  "usage.query": (operator, { order: _order, ...query }) => operator.usage(query),
  "usage.unused": (operator, { order: _order, ...query }) => operator.unused(query),
};
