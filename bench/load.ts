/**
 * The load generator: many keep-alive connections, one call at a time on each, the bytes of the requests made beforehand.
 * Run as a process of its own; reads a `LoadJob` from stdin and prints a `LoadResult`.
 */
import net from "node:net";
import { performance } from "node:perf_hooks";
import { text as readAll } from "node:stream/consumers";
import { createHistogram } from "./histogram.ts";
import { parseHttpResponse, type HttpResponse } from "./http-response.ts";
import { cpuUs, rssMb } from "./proc.ts";
import { callBytes, resultOf, type Target } from "./tool-call.ts";

export interface LoadJob {
  readonly target: Target;
  readonly connections: number;
  /** Length of the text to echo. */
  readonly textChars: number;
  readonly warmSeconds: number;
  readonly seconds: number;
  /** Whose CPU time and memory are reported. */
  readonly serverPid: number;
}

export interface LoadResult {
  readonly calls: number;
  readonly callsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Bytes of the body of an answer. */
  readonly answerBytes: number;
  /** CPU time of the server, all threads, for each call. */
  readonly serverCpuUsPerCall: number;
  readonly serverRssMb: number;
  /** CPUs that the server used on average; 1 means all of the one it is pinned to. */
  readonly serverBusy: number;
  /** Share of one CPU that this generator used; near 1 it is the bottleneck. */
  readonly generatorBusy: number;
}

interface Phase {
  isMeasured: boolean;
  isOver: boolean;
}

const READ_BYTES = 16_384;

export async function runLoad(job: LoadJob): Promise<LoadResult> {
  const histogram = createHistogram();
  const phase: Phase = { isMeasured: false, isOver: false };
  let fail: (error: Error) => void = () => {};
  const failed = new Promise<never>((_, reject) => (fail = reject));
  const lanes = Array.from({ length: job.connections }, (_, index) => openLane({ job, index, phase, fail, add: histogram.add }));
  const wait = (seconds: number) => Promise.race([failed, new Promise<void>((resolve) => setTimeout(resolve, seconds * 1000))]);
  await wait(job.warmSeconds);
  const before = { at: performance.now(), server: cpuUs(job.serverPid), own: process.cpuUsage() };
  phase.isMeasured = true;
  await wait(job.seconds);
  phase.isOver = true;
  const elapsedMs = performance.now() - before.at;
  const serverCpuUs = cpuUs(job.serverPid) - before.server;
  const own = process.cpuUsage(before.own);
  const result = {
    calls: histogram.count(),
    callsPerSecond: (histogram.count() / elapsedMs) * 1000,
    p50Ms: histogram.percentile(0.5),
    p99Ms: histogram.percentile(0.99),
    answerBytes: lanes[0]?.answerBytes() ?? 0,
    serverCpuUsPerCall: serverCpuUs / histogram.count(),
    serverRssMb: rssMb(job.serverPid),
    serverBusy: serverCpuUs / 1000 / elapsedMs,
    generatorBusy: (own.user + own.system) / 1000 / elapsedMs,
  };
  for (const lane of lanes) lane.close();
  return result;
}

interface LaneOptions {
  readonly job: LoadJob;
  readonly index: number;
  readonly phase: Phase;
  readonly fail: (error: Error) => void;
  readonly add: (ms: number) => void;
}

/** One connection. Its text is its own, so an answer that belongs to another call is noticed. */
function openLane({ job, index, phase, fail, add }: LaneOptions) {
  const text = `echo of connection ${String(index).padStart(4, "0")}`.padEnd(job.textChars, ".");
  const request = callBytes(job.target, { id: index + 1, name: "echo", arguments: { text } });
  const check = createCheck(text);
  let pending = "";
  let sentAt = 0;
  let answerBytes = 0;
  const send = () => {
    sentAt = performance.now();
    socket.write(request);
  };
  const read = (bytes: string) => {
    pending = pending === "" ? bytes : pending + bytes;
    const response = parseHttpResponse(pending);
    if (response === undefined) return;
    if (response.end !== pending.length) throw new Error("more bytes than one answer");
    pending = "";
    check(response);
    answerBytes = response.body.length;
    if (phase.isOver) return;
    if (phase.isMeasured) add(performance.now() - sentAt);
    send();
  };
  const onread = {
    buffer: Buffer.allocUnsafe(READ_BYTES),
    callback(length: number, buffer: Uint8Array) {
      try {
        read((buffer as Buffer).toString("latin1", 0, length));
      } catch (error) {
        fail(error as Error);
      }
      return true;
    },
  };
  const socket: net.Socket = net.connect({ host: "127.0.0.1", port: job.target.port, noDelay: true, onread });
  socket.once("connect", send);
  socket.once("error", fail);
  socket.once("close", () => phase.isOver || fail(new Error(`the server closed connection ${index}`)));
  return { answerBytes: () => answerBytes, close: () => socket.destroy() };
}

/** The first answer is parsed and looked at closely; the others must be 200 and carry the text of their own request. */
function createCheck(text: string): (response: HttpResponse) => void {
  let isFirst = true;
  return ({ status, body }) => {
    if (status !== 200 || !body.includes(text)) throw new Error(`unexpected answer: ${status} ${body.slice(0, 500)}`);
    if (isFirst && resultOf(body)?.content?.[0]?.text !== text) throw new Error(`not the echo: ${body.slice(0, 500)}`);
    isFirst = false;
  };
}

if (import.meta.main) {
  const job = JSON.parse(await readAll(process.stdin)) as LoadJob;
  console.log(JSON.stringify(await runLoad(job)));
  process.exit(0);
}
