/** What every client must be able to do, and what must be on record of it. */
import assert from "node:assert/strict";
import { labelOf } from "./matrix.ts";
import { connectInOwnProcess } from "./own-process.ts";
import { PERSON, type Connection, type RealClient, type RefusalShown, type Skill, type Target } from "./real-client.ts";
import type { World } from "./world.ts";
import { ASKING_TOOL, SHOWN_TOOL, STEP_UP_TOOL, STREAMED_TOOL } from "./world-tools.ts";

export const CHECKS = ["list", "call", "streamed", "refused", "step-up", "asked", "in band"] as const;

/** `–` stands for what this client cannot show. */
export type Mark = "ok" | "FAIL" | "–";

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

const WORK: Readonly<Record<(typeof CHECKS)[number], Check>> = {
  list: checkList,
  call: checkCall,
  streamed: checkStreamed,
  refused: checkRefused,
  "step-up": checkStepUp,
  asked: checkAsked,
  "in band": checkInBand,
};

/** Drives one client through all checks. A client that does not connect fails them all. */
export async function examine(world: World, client: RealClient): Promise<Row> {
  const target = await world.newTarget("http");
  const problems: string[] = [];
  let connection: Connection | undefined;
  try {
    connection = await connectInOwnProcess(client, target);
  } catch (error) {
    problems.push(`does not connect: ${textOf(error)}`);
  }
  const marks: Partial<Record<(typeof CHECKS)[number], Mark>> = {};
  for (const check of CHECKS) {
    if (client.lacks[check as Skill] !== undefined) marks[check] = "–";
    else if (connection === undefined) marks[check] = "FAIL";
    else {
      const problem = await WORK[check]({ world, client, target, connection }).then(() => undefined, textOf);
      if (problem !== undefined) problems.push(`${check}: ${problem}`);
      marks[check] = problem === undefined ? "ok" : "FAIL";
    }
  }
  await connection?.close();
  const records = await world.recordsOf(target.agent.clientId);
  const protocol = records.find((record) => record["tool"] === "whoami")?.["protocol"];
  return {
    client,
    protocol: typeof protocol === "string" ? protocol : "none",
    marks: marks as Row["marks"],
    problems: problems.map((problem) => `${labelOf(client)}: ${problem}`),
  };
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function checkList({ world, client, connection }: Subject): Promise<void> {
  assert.deepEqual([...(await connection.listTools())].sort(), [...world.toolsFor(client.holds)].sort());
}

/** The answer is that of this agent, in the revision that the client must have negotiated. */
async function checkCall({ world, client, target, connection }: Subject): Promise<void> {
  const { clientId } = target.agent;
  const answer = (await connection.callTool("whoami", {})) as { readonly agent_id?: unknown } | undefined;
  assert.equal(answer?.agent_id, clientId);
  const record = (await world.recordsOf(clientId)).find(({ tool }) => tool === "whoami");
  assert.deepEqual([record?.["outcome"], record?.["protocol"]], ["ok", client.protocol]);
}

/** The tool ends only when the client has shown the beginning, or says that nobody listened. */
async function checkStreamed({ world, target, connection }: Subject): Promise<void> {
  const verse = `Verse of ${target.agent.clientId}`;
  const heard: string[] = [];
  const answer = await connection.callTool(STREAMED_TOOL, { verse }, (message) => {
    heard.push(message);
    world.hear(verse);
  });
  assert.deepEqual(answer, { verse, is_heard: true });
  assert.deepEqual(heard, [`${verse} begins`]);
}

function forbiddenTool({ callsListedToolsOnly }: RealClient): string {
  return callsListedToolsOnly === true ? SHOWN_TOOL : "create_environment";
}

const SAYS: readonly (readonly [RefusalShown, RegExp])[] = [
  ["scope", /env:write/],
  ["403", /403|insufficient.scope/i],
  ["sign-in", /unauthorized/i],
  ["time-out", /timed out/],
];

function shownIn(said: string): RefusalShown | undefined {
  return SAYS.find(([, pattern]) => pattern.test(said))?.[0];
}

/** The client says that it was refused, the record says for want of which scope, and nothing was made. */
async function checkRefused({ world, client, target, connection }: Subject): Promise<void> {
  const tool = forbiddenTool(client);
  const said = await connection.callTool(tool, { name: "Staging" }).then(JSON.stringify, textOf);
  assert.equal(shownIn(said), client.refusal, said);
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
  const line = `Line of ${target.agent.clientId}`;
  assert.deepEqual(await connection.callTool(STEP_UP_TOOL, { line }), { written: line });
  const records = (await world.recordsOf(target.agent.clientId)).filter((record) => record["tool"] === STEP_UP_TOOL);
  assert.deepEqual(
    records.map(({ outcome }) => outcome),
    ["refused", undefined, "ok"],
  );
}

/** The server asks while the call runs; what the person answers is in the result. */
async function checkAsked({ connection }: Subject): Promise<void> {
  assert.deepEqual(await connection.callTool(ASKING_TOOL, { greeting: "Hello" }), { text: `Hello ${PERSON}` });
}

/** For an agent that is registered for it, the refusal comes as a result, and its text, with the scope and what to do, gets through to where a model reads it. */
async function checkInBand({ world, client }: Subject): Promise<void> {
  const connection = await connectInOwnProcess(client, await world.newTarget("in_band"));
  try {
    await assert.rejects(connection.callTool(forbiddenTool(client), { name: "Staging" }), /env:write[\s\S]*operator of this server/);
  } finally {
    await connection.close();
  }
}
