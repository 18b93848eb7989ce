/** All that the server offers, and which scopes of it an identity holds. */
import type { JsonSchema, RegisteredPrompt, RegisteredResource, RegisteredTool, Target } from "../../../tool/index.ts";
import type { ScopeNeed, Surface, SurfaceOther, SurfaceTool } from "../../contract.ts";
import type { ConsoleContext, ConsoleRequest } from "../../endpoint.ts";
import { findBearer } from "./identities.ts";

/** Characters of JSON a token, by the tools of known servers; within about 6 % of what tokenizers count. */
const CHARS_PER_TOKEN = 4.3;

export async function showSurface(context: ConsoleContext, { query }: ConsoleRequest): Promise<Surface> {
  const { registry, mcpUrl } = context;
  const as = query.get("as");
  const held = as === null ? undefined : await heldBy(context, as, query.get("scope"));
  const others = [...registry.resources.values()].filter(({ isListed }) => isListed);
  return {
    mcpUrl,
    tools: [...registry.tools.values()].map((tool) => toolOf(tool, held)),
    resources: [...others, ...registry.templates].map((resource) => resourceOf(resource, held)),
    prompts: [...registry.prompts.values()].map((prompt) => promptOf(prompt, held)),
  };
}

/** What the identity holds, or what is left of it when only some of its scopes are used. */
async function heldBy(context: ConsoleContext, id: string, narrowedTo: string | null): Promise<ReadonlySet<string>> {
  const { scopes } = context.registry;
  const { scopes: granted } = await findBearer(context, id);
  const all = scopes.parse(granted.join(" "));
  if (narrowedTo === null || narrowedTo === "") return all.held;
  const wanted = scopes.parse(narrowedTo).granted.filter((scope) => all.held.has(scope));
  return scopes.parse(wanted.join(" ")).held;
}

function needsOf({ scopes }: Target, held: ReadonlySet<string> | undefined): readonly ScopeNeed[] {
  return scopes.map((scope) => ({ scope, held: held === undefined ? null : held.has(scope) }));
}

function toolOf(target: RegisteredTool, held: ReadonlySet<string> | undefined): SurfaceTool {
  const { definition, tool } = target;
  return {
    name: target.name,
    title: tool.title,
    description: tool.description,
    inputSchema: objectIn(definition, "inputSchema") ?? {},
    outputSchema: objectIn(definition, "outputSchema") ?? null,
    annotations: objectIn(definition, "annotations") ?? {},
    scopes: needsOf(target, held),
    tokens: tokensOf(definition),
    examples: tool.examples.map(({ title, input }) => ({ title, arguments: input as Readonly<Record<string, unknown>> })),
  };
}

function resourceOf(target: RegisteredResource, held: ReadonlySet<string> | undefined): SurfaceOther {
  const { definition, resource } = target;
  const { mimeType } = resource;
  return {
    name: resource.name,
    uri: resource.uri,
    ...(mimeType === undefined ? {} : { mimeType }),
    title: resource.title,
    description: resource.description,
    scopes: needsOf(target, held),
    tokens: tokensOf(definition),
  };
}

function promptOf(target: RegisteredPrompt, held: ReadonlySet<string> | undefined): SurfaceOther {
  const { definition, prompt } = target;
  return {
    name: target.name,
    arguments: Object.entries(prompt.arguments ?? {}).map(([name, { description, required }]) => {
      return { name, description, isRequired: required === true };
    }),
    title: prompt.title,
    description: prompt.description,
    scopes: needsOf(target, held),
    tokens: tokensOf(definition),
  };
}

function tokensOf(definition: JsonSchema): number {
  return Math.ceil(JSON.stringify(definition).length / CHARS_PER_TOKEN);
}

function objectIn(definition: JsonSchema, member: string): Readonly<Record<string, unknown>> | undefined {
  const value = definition[member];
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined;
}
