import { randomBytes } from "node:crypto";
import { systemClock } from "../lib/clock.ts";
import { readEvents } from "../lib/event-stream/index.ts";
import { createId } from "../lib/id.ts";
import { isRecord } from "../lib/is-record.ts";
import type { Tool } from "../tool/index.ts";
import { createTestCall, type Answered, type TestCall } from "./test-call.ts";
import type { TestPerson, World } from "./test-person.ts";

export interface AgentOptions<S extends string> {
  readonly scopes: readonly S[];
  /** Whom it acts for; what the role of the person does not allow it does not get. Default: nobody. */
  readonly person?: Pick<TestPerson, "accountId" | "role">;
  readonly name?: string;
}

export interface TestAgent {
  readonly clientId: string;
  /** Its access token, for requests of one's own to `fetch` of the server. */
  readonly token: string;
  /** Calls a tool, by its declaration or its name. */
  call<I, O>(tool: Tool<I, O>, input: I): Promise<TestCall<O>>;
  call(tool: string, input?: object): Promise<TestCall<unknown>>;
  /** Names of the tools that it is shown. */
  tools(): Promise<readonly string[]>;
  /** Any other request of MCP: the result of it, or the error. */
  request(method: string, params?: Readonly<Record<string, unknown>>): Promise<Answered>;
}

const VERSION = "2026-07-28";
const TOKEN_SECONDS = 3600;

export async function createTestAgent(world: World, options: AgentOptions<string>): Promise<TestAgent> {
  const { clientId, token } = await admitAgent(world, options);

  async function call(tool: string | { readonly name: string }, input: unknown = {}): Promise<TestCall<never>> {
    const name = typeof tool === "string" ? tool : tool.name;
    const traceId = randomBytes(16).toString("hex");
    const since = await world.inside.audit.records();
    const answered = await send(world, token, { method: "tools/call", params: { name, arguments: input }, traceId });
    const records = await world.inside.audit.read(since, (await world.inside.audit.records()) - since);
    const record = records.findLast((each) => each["trace"] === traceId && (each["kind"] === "call" || each["kind"] === "outcome"));
    if (record === undefined) throw new Error(`the call of ${name} is not on record: HTTP ${answered.status} ${JSON.stringify(answered)}`);
    return createTestCall({ name, answered, record });
  }

  return {
    clientId,
    token,
    call,
    async tools() {
      const { result } = await send(world, token, { method: "tools/list", params: {} });
      const listed = Array.isArray(result?.["tools"]) ? (result["tools"] as readonly unknown[]) : [];
      return listed.flatMap((tool) => (isRecord(tool) && typeof tool["name"] === "string" ? [tool["name"]] : []));
    },
    request: (method, params = {}) => send(world, token, { method, params }),
  };
}

/** A client that an operator made, and a token of it: of its own, or of what a person allowed it. Without scopes it is one that opens nothing. */
async function admitAgent(world: World, { scopes, person, name = "Test agent" }: AgentOptions<string>) {
  const { server, inside, workspaceId } = world;
  const ceiling = inside.scopes.names.join(" ");
  const policy = scopes.length === 0 ? inside.scopes.names : scopes;
  const made = await server.operator.createAgent({ name, scopes: policy, workspaceId });
  if ("problems" in made) throw new Error(made.problems.join("\n"));
  const { clientId } = made;
  const grantId = createId("gra");
  const kind = person === undefined ? "standing" : "person";
  const whose = { workspace_id: workspaceId, client_id: clientId, subject: person?.accountId ?? clientId };
  const ties = { parent_id: null, redirect_host: null, environments: null };
  const times = { created_at: systemClock(), expires_at: null, revoked_at: null };
  await inside.store.grants.create({ id: grantId, kind, ...whose, scopes: policy.join(" "), ...ties, ...times });
  const issued = await inside.issuer.issueTrialToken({ grantId, scopes, ceiling, actorId: undefined, ttlSeconds: TOKEN_SECONDS });
  if (!("token" in issued)) throw new Error(`${person?.accountId ?? clientId} is no person of this workspace who can let agents in`);
  return { clientId, token: issued.token };
}

interface Sent {
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly traceId?: string;
}

/** One message of MCP 2026-07-28, and its whole answer. */
async function send({ server }: World, token: string, { method, params, traceId }: Sent): Promise<Answered> {
  const target = params["name"] ?? params["uri"];
  const headers = new Headers({
    authorization: `Bearer ${token}`,
    "content-type": "application/json",
    accept: "application/json, text/event-stream",
    "mcp-protocol-version": VERSION,
    "mcp-method": method,
  });
  if (typeof target === "string") headers.set("mcp-name", target);
  const trace = traceId === undefined ? {} : { traceparent: `00-${traceId}-${randomBytes(8).toString("hex")}-01` };
  const _meta = {
    "io.modelcontextprotocol/protocolVersion": VERSION,
    "io.modelcontextprotocol/clientCapabilities": {},
    progressToken: "progress",
    ...trace,
  };
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params: { ...params, _meta } });
  const response = await server.fetch(new Request(server.mcpUrl, { method: "POST", headers, body }));
  return readAnswer(response);
}

async function readAnswer(response: Response): Promise<Answered> {
  const isStream = response.headers.get("content-type")?.startsWith("text/event-stream") === true;
  const texts: string[] = [];
  if (isStream && response.body !== null) for await (const { data } of readEvents(response.body)) texts.push(data);
  else texts.push(await response.text());
  const messages = texts.filter((each) => each !== "").map((each) => JSON.parse(each) as Record<string, unknown>);
  const last = messages.at(-1) ?? {};
  return {
    status: response.status,
    challenge: response.headers.get("www-authenticate") ?? undefined,
    result: isRecord(last["result"]) ? last["result"] : undefined,
    error: isRecord(last["error"]) ? last["error"] : undefined,
    streamed: messages.slice(0, -1),
  };
}
