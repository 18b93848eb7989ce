/**
 * `npm run bench:kill`: an agent sends 500 requests a second, its kill is ordered on the command line, and the ledger says how many calls were
 * accepted after the receipt. Ends with 1 unless none was.
 */
import http from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { startNode } from "../child.ts";
import { postCall } from "../post-call.ts";
import { CLI, makeDataDir, productEnv, startProduct } from "../product.ts";
import { freePort } from "../servers/announce.mjs";
import { fetchToken } from "../token.ts";
import type { Target } from "../tool-call.ts";

const PER_SECOND = 500;
const BEFORE_MS = 3000;
const AFTER_MS = 2000;
const RUNS = Number(process.argv[2] ?? "5");

const agentSchema = z.object({ client_id: z.string(), client_secret: z.string() });
const receiptSchema = z.object({
  id: z.string(),
  ordered_at: z.number(),
  applied_at: z.number(),
  accepted: z.object({ seq: z.number(), at: z.number() }).nullable(),
});
const recordSchema = z.looseObject({ seq: z.number(), kind: z.string(), at: z.number() });

interface Answered {
  readonly sentAt: number;
  readonly at: number;
  readonly status: number;
}

const product = { port: await freePort(), dataDir: makeDataDir() };
const env = productEnv(product);
const server = startProduct(product);
const { issuer, mcp } = await server.listening;
let accepted = 0;
for (let run = 1; run <= RUNS; run++) accepted += await killOne(run);
await server.end("SIGTERM");
console.log(`runs=${RUNS} accepted_after_receipt=${accepted}`);
process.exit(accepted === 0 ? 0 : 1);

/** How many calls of one killed agent were accepted after its receipt. */
async function killOne(run: number): Promise<number> {
  const made = agentSchema.parse(await remit(["agent", "create", `Killed ${run}`, "--scope", "env:read", "--json"]));
  const credentials = { clientId: made.client_id, clientSecret: made.client_secret };
  const token = await fetchToken({ issuer, resource: mcp, scope: "env:read", ...credentials });
  const target: Target = { port: product.port, revision: "2026-07-28", token };
  const answers: Answered[] = [];
  const isOver = { value: false };
  const sending = send(target, answers, isOver);
  await sleep(BEFORE_MS);
  const receipt = receiptSchema.parse(await remit(["kill", `agent:${made.client_id}`, "--reason", "bench", "--json"]));
  await sleep(AFTER_MS);
  isOver.value = true;
  await sending;
  const lines = await tail();
  const applied = lines.find(({ event, kill }) => event === "kill.applied" && kill === receipt.id);
  const after = lines.filter((line) => line["agent"] === made.client_id && line["allowed"] === true && line.seq > (applied?.seq ?? 0));
  const first = answers.find(({ status }) => status === 401);
  const lastOk = answers.findLast(({ status }) => status === 200);
  const sentAfter = answers.filter(({ sentAt, status }) => sentAt > receipt.applied_at && status === 200).length;
  console.log(
    `run ${run}: ${answers.length} requests, in force ${receipt.applied_at - receipt.ordered_at} ms after the order, last accepted answer ${((lastOk?.at ?? 0) - receipt.applied_at).toFixed(0)} ms and first refused ${((first?.at ?? 0) - receipt.applied_at).toFixed(0)} ms from the receipt, accepted after it ${after.length}, answered though sent after it ${sentAfter}`,
  );
  return after.length + sentAfter;
}

async function send(target: Target, answers: Answered[], isOver: { readonly value: boolean }): Promise<void> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 32 });
  const open = new Set<Promise<void>>();
  const startedAt = performance.now();
  for (let id = 0; !isOver.value; id++) {
    const waitMs = startedAt + (id * 1000) / PER_SECOND - performance.now();
    if (waitMs > 0) await sleep(waitMs);
    const sentAt = Date.now();
    const call = postCall(target, { id, name: "list_environments", arguments: {} }, agent)
      .then(({ status }) => void answers.push({ sentAt, at: Date.now(), status }))
      .finally(() => open.delete(call));
    open.add(call);
  }
  await Promise.allSettled(open);
  agent.destroy();
}

async function remit(args: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
  const child = startNode([CLI, ...args], { env });
  const first = await child.firstJson;
  await child.ended;
  return first;
}

async function tail(): Promise<readonly z.infer<typeof recordSchema>[]> {
  const lines: z.infer<typeof recordSchema>[] = [];
  const child = startNode([CLI, "audit", "tail", "--all", "--json"], {
    env,
    onLine: (line) => void lines.push(recordSchema.parse(JSON.parse(line))),
  });
  await child.ended;
  return lines;
}
