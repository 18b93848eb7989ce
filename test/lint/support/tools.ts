import type { Catalogue } from "../../../src/lint/index.ts";
import { catalogueOfSurface, lintTools, parseToolList } from "../../../src/lint/index.ts";
import type { ScopeDeclarations } from "../../../src/tool/index.ts";
import { defineScopes, defineTool } from "../../../src/index.ts";
import * as z from "zod";

export interface Entry {
  readonly name: string;
  readonly [member: string]: unknown;
}

const GOOD: Entry = {
  name: "get_invoice",
  title: "Get invoice",
  description: "Gets one invoice with its lines, taxes and payments. Use it when a person asks what they owe.",
  inputSchema: {
    type: "object",
    properties: { number: { type: "string", description: "As printed in the upper right corner, such as R-2041." } },
    required: ["number"],
    additionalProperties: false,
  },
  outputSchema: { type: "object", properties: { total: { type: "number" } } },
  annotations: { readOnlyHint: true, openWorldHint: false },
};

/** A tool that no rule finds anything in, with changes. */
export function tool(changes: Readonly<Record<string, unknown>> = {}): Entry {
  return { ...GOOD, ...changes };
}

/** The good tool with these properties, none of them required. */
export function taking(properties: Readonly<Record<string, unknown>>, more: Readonly<Record<string, unknown>> = {}): Entry {
  return tool({ inputSchema: { type: "object", properties, additionalProperties: false, ...more } });
}

export function listed(...tools: readonly Entry[]): Catalogue {
  const catalogue = parseToolList({ tools });
  if (typeof catalogue === "string") throw new Error(catalogue);
  return catalogue;
}

export const SCOPES = defineScopes({
  "bill:read": { description: "See the invoices of this company.", access: "read" },
  "bill:write": { description: "Write and send invoices of this company.", access: "write", includes: ["bill:read"] },
});

/** One declared tool, with changes. */
export function declared(changes: Readonly<Record<string, unknown>> = {}, scopes: ScopeDeclarations = SCOPES): Catalogue {
  const made = defineTool({
    name: "get_invoice",
    title: "Get invoice",
    description: "Gets one invoice with its lines, taxes and payments. Use it when a person asks what they owe.",
    scopes: ["bill:read"],
    effect: "read",
    input: z.object({ number: z.string().describe("As printed in the upper right corner, such as R-2041.") }),
    output: z.object({ total: z.number() }),
    examples: [{ title: "One", input: { number: "R-1" } }],
    run: () => ({ total: 1 }),
  });
  return catalogueOfSurface({ scopes, tools: [{ ...made, ...changes }] });
}

/** The rules that find something, each once. */
export function rulesOf(catalogue: Catalogue): readonly string[] {
  return [...new Set(lintTools(catalogue).findings.map(({ rule }) => rule))];
}
