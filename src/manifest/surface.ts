import { createHash } from "node:crypto";
import * as z from "zod";
import { canonicalJson } from "../lib/canonical-json.ts";
import { isRecord } from "../lib/is-record.ts";
import { scanJson } from "../lib/json-scanner.ts";
import type { JsonSchema, Registry } from "../tool/index.ts";

const schema = z.custom<JsonSchema>(isRecord);
const name = z.string().min(1).max(128);

const toolSchema = z.strictObject({
  name,
  title: z.string(),
  description: z.string(),
  scopes: z.array(z.string()),
  effect: z.enum(["read", "write", "destructive"]),
  /** Whether lists name it to callers that may not use it. */
  discoverable: z.boolean(),
  /** As in `tools/list`: all four hints. */
  annotations: z.record(z.string(), z.boolean()),
  inputSchema: schema,
  outputSchema: schema.optional(),
});

const scopeSchema = z.strictObject({
  description: z.string(),
  access: z.enum(["read", "write"]),
  role: z.enum(["viewer", "member", "admin", "owner"]),
  baseline: z.boolean(),
  includes: z.array(z.string()),
});

const surfaceSchema = z.strictObject({
  scopes: z.record(z.string(), scopeSchema),
  tools: z.array(toolSchema).max(10_000),
});

/** What agents can be given and do: every scope and every tool. Tools stand in the order of their names, lists of scopes are sorted. */
export type ToolSurface = z.infer<typeof surfaceSchema>;
export type SurfaceTool = ToolSurface["tools"][number];
export type SurfaceScope = ToolSurface["scopes"][string];

/** The surface of a registry. Nothing else about the server is in it: a new version with the same tools has the same surface. */
export function describeSurface({ scopes, tools }: Pick<Registry, "scopes" | "tools">): ToolSurface {
  const described = [...tools.values()].map(({ tool, definition }): SurfaceTool => {
    const { inputSchema, outputSchema, annotations } = definition as Pick<SurfaceTool, "inputSchema" | "outputSchema" | "annotations">;
    return {
      name: tool.name,
      title: tool.title,
      description: tool.description,
      scopes: tool.scopes.toSorted(),
      effect: tool.effect,
      discoverable: tool.discoverable ?? false,
      annotations,
      inputSchema,
      ...(outputSchema === undefined ? {} : { outputSchema }),
    };
  });
  const declared = Object.entries(scopes.declarations).map(([token, scope]): [string, SurfaceScope] => {
    const { description, access, baseline = false, includes = [] } = scope;
    return [
      token,
      { description, access, role: scope.role ?? (access === "read" ? "viewer" : "member"), baseline, includes: includes.toSorted() },
    ];
  });
  return { scopes: Object.fromEntries(declared), tools: described.toSorted((a, b) => (a.name < b.name ? -1 : 1)) };
}

/** SHA-256 of the canonical form (RFC 8785), hex. */
export function hashSurface(surface: unknown): string {
  return createHash("sha256").update(canonicalJson(surface)).digest("hex");
}

const MAX_MANIFEST_BYTES = 8 * 1024 * 1024;
const LIMITS = { maxDepth: 64, maxKeys: 500_000, maxTokens: 2_000_000, uniqueKeysToDepth: 64 };

/** JSON from outside: of modest depth and size, no key twice. A sentence when it is not. */
export function parseBoundedJson(text: string): { readonly value: unknown } | string {
  if (text.length > MAX_MANIFEST_BYTES) return `it is larger than ${MAX_MANIFEST_BYTES} bytes`;
  const problem = scanJson(text, LIMITS);
  if (problem !== undefined) return problem;
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return "it is not JSON";
  }
}

/** A surface from outside, or a sentence that says what is wrong with it. */
export function parseSurface(value: unknown): ToolSurface | string {
  const parsed = surfaceSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return `it is no surface of tools: /${issue?.path.join("/") ?? ""} ${issue?.message ?? ""}`;
  }
  const names = parsed.data.tools.map((tool) => tool.name);
  return new Set(names).size === names.length ? parsed.data : "it names a tool twice";
}

/** Scopes and everything that they include, at any depth. */
export function heldBy({ scopes }: ToolSurface, granted: readonly string[]): ReadonlySet<string> {
  const held = new Set<string>();
  const queue = granted.filter((scope) => Object.hasOwn(scopes, scope));
  for (let scope = queue.pop(); scope !== undefined; scope = queue.pop()) {
    if (held.has(scope)) continue;
    held.add(scope);
    queue.push(...(scopes[scope]?.includes ?? []).filter((included) => Object.hasOwn(scopes, included)));
  }
  return held;
}
