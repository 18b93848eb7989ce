import assert from "node:assert/strict";
import { createServer as createHttp } from "node:http";
import { createServer as createTcp, type AddressInfo, type Server as TcpServer, type Socket } from "node:net";
import { test, type TestContext } from "node:test";
import { parseFeedTarget } from "../../../src/audit/index.ts";

import { callTool, startServer, until } from "../../support/remit.ts";
import { createSurface } from "../../support/tools.ts";

interface Message {
  readonly head: string;
  readonly record: Readonly<Record<string, unknown>>;
}

/** A collector of syslog messages with their length in front. */
async function startCollector(t: TestContext, port = 0) {
  const messages: Message[] = [];
  const sockets = new Set<Socket>();
  const server: TcpServer = createTcp((socket) => {
    sockets.add(socket);
    let pending = Buffer.alloc(0);
    socket.on("error", () => undefined);
    socket.on("data", (chunk: Buffer) => {
      pending = Buffer.concat([pending, chunk]);
      for (;;) {
        const space = pending.indexOf(" ");
        const length = Number(pending.subarray(0, space));
        if (space < 0 || pending.length < space + 1 + length) return;
        const text = pending.subarray(space + 1, space + 1 + length).toString();
        pending = pending.subarray(space + 1 + length);
        const [head = "", line = ""] = text.split("\u{feff}");
        messages.push({ head, record: JSON.parse(line) as Message["record"] });
      }
    });
  });
  await new Promise<void>((done) => server.listen(port, "127.0.0.1", done));
  const stop = () =>
    new Promise<void>((done) => {
      for (const socket of sockets) socket.destroy();
      server.close(() => done());
    });
  t.after(stop);
  return { messages, stop, port: (server.address() as AddressInfo).port };
}

test("every record goes to a syslog collector in order and at least once, as RFC 5424 has it, and waits in the ledger while nobody takes it", async (t) => {
  const first = await startCollector(t);
  const server = await startServer(t, createSurface(), { REMIT_SIEM: `syslog+tcp://127.0.0.1:${first.port}` });
  const token = await server.token("note:read");
  await callTool(server, token, "echo", { text: "one" });
  await callTool(server, token, "wipe", { text: "refused" });
  await until(() => (first.messages.some(({ record }) => record["outcome"] === "refused") ? true : undefined));
  const records = await server.records();
  assert.deepEqual(
    first.messages.map(({ record }) => [record["seq"], record["hash"]]),
    records.slice(0, first.messages.length).map(({ seq, hash }) => [seq, hash]),
  );
  const [ok, refused] = ["ok", "refused"].map((outcome) => first.messages.find(({ record }) => record["outcome"] === outcome));
  assert.match(ok?.head ?? "", /^<110>1 \d{4}-\d\d-\d\dT[\d:.]+Z \S+ remit - call\.ok - $/);
  assert.match(refused?.head ?? "", /^<108>1 \S+ \S+ remit - call\.refused - $/);

  await first.stop();
  for (let i = 0; i < 5; i++) assert.equal((await callTool(server, token, "echo", { text: `while it is away ${i}` })).status, 200);
  const second = await startCollector(t, first.port);
  const last = (await server.records()).at(-1)?.seq ?? assert.fail();
  await until(() => (second.messages.at(-1)?.record["seq"] === last ? true : undefined));
  const seqs = new Set([...first.messages, ...second.messages].map(({ record }) => record["seq"]));
  assert.deepEqual(
    Array.from({ length: last }, (_, i) => i + 1).filter((seq) => !seqs.has(seq)),
    [],
  );
});

test("an OTLP endpoint gets the records as logs with the token; what it does not take is sent again", async (t) => {
  const bodies: { readonly authorization: string | undefined; readonly logs: readonly Record<string, unknown>[] }[] = [];
  let isRefusing = true;
  const collector = createHttp((req, res) => {
    const parts: Buffer[] = [];
    req.on("data", (part: Buffer) => parts.push(part));
    req.on("end", () => {
      if (isRefusing) return res.writeHead(503).end();
      const { resourceLogs } = JSON.parse(Buffer.concat(parts).toString()) as {
        resourceLogs: [{ scopeLogs: [{ logRecords: Record<string, unknown>[] }] }];
      };
      bodies.push({ authorization: req.headers.authorization, logs: resourceLogs[0].scopeLogs[0].logRecords });
      return res.writeHead(200, { "content-type": "application/json" }).end("{}");
    });
  });
  await new Promise<void>((done) => collector.listen(0, "127.0.0.1", done));
  t.after(() => new Promise((done) => collector.close(done)));
  const host = `127.0.0.1:${(collector.address() as AddressInfo).port}`;
  const server = await startServer(t, createSurface(), {
    REMIT_SIEM: `http://${host}/v1/logs`,
    REMIT_SIEM_TOKEN: "collector-token",
    REMIT_FETCH_ALLOWED_HOSTS: host,
  });
  const token = await server.token("note:read");
  await callTool(server, token, "echo", { text: "one" });
  isRefusing = false;
  const logs = () => bodies.flatMap((body) => body.logs);
  await until(() => (logs().some(({ eventName }) => eventName === "call.ok") ? true : undefined));
  assert.ok(bodies.every(({ authorization }) => authorization === "Bearer collector-token"));
  const call = logs().find(({ eventName }) => eventName === "call.ok") ?? assert.fail();
  const { stringValue } = call["body"] as { stringValue: string };
  const { seq, at } = JSON.parse(stringValue) as { seq: number; at: number };
  assert.deepEqual(
    [call["timeUnixNano"], call["severityNumber"], call["attributes"]],
    [`${at}000000`, 9, [{ key: "remit.ledger.seq", value: { intValue: String(seq) } }]],
  );
  assert.equal(logs()[0] === undefined, false);
});

test("an address for records is one of a few kinds, and anything else stops the start with what to write", async (t) => {
  await assert.rejects(startServer(t, createSurface(), { REMIT_SIEM: "siem.example.com:514" }), /REMIT_SIEM: write syslog\+tls:/);
  assert.deepEqual(parseFeedTarget("syslog+tls://siem.example.com"), { kind: "syslog", host: "siem.example.com", port: 6514, isTls: true });
  assert.deepEqual(parseFeedTarget("syslog+tcp://[::1]:1514"), { kind: "syslog", host: "::1", port: 1514, isTls: false });
  assert.deepEqual(parseFeedTarget("https://logs.example.com/v1/logs"), { kind: "otlp", url: "https://logs.example.com/v1/logs" });
  for (const text of ["siem.example.com:514", "syslog://siem", "ftp://siem/", "syslog+udp://siem:514", ""]) {
    assert.equal(parseFeedTarget(text), undefined, text);
  }
});
