/** How much is called and how it goes, and what goes wrong again and again. */
import * as z from "zod";
import type { Failures, Usage } from "../../contract-evidence.ts";
import type { ConsoleContext, ConsoleRequest, Endpoint } from "../../endpoint.ts";
import { FAILURE_CAUSES } from "../../../errors.ts";
import { found, readQuery } from "../read-query.ts";
import { agentNames } from "../../workspace-clients.ts";

export const USAGE_ENDPOINTS: readonly Endpoint[] = [
  { method: "GET", path: "usage", role: "viewer", run: showUsage },
  { method: "GET", path: "failures", role: "viewer", run: showFailures },
];

const BY = ["tool", "method", "agent", "user", "environment", "outcome", "reason", "client", "protocol"] as const;

const key = z.string().max(500).optional();
/** Epoch milliseconds. */
const instant = z.coerce.number().int().nonnegative().optional();

const USAGE = z.strictObject({
  by: z.enum(BY).optional(),
  since: instant,
  until: instant,
  every: z.enum(["minute", "hour", "day"]).optional(),
  sort: z.enum(["calls", "failed", "refused", "slow", "large", "last"]).optional(),
  limit: z.coerce.number().int().min(1).max(1000).optional(),
  ...(Object.fromEntries(BY.map((name) => [name, key])) as Readonly<Record<(typeof BY)[number], typeof key>>),
});

const FAILURES = z.strictObject({
  cause: z.enum(FAILURE_CAUSES).optional(),
  tool: key,
  withinMs: z.coerce.number().int().positive().optional(),
  limit: z.coerce.number().int().min(1).max(200).optional(),
});

async function showUsage({ evidence, store, by }: ConsoleContext, { query }: ConsoleRequest): Promise<Usage> {
  const usage = found(await evidence.usage(readQuery(USAGE, query)));
  if (usage.by !== "agent") return usage;
  const names = await agentNames(store, by.workspaceId);
  return { ...usage, groups: usage.groups.map((group) => ({ ...group, name: names.get(group.key) ?? null })) };
}

async function showFailures({ evidence }: ConsoleContext, { query }: ConsoleRequest): Promise<Failures> {
  return { failures: found(await evidence.failures(readQuery(FAILURES, query))) };
}
