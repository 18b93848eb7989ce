import assert from "node:assert/strict";
import { test } from "node:test";
import { createPace } from "../../src/mcp/legacy/pace.ts";

const soon = () => new Promise((resolve) => setImmediate(resolve));

test("a sender whose message was taken before it could wait for that does not wait", async () => {
  const pace = createPace();
  let fill: ReadableStreamDefaultController<Uint8Array> | undefined;
  const filled = new ReadableStream<Uint8Array>({
    start(controller) {
      fill = controller;
    },
  });
  const reader = pace.wrap(filled).getReader();
  const first = reader.read();
  fill?.enqueue(Uint8Array.of(1));
  assert.deepEqual([...((await first).value ?? [])], [1]);
  const second = reader.read();
  await soon();
  // The reader is back for more, and nothing will come until this sender goes on.
  assert.ok(await Promise.race([pace.next().then(() => true), soon().then(() => false)]));
  fill?.enqueue(Uint8Array.of(2));
  assert.deepEqual([...((await second).value ?? [])], [2]);
});
