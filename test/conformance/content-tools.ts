/** Tools that answer with content, stream on the way, or fail; and what else the suite looks at in the list of tools. */
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { content, defineTool, toolError, type Tool } from "../../src/index.ts";
import { plainTool, PNG, titleOf, WAV } from "./declare.ts";

const STEP_MS = 50;

const image = { type: "image", data: PNG, mimeType: "image/png" } as const;

const contentTools: readonly Tool[] = [
  plainTool("test_simple_text", "Answers with a text.", () => "This is a simple text response for testing."),
  plainTool("test_image_content", "Answers with an image.", () => image),
  plainTool("test_audio_content", "Answers with a sound.", () => ({ type: "audio", data: WAV, mimeType: "audio/wav" })),
  plainTool("test_embedded_resource", "Answers with an embedded resource.", () => ({
    type: "resource",
    resource: { uri: "test://embedded-resource", mimeType: "text/plain", text: "This is an embedded resource content." },
  })),
  plainTool("test_multiple_content_types", "Answers with a text, an image and a resource.", () =>
    content("Multiple content types test:", image, {
      type: "resource",
      resource: { uri: "test://mixed-content-resource", mimeType: "application/json", text: JSON.stringify({ test: "data", value: 123 }) },
    }),
  ),
  plainTool("test_error_handling", "Answers that it failed, always.", () =>
    toolError("This tool intentionally returns an error for testing"),
  ),
];

const streamingTools: readonly Tool[] = [
  plainTool("test_tool_with_progress", "Says three times how far it is.", async (context) => {
    for (const progress of [0, 50, 100]) {
      await context.progress(progress, 100);
      if (progress < 100) await sleep(STEP_MS, undefined, { signal: context.signal });
    }
    return "The tool made progress and is done.";
  }),
  plainTool("test_tool_with_logging", "Logs three messages.", async (context) => {
    await context.log("info", "Tool execution started");
    await sleep(STEP_MS, undefined, { signal: context.signal });
    await context.log("info", "Tool processing data");
    await sleep(STEP_MS, undefined, { signal: context.signal });
    await context.log("info", "Tool execution completed");
    return "The tool logged what it did.";
  }),
  plainTool("test_logging_tool", "Logs one message, for clients that want it.", async (context) => {
    await context.log("info", "A message for those who asked");
    return "The tool logged, if it was wanted.";
  }),
];

/** A tool that tells the subscribers that a list changed. */
function triggerTool(name: string, list: "tools" | "prompts"): Tool {
  return defineTool({
    name,
    title: titleOf(name),
    description: `Says that the list of ${list} changed.`,
    scopes: ["fixture:write"],
    effect: "write",
    input: z.object({}),
    examples: [{ title: "Plain call", input: {} }],
    run(_input, context) {
      context.notifyChanged(list);
      return `The subscribers know that the list of ${list} changed.`;
    },
  });
}

const schemaTool = defineTool({
  name: "json_schema_2020_12_tool",
  title: "JSON Schema 2020-12",
  description: "Tool with JSON Schema 2020-12 features",
  scopes: ["fixture:read"],
  effect: "read",
  input: {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    type: "object",
    $defs: { address: { $anchor: "addressDef", type: "object", properties: { street: { type: "string" }, city: { type: "string" } } } },
    properties: {
      name: { type: "string" },
      address: { $ref: "#/$defs/address" },
      contactMethod: { type: "string", enum: ["phone", "email"] },
      phone: { type: "string" },
      email: { type: "string" },
    },
    allOf: [{ anyOf: [{ required: ["phone"] }, { required: ["email"] }] }],
    if: { properties: { contactMethod: { const: "phone" } }, required: ["contactMethod"] },
    // oxlint-disable-next-line unicorn/no-thenable -- this is the keyword
    then: { required: ["phone"] },
    else: { required: ["email"] },
    additionalProperties: false,
  },
  examples: [{ title: "By mail", input: { name: "Ada", contactMethod: "email", email: "ada@example.com" } }],
  run: () => "The contact fits the schema.",
});

const headerTool = defineTool({
  name: "test_header_parameter",
  title: "Header parameter",
  description: "Takes an argument that clients mirror into a header.",
  scopes: ["fixture:read"],
  effect: "read",
  input: z.object({ region: z.string().max(200).meta({ "x-mcp-header": "Region" }) }),
  examples: [{ title: "In the north", input: { region: "north" } }],
  run: ({ region }) => `The region is ${region}.`,
});

const reconnectionTool = defineTool({
  name: "test_reconnection",
  title: "Reconnection",
  description: "Takes longer than its stream is kept open, so that a client has to come back for the answer.",
  scopes: ["fixture:read"],
  effect: "read",
  input: z.object({}),
  examples: [{ title: "Once", input: {} }],
  run: () => sleep(2500, "The client came back."),
});

export const tools: readonly Tool[] = [
  ...contentTools,
  ...streamingTools,
  triggerTool("test_trigger_tool_change", "tools"),
  triggerTool("test_trigger_prompt_change", "prompts"),
  schemaTool,
  headerTool,
  reconnectionTool,
];
