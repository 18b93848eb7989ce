import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import { test, type TestContext } from "node:test";
import * as z from "zod";
import { MAX_UNREAD_BYTES } from "../../src/call/index.ts";
import { createEventStream } from "../../src/http/event-stream.ts";
import type { EventStream } from "../../src/mcp/index.ts";
import { defineScopes, defineTool } from "../../src/index.ts";
import { callTool, modernRequest, startServer, until, type TestServer } from "../support/remit.ts";

const KIB = 1024;
const message = (bytes: number) => JSON.stringify("x".repeat(bytes - 2));

interface Pair {
  readonly res: ServerResponse;
  readonly stream: EventStream;
  /** The reader's end. It reads nothing until it is told to. */
  readonly reader: Socket;
}

/** One event stream over a real socket. */
async function createPair(t: TestContext, times: { readonly stallMs?: number; readonly keepAliveMs?: number } = {}): Promise<Pair> {
  const { promise, resolve } = Promise.withResolvers<ServerResponse>();
  const server = createServer((_req, res) => resolve(res));
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const reader = connect((server.address() as AddressInfo).port, "127.0.0.1").pause();
  reader.on("error", () => undefined);
  reader.write("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
  t.after(() => {
    reader.destroy();
    server.closeAllConnections();
    server.close();
  });
  const res = await promise;
  return { res, stream: createEventStream(res, undefined, times), reader };
}

/** Fills what the system keeps for the reader, so that what follows stays with us. Returns how many bytes that took. */
async function fill({ res, stream }: Pair): Promise<number> {
  let bytes = 0;
  for (; !res.writableNeedDrain; bytes += 16 * KIB) {
    void stream.send(message(16 * KIB));
    await new Promise((resolve) => setImmediate(resolve));
  }
  return bytes;
}

test("a reader that stops reading costs at most 256 KiB, however much is sent to it, and is then cut off", async (t) => {
  const pair = await createPair(t);
  let isClosed = false;
  pair.stream.onClose(() => (isClosed = true));
  await fill(pair);
  let mostBytes = 0;
  for (let i = 0; i < 10_000 && !pair.res.destroyed; i++) {
    void pair.stream.send(message(4 * KIB));
    mostBytes = Math.max(mostBytes, pair.res.writableLength);
  }
  assert.equal(pair.res.destroyed, true);
  assert.ok(mostBytes > MAX_UNREAD_BYTES / 2 && mostBytes <= MAX_UNREAD_BYTES + 64 * KIB, `${mostBytes} bytes`);
  await until(() => (isClosed ? true : undefined));
  await pair.stream.send(message(10));
  assert.equal(pair.res.writableLength, 0);
});

test("what is sent resolves only once the reader has taken it", async (t) => {
  const pair = await createPair(t);
  await fill(pair);
  let isTaken = false;
  const sent = pair.stream.send(message(1 * KIB)).then(() => (isTaken = true));
  for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(isTaken, false);
  pair.reader.resume();
  await sent;
  assert.equal(pair.res.destroyed, false);
});

test("a reader that keeps up is not cut off for what is sent to it in one go", async (t) => {
  const { res, stream, reader } = await createPair(t);
  reader.resume();
  for (let i = 0; i < 128; i++) void stream.send(message(8 * KIB));
  assert.equal(res.destroyed, false);
  stream.end();
  await once(res, "finish");
});

test("the last message may be larger than the bound, and goes out after what came before", async (t) => {
  const pair = await createPair(t);
  const before = await fill(pair);
  pair.stream.end(message(1024 * KIB), "7");
  let [text, bytes] = ["", 0];
  pair.reader.on("data", (part) => {
    bytes += part.length;
    text = (text + part.toString("latin1")).slice(-2 * 1024 * KIB);
  });
  pair.reader.resume();
  await until(() => (text.endsWith("\r\n0\r\n\r\n") ? true : undefined));
  assert.ok(bytes > before + 1024 * KIB);
  assert.match(text, /event: message\nid: 7\ndata: "x{1048574}"\n\n\r\n0\r\n\r\n$/);
});

test("a reader that takes nothing for too long while something waits is cut off, and one with nothing to read is not", async (t) => {
  const times = { stallMs: 300, keepAliveMs: 50 };
  const [stalled, idle] = [await createPair(t, times), await createPair(t, times)];
  idle.reader.resume();
  await fill(stalled);
  await once(stalled.res, "close");
  assert.equal(idle.res.destroyed, false);
  await idle.stream.send(message(10));
});

test("events carry a name, an id and a time to come back, and an idle stream its keep-alive comments", async (t) => {
  const { stream, reader } = await createPair(t, { keepAliveMs: 20 });
  let text = "";
  reader.on("data", (part) => (text += part.toString())).resume();
  void stream.event({ name: null, id: "a/0", retryMs: 1000, data: "" });
  void stream.event({ name: "endpoint", data: "/messages" });
  void stream.send("{}", "a/1");
  void stream.send("{}");
  await until(() => (text.includes(": keep-alive\n\n") ? true : undefined));
  const events = text.slice(text.indexOf("\r\n\r\n") + 4).replaceAll(/[0-9a-f]+\r\n|\r\n/g, "");
  const expected =
    "id: a/0\nretry: 1000\ndata: \n\nevent: endpoint\ndata: /messages\n\nevent: message\nid: a/1\ndata: {}\n\nevent: message\ndata: {}\n\n";
  assert.ok(events.startsWith(expected), events);
});

const scopes = defineScopes({ "note:read": { description: "Read notes.", access: "read", baseline: true } });
const common = {
  title: "Flood",
  description: "A tool for tests that says a lot.",
  scopes: ["note:read"],
  effect: "read",
  input: z.object({}),
  examples: [{ title: "Any", input: {} }],
} as const;

function createFloods() {
  const seen = { steps: 0, isClosed: false, isAborted: false };
  const polite = defineTool({
    ...common,
    name: "polite",
    async *run() {
      try {
        for (;;) {
          seen.steps++;
          yield { progress: seen.steps, message: "x".repeat(16 * KIB) };
        }
      } finally {
        seen.isClosed = true;
      }
    },
  });
  const rude = defineTool({
    ...common,
    name: "rude",
    async run(_input, { progress, signal }) {
      for (let i = 1; !signal.aborted; i++) {
        void progress(i, undefined, "x".repeat(16 * KIB));
        await new Promise((resolve) => setImmediate(resolve));
      }
      seen.isAborted = true;
      return "done";
    },
  });
  const small = defineTool({ ...common, name: "small", run: () => "small" });
  return { tools: [polite, rude, small], seen };
}

/** A client that sends one call and reads nothing of the answer. */
async function callWithoutReading(server: TestServer, token: string, name: string): Promise<Socket> {
  const { headers, body } = modernRequest(token, { method: "tools/call", params: { name, arguments: {} }, meta: { progressToken: 1 } });
  const socket = connect(Number(new URL(server.url).port), "127.0.0.1").pause();
  socket.on("error", () => undefined);
  const lines = [...headers].map(([header, value]) => `${header}: ${value}\r\n`).join("");
  socket.write(
    `POST /mcp HTTP/1.1\r\nhost: ${new URL(server.url).host}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n${lines}\r\n${body}`,
  );
  return socket;
}

function outcomeOf(server: TestServer, name: string): Promise<unknown> {
  return until(async () => (await server.records()).find(({ kind, tool }) => kind === "outcome" && tool === name)?.["outcome"]);
}

test("a generator is not asked for more while its reader takes nothing, and is closed when the reader goes", async (t) => {
  const { tools, seen } = createFloods();
  const server = await startServer(t, { scopes, tools });
  const token = await server.token("note:read");
  const socket = await callWithoutReading(server, token, "polite");
  // Still for many turns of the loop: the system's buffers are full, and nothing is asked for.
  let [last, still] = [0, 0];
  await until(() => {
    still = seen.steps === last && last > 0 ? still + 1 : 0;
    last = seen.steps;
    return still > 2000 ? true : undefined;
  });
  assert.equal(seen.isClosed, false);
  assert.equal((await callTool(server, token, "small")).status, 200);
  assert.ok(seen.steps - last <= 1, "it went on");
  socket.destroy();
  await until(() => (seen.isClosed ? true : undefined));
  assert.equal(await outcomeOf(server, "polite"), "cancelled");
});

test("a reader that stops reading what a tool sends without waiting is cut off, its call is cancelled, and others are served", async (t) => {
  const { tools, seen } = createFloods();
  const server = await startServer(t, { scopes, tools });
  const token = await server.token("note:read");
  const sockets = await Promise.all(Array.from({ length: 3 }, () => callWithoutReading(server, token, "rude")));
  assert.equal((await callTool(server, token, "small")).status, 200);
  await until(() => (seen.isAborted ? true : undefined));
  assert.equal(await outcomeOf(server, "rude"), "cancelled");
  assert.equal((await callTool(server, token, "small")).status, 200);
  for (const socket of sockets) socket.destroy();
});
