/** A call as an agent, through all that a call of the agent itself goes through: a token, the wire, the decision, the record. */
import type { CallLine, Explained } from "../../contract.ts";
import { ConsoleProblem, type ConsoleContext, type ConsoleRequest } from "../../endpoint.ts";
import { exchange, type Wire } from "./exchange.ts";
import { explainedOf } from "./explained.ts";
import { findBearer, type Bearer } from "./identities.ts";
import { parseOrder, type Order } from "./order.ts";
import { legacyCall, legacyClosing, legacyOpening, modernCall, requestOf } from "./speak.ts";

const TOKEN_SECONDS = 120;
/** Among so many of the newest records the one of the call is looked for. */
const LOOKED_AT = 20;

export async function callAs(context: ConsoleContext, { body }: ConsoleRequest): Promise<AsyncIterable<CallLine>> {
  const order = parseOrder(body);
  const bearer = await findBearer(context, order.as);
  const { token, tokenId } = await tokenFor(context, bearer, order);
  const { mcpUrl, send, signal } = context;
  return told(context, { order, bearer, tokenId, wire: { mcpUrl, token, send, signal } });
}

async function tokenFor({ issuer, registry, by }: ConsoleContext, bearer: Bearer, { scopes }: Order) {
  if (by.role !== "admin" && bearer.accountId !== undefined && bearer.accountId !== by.accountId)
    throw new ConsoleProblem(403, {
      code: "another_person",
      message: "This agent acts for somebody else, and only an admin may call as it.",
      next: "Choose an agent that acts for itself or for you.",
    });
  const trial = await issuer.issueTrialToken({
    grantId: bearer.id,
    scopes,
    ceiling: registry.scopes.forRole(by.member),
    actorId: by.accountId,
    ttlSeconds: TOKEN_SECONDS,
  });
  if ("ended" in trial) throw new ConsoleProblem(409, { code: "ended", message: "The access of this agent has ended." });
  if ("beyond" in trial)
    throw new ConsoleProblem(403, {
      code: "beyond_role",
      message: `The call would use ${trial.beyond.join(", ")}, which is beyond your own role (${by.member}) in ${by.workspaceName}.`,
      next: "Untick it, or ask an admin to make the call.",
    });
  return trial;
}

interface Calling {
  readonly order: Order;
  readonly bearer: Bearer;
  readonly tokenId: string;
  readonly wire: Wire;
}

async function* told(context: ConsoleContext, calling: Calling): AsyncGenerator<CallLine> {
  const startedMs = performance.now();
  try {
    if (calling.order.era === "2026-07-28") yield* exchange(calling.wire, modernCall(calling.order), startedMs);
    else yield* inSession(calling, startedMs);
  } catch (error) {
    // The person stopped the call: there is nobody left to tell.
    if (context.signal.aborted) return;
    throw error;
  }
  yield { type: "end", ms: performance.now() - startedMs, explained: await explain(context, calling) };
}

async function* inSession({ order, wire }: Calling, startedMs: number): AsyncGenerator<CallLine> {
  const { status, session } = yield* exchange(wire, legacyOpening(order), startedMs);
  if (status !== 200 || session === null) return;
  try {
    for (const message of legacyCall(order, session)) yield* exchange(wire, message, startedMs);
  } finally {
    const { method, headers } = legacyClosing(order, session);
    const authorization = `Bearer ${wire.token}`;
    await wire.send(new Request(wire.mcpUrl, { method, headers: { ...headers, authorization } }));
  }
}

/** The decision as it is on record: of the newest call with this token. */
async function explain({ evidence }: ConsoleContext, { bearer, tokenId, order }: Calling): Promise<Explained | null> {
  const found = await evidence.records({ search: `agent:${bearer.clientId} method:${requestOf(order).method}`, limit: LOOKED_AT });
  if ("problems" in found) return null;
  const record = found.records.find((each) => each["token"] === tokenId && typeof each["decision"] === "string");
  if (record === undefined && order.kind !== "tool") return null;
  const explained = await evidence.explain(record === undefined ? queryOf(order, bearer) : { decision: String(record["decision"]) });
  return "problems" in explained ? null : explainedOf(explained);
}

/** Asks what would be decided; nothing runs. */
export async function explainAs(context: ConsoleContext, { body }: ConsoleRequest): Promise<Explained> {
  const order = parseOrder(body);
  if (order.kind !== "tool")
    throw new ConsoleProblem(400, { code: "only_tools", message: "Only calls of tools are explained without being made." });
  const bearer = await findBearer(context, order.as);
  const explained = await context.evidence.explain(queryOf(order, bearer));
  if ("problems" in explained) throw new ConsoleProblem(400, { code: "not_explained", message: explained.problems.join(" ") });
  return explainedOf(explained);
}

function queryOf({ tool, arguments: args, scopes }: Order, { id, clientId }: Bearer) {
  const held = scopes === undefined ? { grant: id } : { scopes: scopes.join(" ") };
  return { tool, agent: clientId, ...held, ...(args === undefined ? {} : { arguments: args }) };
}
