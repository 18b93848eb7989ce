/** What every client must be able to do, and what must be on record of it. */
import assert from "node:assert/strict";
import type { Connection, RealClient, Target } from "./real-client.ts";
import { SHOWN_TOOL, type World } from "./world.ts";

/** Tools that the baseline scopes open, which is what a client asks for that follows the first challenge. */
const BASELINE_TOOLS = [
  "whoami",
  "list_workspace_members",
  "list_environments",
  "get_environment_details",
  "list_organizations",
  "get_organization_details",
];
const TOOLS: Readonly<Record<RealClient["holds"], readonly string[]>> = {
  granted: [...BASELINE_TOOLS, "create_organization", SHOWN_TOOL],
  baseline: [...BASELINE_TOOLS, SHOWN_TOOL],
};

export const CHECKS = ["list", "call", "streamed", "refused", "step-up"] as const;

/** `-` stands for what this client cannot show. */
export type Mark = "ok" | "FAIL" | "-";

export interface Row {
  readonly client: RealClient;
  /** The revision of its calls, as the ledger has it. */
  readonly protocol: string;
  readonly marks: Readonly<Record<(typeof CHECKS)[number], Mark>>;
  readonly problems: readonly string[];
}

interface Subject {
  readonly world: World;
  readonly client: RealClient;
  readonly target: Target;
  readonly connection: Connection;
}

type Check = (subject: Subject) => Promise<void>;

/** Drives one client through all checks. A client that does not connect fails them all. */
export async function examine(world: World, client: RealClient): Promise<Row> {
  const target = await world.newTarget();
  const problems: string[] = [];
  let connection: Connection;
  try {
    connection = await client.connect(target);
  } catch (error) {
    const marks = {
      list: "FAIL",
      call: "FAIL",
      streamed: "FAIL",
      refused: "FAIL",
      "step-up": client.stepsUp === true ? "FAIL" : "-",
    } as const;
    return { client, protocol: "none", marks, problems: [textOf(error)] };
  }
  const subject = { world, client, target, connection };
  const mark = async (check: Check): Promise<Mark> => {
    try {
      await check(subject);
      return "ok";
    } catch (error) {
      problems.push(textOf(error));
      return "FAIL";
    }
  };
  try {
    const marks = {
      list: await mark(checkList),
      call: await mark(checkCall),
      streamed: connection.streamTool === undefined ? "-" : await mark(checkStreamed),
      refused: await mark(checkRefused),
      "step-up": client.stepsUp === true ? await mark(checkStepUp) : "-",
    } as const;
    const records = await world.recordsOf(target.agent.clientId);
    const protocol = String(records.find((record) => record["tool"] === "whoami")?.["protocol"]);
    return { client, protocol, marks, problems };
  } finally {
    await connection.close();
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function checkList({ client, connection }: Subject): Promise<void> {
  assert.deepEqual([...(await connection.listTools())].sort(), [...TOOLS[client.holds]].sort());
}

/** The answer is that of this agent, in the revision that the client must have negotiated. */
async function checkCall({ world, client, target, connection }: Subject): Promise<void> {
  const { clientId } = target.agent;
  const answer = (await connection.callTool("whoami", {})) as { readonly agent_id?: unknown } | undefined;
  assert.equal(answer?.agent_id, clientId);
  const record = (await world.recordsOf(clientId)).find(({ tool }) => tool === "whoami");
  assert.deepEqual([record?.["outcome"], record?.["protocol"]], ["ok", client.protocol]);
}

/** A large page comes in parts. */
async function checkStreamed({ world, connection }: Subject): Promise<void> {
  const messages = (await connection.streamTool?.("list_organizations", { environment_id: world.environmentId, page_size: 100 })) ?? [];
  assert.ok(messages.length >= 2, `${messages.length} messages of progress came`);
  assert.ok(
    messages.some((message) => /^org_\w+ Globex$/m.test(message)),
    "no part shows the organizations",
  );
}

/** The client says that it was refused, the record says for want of which scope, and nothing was made. */
async function checkRefused({ world, client, target, connection }: Subject): Promise<void> {
  const tool = client.callsListedToolsOnly === true ? SHOWN_TOOL : "create_environment";
  await assert.rejects(connection.callTool(tool, { name: "Staging" }), client.refusal);
  const records = (await world.recordsOf(target.agent.clientId)).filter((record) => record["tool"] === tool);
  assert.ok(records.length > 0, `${tool} is not on record`);
  for (const { outcome, reason, missing } of records) {
    assert.deepEqual({ outcome, reason, missing }, { outcome: "refused", reason: "insufficient_scope", missing: ["env:write"] });
  }
  const { environments } = (await connection.callTool("list_environments", {})) as {
    readonly environments: readonly { readonly name: string }[];
  };
  assert.deepEqual(environments.map(({ name }) => name).sort(), ["Development", "Production"]);
}

/** A tool for which the agent may be granted the scope, but has not asked yet: refused first, then the client gets the scope and calls again. */
async function checkStepUp({ world, target, connection }: Subject): Promise<void> {
  const name = `Step-up ${target.agent.clientId}`;
  const made = (await connection.callTool("create_organization", { environment_id: world.environmentId, name })) as
    | { readonly name?: unknown }
    | undefined;
  assert.equal(made?.name, name);
  const records = (await world.recordsOf(target.agent.clientId)).filter((record) => record["tool"] === "create_organization");
  assert.deepEqual(
    records.map(({ outcome }) => outcome),
    ["refused", undefined, "ok"],
  );
}
