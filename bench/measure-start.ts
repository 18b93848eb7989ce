import { setTimeout as sleep } from "node:timers/promises";
import { postCall, type PostAnswer } from "./post-call.ts";
import { startProduct, type ProductOptions } from "./product.ts";
import { freePort } from "./servers/announce.mjs";
import { fetchToken } from "./token.ts";
import { resultOf, type Target, type ToolCall } from "./tool-call.ts";

const POLL_MS = 1;
const DEADLINE_MS = 20_000;
const CALL: ToolCall = { id: 1, name: "list_environments", arguments: {} };

/**
 * Milliseconds from spawning the product to its first authenticated answer, on a data folder that it has used before, with a
 * token from before; one for each of `times` starts.
 */
export async function measureStartsMs(options: Pick<ProductOptions, "dataDir" | "cpu">, times: number): Promise<number[]> {
  // The port stays, since the issuer and the audience of the token contain it.
  const product = { ...options, port: await freePort() };
  const first = startProduct(product);
  const { issuer, mcp, agent } = await first.listening;
  if (agent === null) throw new Error("the first start on a new folder made no agent");
  const token = await fetchToken({
    issuer,
    resource: mcp,
    clientId: agent.client_id,
    clientSecret: agent.client_secret,
    scope: "env:read",
  });
  await first.end("SIGTERM");
  const starts: number[] = [];
  while (starts.length < times) {
    const startedAt = performance.now();
    const server = startProduct(product);
    await firstAnswer({ port: product.port, revision: "2026-07-28", token });
    starts.push(performance.now() - startedAt);
    await server.end("SIGTERM");
  }
  return starts;
}

/** Calls again and again until an answer comes. Only what an unfinished start explains is waited out. */
async function firstAnswer(target: Target): Promise<void> {
  const deadlineAt = performance.now() + DEADLINE_MS;
  while (performance.now() < deadlineAt) {
    const answer = await post(target);
    if (answer !== undefined && answer.status !== 503) {
      if (answer.status === 200 && resultOf(answer.body) !== undefined) return;
      throw new Error(`the first answer is ${answer.status}: ${answer.body.slice(0, 500)}`);
    }
    await sleep(POLL_MS);
  }
  throw new Error(`no answer within ${DEADLINE_MS} ms of start`);
}

/** Undefined while nobody listens. */
function post(target: Target): Promise<PostAnswer | undefined> {
  return postCall(target, CALL).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ECONNREFUSED") return undefined;
    throw error;
  });
}
