/** Tools for tests of tasks, whose runs the test lets end. */
import * as z from "zod";
import { defineScopes, defineTool, inputRequired, toolError, type Tool, type ToolContext } from "../../../src/index.ts";

export const scopes = defineScopes({
  "work:read": { description: "Look at work.", access: "read", baseline: true },
  "work:write": { description: "Do work.", access: "write", includes: ["work:read"] },
});

const text = z.object({ text: z.string().max(10_000).describe("Any text.") });
const examples = [{ title: "Hello", input: { text: "hello" } }] as const;

type Gated = Pick<Tool, "effect"> & Partial<Pick<Tool, "task" | "taskTimeoutMs" | "taskAfterMs" | "idempotent">>;

export interface Gate {
  /** How often each tool was entered. */
  readonly entered: Map<string, number>;
  /** Lets every run that waits end, and those that come later at once. */
  open(): void;
  /** Runs that wait and were told to stop, by the name of the tool. */
  readonly aborted: string[];
}

/** The surface, with the gate that its slow tools wait at. */
export function createTaskSurface() {
  const entered = new Map<string, number>();
  const aborted: string[] = [];
  const { promise: opened, resolve: open } = Promise.withResolvers<void>();

  async function wait(name: string, { signal }: ToolContext): Promise<void> {
    const stopped = new Promise<never>((_resolve, reject) =>
      signal.addEventListener("abort", () => {
        aborted.push(name);
        reject(new Error("stopped"));
      }),
    );
    stopped.catch(() => undefined);
    await Promise.race([opened, stopped]);
  }

  function tool(name: string, more: Gated, run: (input: z.output<typeof text>, context: ToolContext) => unknown): Tool {
    return defineTool({
      name,
      title: name,
      description: `A tool for tests called ${name}.`,
      scopes: [more.effect === "read" ? "work:read" : "work:write"],
      task: "allowed",
      ...more,
      input: text,
      examples,
      run(input, context) {
        entered.set(name, (entered.get(name) ?? 0) + 1);
        return run(input, context) as string;
      },
    });
  }

  const slow = (name: string, more: Gated) =>
    tool(name, more, async ({ text: word }, context) => {
      await context.progress(1, 2, `working on ${word}`);
      await wait(name, context);
      return `done ${word}`;
    });

  return {
    gate: { entered, open, aborted } satisfies Gate,
    surface: {
      scopes,
      tools: [
        slow("look", { effect: "read" }),
        slow("change", { effect: "write" }),
        slow("set", { effect: "write", idempotent: true }),
        slow("brief", { effect: "read", taskTimeoutMs: 300 }),
        slow("must", { effect: "read", task: "required" }),
        slow("patient", { effect: "read", taskAfterMs: 200 }),
        tool("quick", { effect: "read", taskAfterMs: 60_000 }, ({ text: word }) => `quick ${word}`),
        tool("fail", { effect: "read" }, () => toolError("Nothing to do. Write first.")),
        tool("crash", { effect: "read" }, () => {
          throw new Error("secret detail");
        }),
        tool("ask", { effect: "write" }, ({ text: word }, { input }) => {
          const { name, color } = input.responses;
          const asked = (message: string) =>
            ({ method: "elicitation/create", params: { mode: "form", message, requestedSchema: { type: "object" } } }) as const;
          if (input.state === undefined) return inputRequired({ name: asked("Name?"), color: asked("Color?") }, { round: 1 });
          if ((input.state as { readonly round: number }).round === 1)
            return inputRequired({ name: asked("Name again?") }, { round: 2, first: { name, color } });
          return `${word} ${JSON.stringify(input)}`;
        }),
        tool("again", { effect: "read" }, ({ text: word }, { input }) => {
          const count = (input.state as number | undefined) ?? 0;
          return count < 1 ? inputRequired({}, count + 1) : `${word} after ${count}`;
        }),
      ],
    },
  };
}
