import assert from "node:assert/strict";
import { test } from "node:test";
import * as z from "zod";
import { content, defineScopes, defineTool, type Tool, type ToolDeclaration } from "../../src/index.ts";
import { modernRequest, rpc, startServer, until, type RpcAnswer } from "../support/remit.ts";

const scopes = defineScopes({ "note:read": { description: "Read notes.", access: "read", baseline: true } });

const common = {
  title: "Steps",
  description: "A tool for tests that answers in steps.",
  scopes: ["note:read"],
  effect: "read",
  input: z.object({ count: z.number().int().default(3) }),
  examples: [{ title: "Three", input: {} }],
} as const;

const textsOf = ({ body }: RpcAnswer) => ((body.result?.["content"] ?? []) as { readonly text: string }[]).map(({ text }) => text);

/** The answer of one tool to one call with a progress token. */
async function answerOf(t: Parameters<typeof startServer>[0], tool: Tool, withToken = true): Promise<RpcAnswer> {
  const server = await startServer(t, { scopes, tools: [tool] });
  const params = { name: tool.name, arguments: {} };
  return rpc(server, await server.token("note:read"), {
    method: "tools/call",
    params,
    ...(withToken ? { meta: { progressToken: "p" } } : {}),
  });
}

test("texts and blocks that are yielded are streamed, stand at the front of the result, and what is returned ends it", async (t) => {
  const tool = defineTool({
    ...common,
    name: "steps",
    async *run({ count }) {
      for (let i = 1; i <= count; i++) yield `part ${i}`;
      yield { type: "image", data: "AA==", mimeType: "image/png" };
      return content("end", "of it");
    },
  });
  const answer = await answerOf(t, tool);
  const blocks = answer.body.result?.["content"] as { readonly type: string; readonly text?: string }[];
  assert.deepEqual(
    blocks.map(({ type, text }) => text ?? type),
    ["part 1", "part 2", "part 3", "image", "end", "of it"],
  );
  const partial = (message: Record<string, unknown>) =>
    (message["params"] as { _meta: { "dev.remit/partial": unknown[] } })._meta["dev.remit/partial"];
  assert.deepEqual(answer.streamed.map(partial).flat(), blocks.slice(0, 4));
});

test("without a progress token the same result comes in one answer", async (t) => {
  const tool = defineTool({
    ...common,
    name: "steps",
    async *run() {
      yield "one";
      yield { progress: 1, total: 2 };
      return "two";
    },
  });
  const answer = await answerOf(t, tool, false);
  assert.deepEqual(textsOf(answer), ["one", "two"]);
  assert.deepEqual(answer.streamed, []);
});

test("progress that is yielded is told and always grows, parts in between or not", async (t) => {
  const tool = defineTool({
    ...common,
    name: "steps",
    async *run() {
      for (let i = 1; i <= 4; i++) {
        yield { progress: i, total: 4, message: `step ${i}` };
        yield `part ${i}`;
      }
    },
  });
  const { streamed, ...answer } = await answerOf(t, tool);
  const told = streamed.map(({ params }) => params as { readonly progress: number; readonly message: string });
  assert.deepEqual(
    told.map(({ message }) => message),
    ["step 1", "part 1", "step 2", "part 2", "step 3", "part 3", "step 4", "part 4"],
  );
  for (const [i, { progress }] of told.entries()) assert.ok(i === 0 || progress > (told[i - 1]?.progress ?? 0), `${i}: ${progress}`);
  assert.deepEqual(textsOf({ ...answer, streamed }), ["part 1", "part 2", "part 3", "part 4"]);
});

test("with an output schema the value that is returned is checked, and the parts stand before it", async (t) => {
  const tool = defineTool({
    ...common,
    name: "steps",
    output: z.object({ count: z.number().int() }),
    async *run({ count }) {
      yield "counting";
      return { count };
    },
  });
  const answer = await answerOf(t, tool);
  assert.deepEqual(textsOf(answer), ["counting", '{"count":3}']);
  assert.deepEqual(answer.body.result?.["structuredContent"], { count: 3 });
});

const mistakes: readonly [title: string, run: () => AsyncGenerator<string, string, undefined>][] = [
  [
    "that throws",
    async function* () {
      yield "one";
      throw new Error("secret detail");
    },
  ],
  [
    "that yields and returns nothing",
    async function* () {
      // Nothing.
    } as unknown as () => AsyncGenerator<string, string, undefined>,
  ],
];

for (const [title, run] of mistakes) {
  test(`a generator ${title} is a fault that tells the caller its id only`, async (t) => {
    const { body } = await answerOf(t, defineTool({ ...common, name: "steps", run }), false);
    assert.equal(body.error?.code, -32603);
    assert.doesNotMatch(JSON.stringify(body), /secret|output schema/);
  });
}

/** A tool that yields until it is closed, and what became of it. */
function createEndless(more: { readonly timeoutMs?: number } = {}) {
  const seen = { steps: 0, isClosed: false };
  const tool = defineTool({
    ...common,
    ...more,
    name: "endless",
    async *run(_input, context) {
      try {
        for (;;) {
          seen.steps++;
          yield `step ${seen.steps}`;
          await new Promise((resolve) => setImmediate(resolve));
        }
      } finally {
        assert.equal(context.signal.aborted, true);
        seen.isClosed = true;
      }
    },
  });
  return { tool, seen };
}

test("at the deadline the generator is closed, and its finally blocks run", async (t) => {
  const { tool, seen } = createEndless({ timeoutMs: 200 });
  const answer = await answerOf(t, tool, false);
  assert.match(textsOf(answer)[0] ?? "", /did not finish within 0\.2 s/);
  await until(() => (seen.isClosed ? true : undefined));
});

test("a generator that waits for nothing does not keep its deadline from being noticed", async (t) => {
  let isClosed = false;
  const tool = defineTool({
    ...common,
    name: "busy",
    timeoutMs: 200,
    async *run() {
      try {
        for (let i = 1; ; i++) yield { progress: i };
      } finally {
        isClosed = true;
      }
    },
  });
  assert.match(textsOf(await answerOf(t, tool, false))[0] ?? "", /did not finish/);
  await until(() => (isClosed ? true : undefined));
});

test("when the client goes away the generator is closed, and the call is on record as cancelled", async (t) => {
  const { tool, seen } = createEndless();
  const server = await startServer(t, { scopes, tools: [tool] });
  const request = { method: "tools/call", params: { name: "endless", arguments: {} }, meta: { progressToken: 1 } };
  const leaving = new AbortController();
  const response = await fetch(server.mcpUrl, { ...modernRequest(await server.token("note:read"), request), signal: leaving.signal });
  assert.equal(response.headers.get("content-type"), "text/event-stream");
  leaving.abort();
  await until(() => (seen.isClosed ? true : undefined));
  const outcome = await until(async () =>
    (await server.records()).find(({ kind, tool: name }) => kind === "outcome" && name === "endless"),
  );
  assert.equal(outcome["outcome"], "cancelled");
});

test("the type of run holds a generator to its steps and its answer", () => {
  type Run<O extends z.ZodType | undefined> = ReturnType<ToolDeclaration<typeof common.input, O, unknown>["run"]>;
  async function* good(): AsyncGenerator<string | { progress: number }, { count: number }, undefined> {
    yield "text";
    yield { progress: 1 };
    return { count: 1 };
  }
  async function* silent(): AsyncGenerator<string, void, undefined> {
    yield "text";
  }
  const output = z.object({ count: z.number() });
  const declared: readonly [Run<typeof output>, Run<undefined>] = [good(), silent()];
  // @ts-expect-error With an output schema its value must be returned.
  const nothing: Run<typeof output> = silent();
  // @ts-expect-error A number is no step.
  const step: Run<undefined> = (async function* () {
    yield 1;
  })();
  assert.equal([...declared, nothing, step].length, 4);
});
