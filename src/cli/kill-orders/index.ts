import * as z from "zod";
import type { Operator } from "../../index.ts";

export const killKind = z.enum(["agent", "grant", "user", "tool", "environment", "workspace"]);

/** The kill switch, as it goes through the local channel. */
export const killOrders = [
  z.object({
    order: z.literal("kill.order"),
    kind: killKind,
    value: z.string(),
    reason: z.string().optional(),
    workspaceId: z.string().optional(),
  }),
  z.object({ order: z.literal("kill.list") }),
  z.object({ order: z.literal("kill.lift"), id: z.string() }),
] as const;

type KillOrder = z.infer<(typeof killOrders)[number]>;

export const killOrderActs: {
  readonly [K in KillOrder["order"]]: (operator: Operator, order: Extract<KillOrder, { order: K }>) => Promise<unknown>;
} = {
  "kill.order": (operator, { order: _order, ...aim }) => operator.kill(aim),
  "kill.list": (operator) => operator.listKills(),
  "kill.lift": (operator, { id }) => operator.liftKill(id),
};
