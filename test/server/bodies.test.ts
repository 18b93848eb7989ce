import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { test, type TestContext } from "node:test";
import { modernRequest, startServer, until, type TestServer } from "../support/remit.ts";
import { createSurface } from "../support/tools.ts";

interface World {
  readonly server: TestServer;
  readonly surface: ReturnType<typeof createSurface>;
  /** The bytes of a call of `echo` with this text; the token was verified before. */
  request(text: string, headers?: Readonly<Record<string, string>>): { readonly head: string; readonly body: string };
}

async function openWorld(t: TestContext): Promise<World> {
  const surface = createSurface();
  const server = await startServer(t, surface, { REMIT_MAX_BODY_BYTES: "10000" });
  const token = await server.token("note:read");
  return {
    server,
    surface,
    request(text, more = {}) {
      const { headers: own, body } = modernRequest(token, { method: "tools/call", params: { name: "echo", arguments: { text } } });
      const headers = { ...Object.fromEntries(own), host: new URL(server.url).host, "content-length": String(body.length), ...more };
      const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
      return { head: `POST /mcp HTTP/1.1\r\n${lines.join("")}\r\n`, body };
    },
  };
}

/** A connection, and what came back over it so far. */
async function dial(t: TestContext, { url }: TestServer): Promise<{ readonly socket: Socket; received(): string }> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1")
    .setNoDelay(true)
    .setEncoding("latin1");
  t.after(() => socket.destroy());
  let received = "";
  socket.on("data", (text) => (received += text.toString()));
  socket.on("error", () => undefined);
  await once(socket, "connect");
  return { socket, received: () => received };
}

const answersIn = (received: string) => received.match(/HTTP\/1\.1 \d+/g) ?? [];

async function answers(received: () => string, count: number): Promise<readonly string[]> {
  return until(() => {
    const found = answersIn(received());
    // The last is whole once its body is.
    return found.length >= count && (received().match(/"resultType"|"error"/g)?.length ?? 0) >= count ? found : undefined;
  });
}

test("a body is read whole in however many pieces it comes, with the head, after it, or in chunks, on one connection", async (t) => {
  const { server, request } = await openWorld(t);
  const { socket, received } = await dial(t, server);
  const whole = request("all at once");
  socket.write(whole.head + whole.body);
  await answers(received, 1);
  const late = request("head first");
  socket.write(late.head);
  for (const sign of late.body.match(/.{1,40}/gs) ?? []) {
    socket.write(sign);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await answers(received, 2);
  const chunked = request("in chunks", { "transfer-encoding": "chunked" });
  const head = chunked.head.replace(/content-length: \d+\r\n/, "");
  const half = Math.floor(chunked.body.length / 2);
  const [first, second] = [chunked.body.slice(0, half), chunked.body.slice(half)];
  socket.write(`${head}${first.length.toString(16)}\r\n${first}\r\n`);
  socket.write(`${second.length.toString(16)}\r\n${second}\r\n0\r\n\r\n`);
  assert.deepEqual(await answers(received, 3), ["HTTP/1.1 200", "HTTP/1.1 200", "HTTP/1.1 200"]);
  for (const text of ["all at once", "head first", "in chunks"]) assert.match(received(), new RegExp(`"text":"${text}"`));
});

test("requests that come in one piece are answered in their order, each with its own body", async (t) => {
  const { server, request } = await openWorld(t);
  const { socket, received } = await dial(t, server);
  const requests = ["one", "two", "three"].map((text) => request(text));
  socket.write(requests.map(({ head, body }) => head + body).join(""));
  await answers(received, 3);
  assert.deepEqual(
    [...received().matchAll(/"text":"(\w+)"/g)].map(([, text]) => text),
    ["one", "two", "three"],
  );
});

test("a client that goes away in the middle of a body has called nothing, and nothing of it is on record", async (t) => {
  const { server, surface, request } = await openWorld(t);
  const { socket } = await dial(t, server);
  const { head, body } = request("never");
  const before = (await server.records()).length;
  socket.write(head + body.slice(0, -5));
  await new Promise((resolve) => setImmediate(resolve));
  socket.resetAndDestroy();
  const { socket: next, received } = await dial(t, server);
  const after = request("after");
  next.write(after.head + after.body);
  await answers(received, 1);
  const records = (await server.records()).slice(before);
  assert.deepEqual(
    records.map((record) => record["arguments"]),
    [{ text: "after" }],
  );
  assert.equal(surface.entered.get("echo"), 1);
});

test("what is refused before its body is read leaves the connection usable for the next call", async (t) => {
  const { server, request } = await openWorld(t);
  const { socket, received } = await dial(t, server);
  const refused = request("no", { "content-type": "text/plain" });
  const taken = request("yes");
  socket.write(refused.head + refused.body);
  socket.write(taken.head + taken.body);
  assert.deepEqual(await answers(received, 2), ["HTTP/1.1 415", "HTTP/1.1 200"]);
});

test("a body that grows too large in chunks is refused at once, and the connection ends", async (t) => {
  const { server, request } = await openWorld(t);
  const { socket, received } = await dial(t, server);
  const { head, body } = request("x".repeat(9000), { "transfer-encoding": "chunked" });
  const chunk = `${body.length.toString(16)}\r\n${body}\r\n`;
  socket.write(head.replace(/content-length: \d+\r\n/, "") + chunk + chunk + chunk);
  await once(socket, "close");
  assert.deepEqual(answersIn(received()), ["HTTP/1.1 413"]);
});
