import http from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { startProduct, type ProductOptions } from "./product.ts";
import { freePort } from "./servers/announce.ts";
import { fetchToken } from "./token.ts";
import { callBody, callHeaders, messageOf, type Target, type ToolCall } from "./tool-call.ts";

const POLL_MS = 1;
const DEADLINE_MS = 20_000;
const CALL: ToolCall = { id: 1, name: "list_organizations", arguments: {} };

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
  const token = await fetchToken({ issuer, resource: mcp, clientId: agent.client_id, clientSecret: agent.client_secret, scope: "org:read" });
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
      const message = messageOf(answer.body) as { result?: { isError?: boolean } } | undefined;
      if (answer.status === 200 && message?.result !== undefined && message.result.isError !== true) return;
      throw new Error(`the first answer is ${answer.status}: ${answer.body.slice(0, 500)}`);
    }
    await sleep(POLL_MS);
  }
  throw new Error(`no answer within ${DEADLINE_MS} ms of start`);
}

/** Undefined while nobody listens. */
function post(target: Target): Promise<{ status: number; body: string } | undefined> {
  return new Promise((resolve, reject) => {
    const options = { host: "127.0.0.1", port: target.port, path: "/mcp", method: "POST", agent: false, headers: callHeaders(target, CALL) };
    const request = http.request(options, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
      response.once("end", () => resolve({ status: response.statusCode ?? 0, body }));
      response.once("error", reject);
    });
    request.once("error", (error: NodeJS.ErrnoException) => (error.code === "ECONNREFUSED" ? resolve(undefined) : reject(error)));
    request.end(callBody(target, CALL));
  });
}
