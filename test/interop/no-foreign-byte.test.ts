import assert from "node:assert/strict";
import { randomBytes, randomInt } from "node:crypto";
import { test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { defineResource, defineTool } from "../../src/index.ts";
import { callOf, connectLegacy, readEvents, type EventReader, type SseEvent } from "../support/legacy-client.ts";
import { modernRequest, startServer, type TestServer, until } from "../support/remit.ts";
import { scopes } from "../support/tools.ts";

/** All of it by hand: `FOREIGN_CLIENTS=200 FOREIGN_CALLS=50 node --test test/interop/no-foreign-byte.test.ts`. */
const CLIENTS = Number(process.env["FOREIGN_CLIENTS"] ?? 40);
const CALLS = Number(process.env["FOREIGN_CALLS"] ?? 10);
/** Calls that a client has under way at a time. */
const AT_ONCE = 5;
/** So many clients act as the same agent, each with a session or streams of its own. */
const SHARING = 2;
const MAX_DELAY_MS = 8;

const murmur = defineTool({
  name: "murmur",
  title: "Murmur",
  description: "Says a text in parts after random delays, and tells who watches it.",
  scopes: ["note:read"],
  effect: "read",
  input: z.object({ word: z.string(), text: z.string() }),
  examples: [{ title: "One", input: { word: "a", text: "a-0" } }],
  async run({ word, text }, context) {
    for (let part = 1; part <= 2; part++) {
      await sleep(randomInt(MAX_DELAY_MS));
      await context.progress(part, 2, `${text} part ${part}`);
    }
    context.notifyChanged({ resource: uriOf(word) });
    // Everybody is told of this one.
    if (text.endsWith("-0-")) context.notifyChanged("tools");
    await sleep(randomInt(MAX_DELAY_MS));
    return `${text} said`;
  },
});

const murmurs = defineResource({
  uri: "murmurs://{word}",
  name: "murmurs",
  title: "Murmurs",
  description: "What was murmured with a word.",
  scopes: ["note:read"],
  read: ({ word }, { uri }) => [{ uri, text: `murmurs of ${word}` }],
});

function uriOf(word: string): string {
  return `murmurs://${word}`;
}

/** One client: its word stands in all that is for it, and in nothing else. */
interface Ear {
  readonly word: string;
  readonly token: string;
  /** All that it was sent, as text. */
  readonly heard: string[];
  /** The answers by request id, each as often as it came. */
  readonly answers: Map<unknown, string[]>;
}

function hear(ear: Ear, message: unknown): void {
  ear.heard.push(JSON.stringify(message));
  const { id, method } = message as { readonly id?: unknown; readonly method?: unknown };
  if (id !== undefined && method === undefined) ear.answers.set(id, [...(ear.answers.get(id) ?? []), JSON.stringify(message)]);
}

function hearEvents(ear: Ear, events: readonly SseEvent[]): void {
  for (const event of events) {
    ear.heard.push(JSON.stringify(event));
    if (event.message !== undefined) hear(ear, event.message);
  }
}

/** An answer alone, or a stream that ends with it. */
async function hearResponse(ear: Ear, response: Response): Promise<void> {
  if (response.headers.get("content-type") === "text/event-stream") hearEvents(ear, await readEvents(response).rest());
  else hear(ear, await response.json());
}

function argumentsOf({ word }: Ear, id: number) {
  return { word, text: `${word}-${id}-` };
}

/** Starts a server and its clients, lets each of them make its calls, and looks through all that they were sent. */
async function listenForStrangers(t: TestContext, talk: (server: TestServer, ear: Ear) => Promise<void>): Promise<void> {
  const server = await startServer(t, { scopes, tools: [murmur], resources: [murmurs] });
  const tokens = await Promise.all(Array.from({ length: Math.ceil(CLIENTS / SHARING) }, () => server.token("note:read")));
  const ears = Array.from({ length: CLIENTS }, (_, client): Ear => {
    const word = `w${client}x${randomBytes(8).toString("hex")}`;
    return { word, token: tokens[client % tokens.length] ?? "", heard: [], answers: new Map() };
  });
  await Promise.all(ears.map((ear) => talk(server, ear)));
  for (const ear of ears) {
    const all = ear.heard.join("\n");
    assert.deepEqual([...new Set(all.match(/w\d+x[0-9a-f]{16}/g))], [ear.word]);
    assert.ok(all.includes("notifications/progress") && isToldNews(ear), "it was told nothing");
    for (let id = 0; id < CALLS; id++) {
      const [answer = "", ...more] = ear.answers.get(id) ?? [];
      assert.ok(
        answer.includes(`${ear.word}-${id}- said`) && more.length === 0,
        `call ${id} of ${ear.word}: ${answer}, and ${more.length} more`,
      );
    }
  }
}

/** Ids from 0, so many at a time. */
async function inBatches(call: (ids: readonly number[]) => Promise<unknown>): Promise<void> {
  for (let first = 0; first < CALLS; first += AT_ONCE)
    await call(Array.from({ length: Math.min(AT_ONCE, CALLS - first) }, (_, at) => first + at));
}

/** Whether it was told of the list that changed, and of what it watches. */
function isToldNews({ heard }: Ear): boolean {
  return ["notifications/tools/list_changed", "notifications/resources/updated"].every((news) => heard.some((text) => text.includes(news)));
}

/** Takes what comes on a stream until it is told to stop, without losing an event. News come beside the answers, and may come after them. */
function takeAll(ear: Ear, stream: EventReader): () => Promise<void> {
  const taken = (async () => {
    for (let event = await stream.next(); event !== undefined; event = await stream.next()) hearEvents(ear, [event]);
  })();
  return async () => {
    await until(() => isToldNews(ear) || undefined);
    await stream.cut();
    await taken;
  };
}

const title = `of ${CLIENTS} clients with equal request ids, ${CALLS} calls each`;

test(`T42: ${title}, none is sent a byte that is for another: 2026-07-28 with subscriptions`, async (t) => {
  await listenForStrangers(t, async (server, ear) => {
    const notifications = { toolsListChanged: true, resourceSubscriptions: [uriOf(ear.word)] };
    const listen = modernRequest(ear.token, { method: "subscriptions/listen", id: "listen", params: { notifications } });
    const stream = readEvents(await fetch(server.mcpUrl, listen));
    const stop = takeAll(ear, stream);
    await inBatches((ids) =>
      Promise.all(
        ids.map(async (id) => {
          const params = { name: murmur.name, arguments: argumentsOf(ear, id) };
          const call = modernRequest(ear.token, { method: "tools/call", id, params, meta: { progressToken: id } });
          await hearResponse(ear, await fetch(server.mcpUrl, call));
        }),
      ),
    );
    await stop();
  });
});

test(`T42: ${title}, none is sent a byte that is for another: sessions of 2025-11-25, resumed after breaks`, async (t) => {
  await listenForStrangers(t, async (server, ear) => {
    const client = await connectLegacy(server.mcpUrl, ear.token);
    const stop = takeAll(ear, readEvents(await client.get()));
    const params = { uri: uriOf(ear.word) };
    await hearResponse(ear, await client.post({ jsonrpc: "2.0", id: "watch", method: "resources/subscribe", params }));
    await inBatches((ids) =>
      Promise.all(
        ids.map(async (id) => {
          const response = await client.post(callOf(murmur.name, argumentsOf(ear, id), { id, progressToken: id }));
          if (id % 3 === 0) return hearResponse(ear, response);
          const stream = readEvents(response);
          // The connection breaks after the first message, and the client comes back for the others.
          const before = await stream.until(({ message }) => message !== undefined);
          hearEvents(ear, before);
          await stream.cut();
          hearEvents(ear, await readEvents(await client.get(before.at(-1)?.id)).rest());
        }),
      ),
    );
    await stop();
  });
});

test(`T42: ${title}, none is sent a byte that is for another: HTTP+SSE, where all answers come on one stream`, async (t) => {
  await listenForStrangers(t, async (server, ear) => {
    const authorization = `Bearer ${ear.token}`;
    const stream = readEvents(await fetch(`${server.url}/sse`, { headers: { authorization, accept: "text/event-stream" } }));
    const path = (await stream.next())?.data ?? "";
    const post = async (message: object) => {
      const headers = { authorization, "content-type": "application/json" };
      const response = await fetch(new URL(path, server.url), { method: "POST", headers, body: JSON.stringify(message) });
      assert.equal(response.status, 202, await response.text());
    };
    const answered = async (ids: readonly unknown[]) => {
      while (!ids.every((id) => ear.answers.has(id))) {
        const event = await stream.next();
        assert.ok(event !== undefined, "the stream ended");
        hearEvents(ear, [event]);
      }
    };
    const clientInfo = { name: "old", version: "1" };
    await post({
      jsonrpc: "2.0",
      id: "begin",
      method: "initialize",
      params: { protocolVersion: "2024-11-05", capabilities: {}, clientInfo },
    });
    await answered(["begin"]);
    await post({ jsonrpc: "2.0", id: "watch", method: "resources/subscribe", params: { uri: uriOf(ear.word) } });
    await inBatches(async (ids) => {
      await Promise.all(ids.map((id) => post(callOf(murmur.name, argumentsOf(ear, id), { id, progressToken: id }))));
      await answered(ids);
    });
    await stream.cut();
  });
});
