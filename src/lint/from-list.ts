import * as z from "zod";
import { isRecord } from "../lib/is-record.ts";
import type { Catalogue, LintTool } from "./catalogue.ts";

const entry = z.looseObject({
  name: z.string(),
  title: z.string().optional(),
  description: z.string().nullish(),
  inputSchema: z.unknown().optional(),
  outputSchema: z.unknown().optional(),
  annotations: z.unknown().optional(),
});

/** The `tools` of a list, of a recorded `tools/list` result, or of the whole answer; undefined when it is none of these. */
function entriesIn(value: unknown): unknown {
  if (Array.isArray(value)) return value;
  if (!isRecord(value)) return undefined;
  return Array.isArray(value["tools"]) ? value["tools"] : isRecord(value["result"]) ? value["result"]["tools"] : undefined;
}

/** What a recorded list comes to, or what is wrong with it. */
export function parseToolList(value: unknown): Catalogue | string {
  const entries = entriesIn(value);
  if (!Array.isArray(entries)) return 'it is no list of tools: expected {"tools": […]}, as tools/list answers';
  const parsed = z.array(entry).safeParse(entries);
  if (!parsed.success) return `an entry is no tool: ${parsed.error.issues[0]?.path.join(".")} ${parsed.error.issues[0]?.message}`;
  return { tools: parsed.data.map(ofEntry) };
}

function ofEntry(tool: z.infer<typeof entry>): LintTool {
  const { name, title = "", description, inputSchema, outputSchema, annotations } = tool;
  return {
    name,
    title,
    description: description ?? "",
    inputSchema: isRecord(inputSchema) ? inputSchema : {},
    ...(isRecord(outputSchema) ? { outputSchema } : {}),
    ...(isRecord(annotations) ? { annotations } : {}),
    listedChars: JSON.stringify(tool).length,
  };
}
