/**
 * The load generator's machinery: many keep-alive connections, one request at a time on each, the bytes of a request made before its turn is
 * measured.
 */
import net from "node:net";
import { performance } from "node:perf_hooks";
import { createHistogram } from "./histogram.ts";
import { createResponseReader, type HttpResponse } from "./http-response.ts";
import { cpuUs, rssMb } from "../proc.ts";

export interface LaneJob {
  readonly port: number;
  readonly connections: number;
  readonly warmSeconds: number;
  readonly seconds: number;
  /** Whose CPU time and memory are reported. */
  readonly serverPid: number;
}

/** What one connection sends. */
export interface Lane {
  /** The bytes of the next request. */
  next(): Buffer;
  /** Looks at an answer; throws when it is not what it must be. */
  check(response: HttpResponse): void;
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

const READ_BYTES = 65_536;

export async function runLanes(job: LaneJob, createLane: (index: number) => Lane): Promise<LoadResult> {
  const histogram = createHistogram();
  const phase: Phase = { isMeasured: false, isOver: false };
  let fail: (error: Error) => void = () => {};
  const failed = new Promise<never>((_, reject) => (fail = reject));
  const lanes = Array.from({ length: job.connections }, (_, index) =>
    openLane(createLane(index), { port: job.port, index, phase, fail, add: histogram.add }),
  );
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
  // What was sent is answered, so that the lanes end where the server is.
  await Promise.race([failed, Promise.all(lanes.map((lane) => lane.ended))]);
  for (const lane of lanes) lane.close();
  return result;
}

interface Wiring {
  readonly port: number;
  readonly index: number;
  readonly phase: Phase;
  readonly fail: (error: Error) => void;
  readonly add: (ms: number) => void;
}

function openLane(lane: Lane, { port, index, phase, fail, add }: Wiring) {
  const reader = createResponseReader();
  let sentAt = 0;
  let answerBytes = 0;
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const send = () => {
    const request = lane.next();
    sentAt = performance.now();
    socket.write(request);
  };
  const read = (bytes: string) => {
    const response = reader.push(bytes);
    if (response === undefined) return;
    const tookMs = performance.now() - sentAt;
    lane.check(response);
    answerBytes = response.body.length;
    if (phase.isOver) return end();
    if (phase.isMeasured) add(tookMs);
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
  const socket: net.Socket = net.connect({ host: "127.0.0.1", port, noDelay: true, onread });
  socket.once("connect", send);
  socket.once("error", fail);
  socket.once("close", () => phase.isOver || fail(new Error(`the server closed connection ${index}`)));
  return { ended, answerBytes: () => answerBytes, close: () => socket.destroy() };
}
