/** Tools whose calls go on as tasks (MCP extension `io.modelcontextprotocol/tasks`). */
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { defineTool, inputRequired, toolError, type Tool } from "../../src/index.ts";
import { titleOf } from "./declare.ts";
import { accepted, elicit } from "./rounds.ts";

const Name = z.object({ name: z.string() });
const Confirmed = z.object({ confirm: z.boolean() });

const greet = defineTool({
  name: "greet",
  title: "Greet",
  description: "Greets somebody by name, at once.",
  scopes: ["fixture:read"],
  effect: "read",
  input: z.object({ name: z.string() }),
  examples: [{ title: "Greet the world", input: { name: "World" } }],
  run: ({ name }) => `Hello, ${name}!`,
});

const slowCompute = defineTool({
  name: "slow_compute",
  title: "Slow compute",
  description: "Computes for so many seconds.",
  scopes: ["fixture:read"],
  effect: "read",
  task: "allowed",
  input: z.object({ seconds: z.number().min(0).max(600), label: z.string() }),
  examples: [{ title: "At once", input: { seconds: 0, label: "now" } }],
  async run({ seconds, label }, { signal }) {
    await sleep(seconds * 1000, undefined, { signal });
    return `Computed ${label} for ${seconds} s.`;
  },
});

type Run = Tool["run"];

/** A tool without arguments that runs as a task only, or as a task when the client takes them. */
function taskTool(name: string, more: Pick<Tool, "description" | "task"> & { readonly taskAfterMs?: number }, run: Run): Tool {
  return defineTool({
    name,
    title: titleOf(name),
    scopes: ["fixture:read"],
    effect: "read",
    input: z.object({}),
    examples: [{ title: "Plain call", input: {} }],
    ...more,
    run: (input, context) => run(input as never, context as never) as string,
  });
}

const confirmDelete = defineTool({
  name: "confirm_delete",
  title: "Confirm and delete",
  description: "Deletes nothing, but asks whether it should.",
  scopes: ["fixture:read"],
  effect: "read",
  task: "allowed",
  input: z.object({ filename: z.string() }),
  examples: [{ title: "One file", input: { filename: "old.txt" } }],
  run({ filename }, { input }) {
    const answer = accepted(Confirmed, input.responses["confirm"]);
    if (answer === undefined) return inputRequired({ confirm: elicit(`Delete ${filename}?`, { confirm: { type: "boolean" } }) });
    return answer.confirm ? `Deleted ${filename}.` : `Kept ${filename}.`;
  },
});

export const tools: readonly Tool[] = [
  greet,
  slowCompute,
  confirmDelete,
  taskTool("failing_job", { description: "Fails after a second, as a tool does.", task: "required" }, async (_input, { signal }) => {
    await sleep(1000, undefined, { signal });
    return toolError("The job failed.");
  }),
  taskTool("protocol_error_job", { description: "Fails as no tool should.", task: "allowed" }, async (_input, { signal }) => {
    await sleep(100, undefined, { signal });
    throw new Error("the job broke");
  }),
  taskTool("multi_input", { description: "Asks two questions at once.", task: "allowed" }, (_input, { input }) => {
    const first = accepted(Name, input.responses["first"]);
    const second = accepted(Name, input.responses["second"]);
    if (first !== undefined && second !== undefined) return `The answers are ${first.name} and ${second.name}.`;
    const ask = elicit("A name, please.", { name: { type: "string" } });
    return inputRequired({ first: ask, second: ask });
  }),
  taskTool(
    "test_tool_with_task",
    { description: "Asks for a name at once, and then works on it as a task.", task: "required", taskAfterMs: 200 },
    async (_input, { input, signal }) => {
      const person = accepted(Name, input.responses["user_name"]);
      if (person === undefined) return inputRequired({ user_name: elicit("What is your name?", { name: { type: "string" } }) });
      await sleep(1000, undefined, { signal });
      return `Worked for ${person.name}.`;
    },
  ),
];
