import { defineTool } from "../../../src/index.ts";
import * as z from "zod";
import { createSurface } from "../../support/tools.ts";

/** The surface of the other tests, and tools that wait for the test. */
export function createHeldSurface() {
  const surface = createSurface();
  let release = Promise.withResolvers<void>();
  const cancelled: string[] = [];
  const steps = defineTool({
    name: "steps",
    title: "Steps",
    description: "Says the first step, waits until it may go on, and says the others.",
    scopes: ["note:read"],
    effect: "read",
    input: z.object({ text: z.string() }),
    examples: [{ title: "One", input: { text: "a" } }],
    async run({ text }, context) {
      await context.progress(1, 3, `${text} 1`);
      const aborted = new Promise<void>((resolve) => context.signal.addEventListener("abort", () => resolve()));
      await Promise.race([release.promise, aborted]);
      if (context.signal.aborted) cancelled.push(text);
      await context.progress(2, 3, `${text} 2`);
      await context.progress(3, 3, `${text} 3`);
      return `${text} done`;
    },
  });
  const silent = defineTool({
    name: "silent",
    title: "Silent",
    description: "Says nothing until it may end.",
    scopes: ["note:read"],
    effect: "read",
    input: z.object({ text: z.string() }),
    examples: [{ title: "One", input: { text: "a" } }],
    async run({ text }) {
      await release.promise;
      return `${text} done`;
    },
  });
  const touch = defineTool({
    name: "touch",
    title: "Touch",
    description: "Tells everybody that something changed.",
    scopes: ["note:read"],
    effect: "read",
    input: z.object({ what: z.string() }),
    examples: [{ title: "Tools", input: { what: "tools" } }],
    run({ what }, context) {
      context.notifyChanged(what === "tools" ? "tools" : { resource: what });
      return "told";
    },
  });
  return {
    surface: { ...surface, tools: [...surface.tools, steps, silent, touch] },
    cancelled,
    /** Lets waiting tools go on. */
    release() {
      release.resolve();
      release = Promise.withResolvers<void>();
    },
  };
}
