import { isRecord } from "../lib/is-record.ts";
import { listedTool, type JsonSchema, type Surface, type Tool } from "../tool/index.ts";
import type { Catalogue, LintTool } from "./catalogue.ts";

/** What declarations come to, also those that a server would refuse to start with. */
export function catalogueOfSurface({ tools = [], scopes, lint = [] }: Pick<Surface, "tools" | "scopes" | "lint">): Catalogue {
  return { tools: tools.map(ofDeclaration), scopes, suppressions: lint };
}

function ofDeclaration(tool: Tool): LintTool {
  const { definition, problem } = listed(tool);
  const { inputSchema, outputSchema, annotations } = definition;
  return {
    name: tool.name,
    title: tool.title,
    description: tool.description,
    inputSchema: isRecord(inputSchema) ? inputSchema : {},
    ...(isRecord(outputSchema) ? { outputSchema } : {}),
    ...(isRecord(annotations) ? { annotations } : {}),
    listedChars: JSON.stringify(definition).length,
    declared: {
      scopes: tool.scopes,
      effect: tool.effect,
      examples: tool.examples.map(({ title, input }) => ({ title, input })),
      ...(problem === undefined ? {} : { problem }),
    },
  };
}

function listed(tool: Tool): { readonly definition: JsonSchema; readonly problem?: string } {
  try {
    return { definition: listedTool(tool) };
  } catch (error) {
    const { name, title, description } = tool;
    return { definition: { name, title, description }, problem: error instanceof Error ? error.message : String(error) };
  }
}
