/** The commands that act on a server, as they go through the local channel. */
import * as z from "zod";
import type { Operator } from "../index.ts";
import { FAILURE_CAUSES } from "../errors.ts";
import { explainOrderActs, explainOrders } from "./explain-orders/index.ts";
import { killOrderActs, killOrders } from "./kill-orders/index.ts";
import { usageOrderActs, usageOrders } from "./usage-orders/index.ts";

const email = z.string();
const challenge = z.enum(["http", "in_band"]);
export const failureCause = z.enum(FAILURE_CAUSES);
const roles = z.enum(["viewer", "member", "admin", "owner"]);

/** A command and its arguments. */
export const orderSchema = z.discriminatedUnion("order", [
  z.object({
    order: z.literal("agent.create"),
    name: z.string(),
    scopes: z.array(z.string()),
    jwks: z.unknown().optional(),
    redirectUris: z.array(z.string()).optional(),
    mayIntrospect: z.boolean().optional(),
    createdBy: z.string().optional(),
    challenge: challenge.optional(),
  }),
  z.object({ order: z.literal("agent.list") }),
  z.object({ order: z.literal("agent.disable"), clientId: z.string() }),
  z.object({ order: z.literal("agent.enable"), clientId: z.string() }),
  z.object({ order: z.literal("agent.challenge"), clientId: z.string(), challenge }),
  z.object({ order: z.literal("token.issue"), clientId: z.string(), scope: z.string().optional(), ttlSeconds: z.number().optional() }),
  z.object({ order: z.literal("token.revoke"), token: z.string() }),
  z.object({ order: z.literal("grant.list") }),
  z.object({ order: z.literal("grant.revoke"), grantId: z.string() }),
  z.object({ order: z.literal("account.create"), email, name: z.string(), role: roles }),
  z.object({ order: z.literal("account.list") }),
  z.object({ order: z.literal("account.disable"), email }),
  z.object({ order: z.literal("account.enable"), email }),
  z.object({ order: z.literal("account.link"), email }),
  z.object({ order: z.literal("account.password"), email, password: z.string() }),
  z.object({ order: z.literal("key.rotate") }),
  z.object({ order: z.literal("connection.list"), limit: z.number() }),
  z.object({ order: z.literal("connection.find"), id: z.string() }),
  z.object({ order: z.literal("ledger.key") }),
  z.object({ order: z.literal("ledger.sign") }),
  z.object({ order: z.literal("ledger.prune"), days: z.number() }),
  ...explainOrders,
  ...killOrders,
  ...usageOrders,
  z.object({ order: z.literal("policy.list") }),
  z.object({
    order: z.literal("policy.set"),
    action: z.enum(["allow", "deny", "approve", "read_only", "environment", "limit"]),
    workspaceId: z.string().optional(),
    clientId: z.string().optional(),
    tool: z.string().optional(),
    effect: z.enum(["read", "write", "destructive"]).optional(),
    approvers: z.number().optional(),
    environmentId: z.string().optional(),
    perSecond: z.number().optional(),
    perDay: z.number().optional(),
  }),
  z.object({ order: z.literal("policy.remove"), ruleId: z.string() }),
  z.object({
    order: z.literal("failures.list"),
    workspaceId: z.string().optional(),
    cause: failureCause.optional(),
    tool: z.string().optional(),
    withinMs: z.number().optional(),
    limit: z.number().optional(),
  }),
  z.object({ order: z.literal("failures.case"), id: z.string() }),
  z.object({ order: z.literal("failures.replay"), case: z.unknown() }),
  z.object({ order: z.literal("health.check") }),
  z.object({ order: z.literal("upstream.set"), name: z.string(), secret: z.string() }),
]);

export type Order = z.infer<typeof orderSchema>;

/** What came of an order: a value, or the problems that kept it from being done. */
export type Done = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly problems: readonly string[] };

type Acts = { readonly [K in Order["order"]]: (operator: Operator, order: Extract<Order, { order: K }>) => Promise<unknown> };

const ACTS: Acts = {
  "agent.create": (operator, { order: _order, ...agent }) => operator.createAgent(agent),
  "agent.list": (operator) => operator.listAgents(),
  "agent.disable": (operator, { clientId }) => operator.disableAgent(clientId),
  "agent.enable": (operator, { clientId }) => operator.enableAgent(clientId),
  "agent.challenge": (operator, { clientId, challenge: chosen }) => operator.setChallenge(clientId, chosen),
  "token.issue": (operator, { clientId, scope, ttlSeconds }) => operator.issueToken({ clientId, scope, ttlSeconds }),
  "token.revoke": (operator, { token }) => operator.revokeToken(token),
  "grant.list": (operator) => operator.listGrants(),
  "grant.revoke": (operator, { grantId }) => operator.revokeGrant(grantId),
  "account.create": (operator, { email: address, name, role }) => operator.createPerson({ email: address, name, role }),
  "account.list": (operator) => operator.listPeople(),
  "account.disable": (operator, { email: address }) => operator.disablePerson(address),
  "account.enable": (operator, { email: address }) => operator.enablePerson(address),
  "account.link": (operator, { email: address }) => operator.createSignInLink(address),
  "account.password": (operator, { email: address, password }) => operator.setPassword(address, password),
  ...explainOrderActs,
  ...killOrderActs,
  ...usageOrderActs,
  "policy.list": (operator) => operator.listPolicy(),
  "policy.set": (operator, { order: _order, ...rule }) => operator.setPolicy(rule),
  "policy.remove": (operator, { ruleId }) => operator.removePolicy(ruleId),
  "failures.list": (operator, { order: _order, ...query }) => operator.listFailures(query),
  "failures.case": (operator, { id }) => operator.failureCase(id),
  "failures.replay": (operator, { case: given }) => operator.replayFailure(given),
  "health.check": (operator) => operator.checkHealth(),
  "upstream.set": (operator, { name, secret }) => operator.setUpstreamSecret({ name, secret }),
  "connection.list": (operator, { limit }) => operator.listConnections(limit),
  async "connection.find"(operator, { id }) {
    return (await operator.findConnection(id)) ?? { problems: [`There is no connection ${id}. They are kept for two weeks.`] };
  },
  "ledger.key": (operator) => Promise.resolve({ key: operator.ledgerKey() }),
  async "ledger.prune"(operator, { days }) {
    return (await operator.pruneLedger(days)) ?? null;
  },
  async "ledger.sign"(operator) {
    await operator.signLedger();
    return {};
  },
  async "key.rotate"(operator) {
    await operator.rotateKeys();
    return {};
  },
};

/** Carries out an order on a server in this process. */
export async function carryOut(operator: Operator, order: Order): Promise<Done> {
  const act = ACTS[order.order] as (operator: Operator, order: Order) => Promise<unknown>;
  const value = await act(operator, order);
  if (isProblems(value)) return { ok: false, problems: value.problems };
  return { ok: true, value };
}

function isProblems(value: unknown): value is { readonly problems: readonly string[] } {
  return typeof value === "object" && value !== null && "problems" in value;
}
