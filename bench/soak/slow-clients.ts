/**
 * `npm run soak -- --slow`: hundreds of connections that send their head or body byte by byte, read nothing, say nothing, or come and go, while an
 * agent makes calls. None of its calls may fail or wait, and the server gives back what the slow ones held.
 */
import fs from "node:fs";
import net from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { startNode } from "../child.ts";
import { makeDataDir, NODE_FLAGS } from "../product.ts";
import { rssMb } from "../proc.ts";
import { readMemory } from "../streams/memory.ts";
import { callSteadily } from "../streams/steady-calls.ts";
import { fetchToken } from "../token.ts";
import { callBytes, requestBytes, type Target } from "../tool-call.ts";

const CONNECTIONS = 500;
/** How many connect in a second; slowhttptest, which is made for this, opens 50. */
const CONNECTIONS_PER_SECOND = 100;
const CALLS_PER_SECOND = 100;
const ATTACK_MS = 20_000;
/** Slow heads are cut after 10 s and slow requests after 30 s; then little time to notice. */
const CALM_MS = 45_000;
const P99_MS = 500;
/** What one agent may do is limited, as it is unless somebody says otherwise; somewhat more than the good one needs. */
const RATE = { REMIT_RATE_PER_SECOND: "150", REMIT_RATE_BURST: "200" };

const listening = z.object({ port: z.number(), agents: z.array(z.object({ clientId: z.string(), clientSecret: z.string() })) });

type Attack = (target: Target, isOver: () => boolean) => Promise<void>;

/** Connects again as soon as it is cut, until it is over. */
function again(talk: (socket: net.Socket, target: Target, isOver: () => boolean) => Promise<void>): Attack {
  return async (target, isOver) => {
    while (!isOver()) {
      const socket = net.connect({ host: "127.0.0.1", port: target.port });
      const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
      socket.on("error", () => undefined);
      await Promise.race([talk(socket, target, isOver), closed]);
      socket.destroy();
      await sleep(50);
    }
  };
}

/** Sends the first bytes at once and the others one at a time. */
function trickle(firstBytes: (request: Buffer) => number): Attack {
  return again(async (socket, target, isOver) => {
    const request = callBytes(target, { id: 1, name: "echo", arguments: { text: "x".repeat(2000) } });
    const first = firstBytes(request);
    socket.write(request.subarray(0, first));
    for (let at = first; at < request.length && !isOver() && !socket.destroyed; at++) {
      socket.write(request.subarray(at, at + 1));
      await sleep(1000);
    }
  });
}

const untilOver = async (isOver: () => boolean): Promise<void> => {
  while (!isOver()) await sleep(200);
};

const attacks: readonly (readonly [name: string, attack: Attack])[] = [
  ["slow heads", trickle(() => 20)],
  ["slow bodies", trickle((request) => request.indexOf("\r\n\r\n") + 4)],
  [
    "slow readers",
    again(async (socket, target, isOver) => {
      socket.pause();
      for (let id = 0; id < 50; id++) socket.write(callBytes(target, { id, name: "echo", arguments: { text: "x".repeat(20_000) } }));
      await untilOver(isOver);
    }),
  ],
  ["silent connections", again((_socket, _target, isOver) => untilOver(isOver))],
  [
    "idle subscriptions",
    again(async (socket, target, isOver) => {
      socket.write(requestBytes(target, { id: 1, method: "subscriptions/listen", params: { notifications: { toolsListChanged: true } } }));
      await untilOver(isOver);
    }),
  ],
  [
    "connections that come and go",
    again(async (socket, target) => {
      socket.write(callBytes(target, { id: 1, name: "echo", arguments: { text: "gone" } }));
      await sleep(5);
    }),
  ],
];

function openFiles(pid: number): number {
  return fs.readdirSync(`/proc/${pid}/fd`).length;
}

/** Prints what it found; false when calls failed or waited, or something was not given back. */
export async function slowDown(): Promise<boolean> {
  const program = new URL("../servers/remit-mixed.mjs", import.meta.url).pathname;
  const server = startNode([...NODE_FLAGS, "--expose-gc", program], { env: { REMIT_DATA: makeDataDir(), BENCH_AGENTS: "2", ...RATE } });
  const { port, agents } = listening.parse(await server.firstJson);
  const issuer = `http://127.0.0.1:${port}`;
  const [good, bad] = await Promise.all(
    agents.map(async (credentials): Promise<Target> => {
      const token = await fetchToken({ issuer, resource: `${issuer}/mcp`, ...credentials, scope: "echo:read" });
      return { port, revision: "2026-07-28", token };
    }),
  );
  if (good === undefined || bad === undefined) throw new Error("no agent");
  await callSteadily([good], CALLS_PER_SECOND, sleep(3000));
  const filesBefore = openFiles(server.pid);
  const before = await readMemory(good);
  let isOk = true;
  for (const [name, attack] of attacks) {
    let isOver = false;
    const clients = Array.from({ length: CONNECTIONS }, async (_, i) => {
      await sleep((i * 1000) / CONNECTIONS_PER_SECOND);
      await attack(bad, () => isOver);
    });
    const calls = await callSteadily([good], CALLS_PER_SECOND, sleep(ATTACK_MS));
    const mostMb = rssMb(server.pid);
    isOver = true;
    await Promise.all(clients);
    isOk &&= calls.failures === 0 && calls.p99Ms < P99_MS;
    console.log(
      `${CONNECTIONS} ${name}: ${calls.calls} calls beside them, ${calls.failures} failed, p50 ${calls.p50Ms.toFixed(1)} ms, p99 ${calls.p99Ms.toFixed(1)} ms; ${mostMb.toFixed(0)} MB resident`,
    );
  }
  const startedAt = performance.now();
  while (openFiles(server.pid) > filesBefore + 2 && performance.now() - startedAt < CALM_MS) await sleep(250);
  const files = openFiles(server.pid);
  const after = await readMemory(good);
  await server.end("SIGTERM");
  const grown = after.heapUsed / before.heapUsed;
  isOk &&= files <= filesBefore + 2;
  console.log(
    `slow=${attacks.length * CONNECTIONS} ok=${isOk} files=${filesBefore}→${files} after_s=${((performance.now() - startedAt) / 1000).toFixed(1)} heap=×${grown.toFixed(2)}`,
  );
  return isOk;
}
