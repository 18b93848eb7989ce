/** Surfaces that differ in one thing each. */
import { describeSurface, type ToolSurface } from "../../src/manifest/index.ts";
import { createRegistry, defineScopes, defineTool, type ScopeDeclarations, type Tool } from "../../src/tool/index.ts";

export const SCOPES = defineScopes({
  "note:read": { description: "See the notes of this workspace.", access: "read", baseline: true },
  "note:write": { description: "Change the notes of this workspace.", access: "write", includes: ["note:read"] },
  "admin:write": { description: "Change the settings of this workspace.", access: "write" },
});

export const INPUT = {
  type: "object",
  properties: {
    id: { type: "string", description: "The note's id.", minLength: 1, maxLength: 40 },
    state: { type: "string", enum: ["open", "done"] },
  },
  required: ["id"],
  additionalProperties: false,
};

export function tool(name: string, more: Partial<Tool> = {}): Tool {
  const effect = more.effect ?? "read";
  return defineTool({
    name,
    title: `Title of ${name}`,
    description: "Does something with the notes of this workspace and answers in one word.",
    scopes: [effect === "read" ? "note:read" : "note:write"],
    effect,
    input: INPUT,
    examples: [{ title: "One", input: { id: "n1" } }],
    ...(effect === "destructive" ? { plan: () => ({ summary: "Deletes it.", changes: [] }) } : {}),
    run: () => "ok",
    ...more,
  } as Tool);
}

export const surfaceOf = (tools: readonly Tool[], scopes: ScopeDeclarations = SCOPES): ToolSurface =>
  describeSurface(createRegistry({ scopes, tools }));
