import { BootError } from "../errors.ts";
import { isRecord } from "../lib/is-record.ts";
import type { TablesModule } from "../store/index.ts";
import { checkPrompt, checkResource, checkTool } from "./checks.ts";
import type { PromptDeclaration, ResourceDeclaration } from "./define-resource.ts";
import type { Effect, Icon, JsonSchema, Tool } from "./define-tool.ts";
import { checkShown, compileExtras, type Extras } from "./extensions/index.ts";
import { iconEntry, readIcons, type IconFile } from "./icons/index.ts";
import { collectHeaderParams, createConcealer, createValidator, type Concealer, type HeaderParam, type Validator } from "./schema/index.ts";
import { createScopeCatalogue, type ScopeCatalogue, type ScopeDeclarations } from "./scopes.ts";
import { isTemplate, parseUriTemplate, type UriTemplate } from "./uri-template.ts";

/** What the decision is made about: anything that a caller can name. */
export interface Target {
  readonly kind: "tool" | "prompt" | "resource" | "skill";
  readonly name: string;
  readonly scopes: readonly string[];
  readonly effect: Effect;
  readonly discoverable: boolean;
  /** `scopes` as a JSON array. */
  readonly scopesJson: string;
  /** Position in the registry; lists keep this order. */
  readonly index: number;
}

export interface RegisteredTool extends Target {
  readonly kind: "tool";
  readonly tool: Tool;
  readonly input: Validator;
  readonly output: Validator | undefined;
  /** What of its arguments must not be written down; undefined when nothing is marked. */
  readonly concealer: Concealer | undefined;
  readonly headerParams: readonly HeaderParam[];
  readonly timeoutMs: number;
  readonly taskTimeoutMs: number;
  readonly maxResultBytes: number;
  readonly maxResultTokens: number;
  /** Whether `cursor` was added to the listed input schema. */
  readonly addsCursor: boolean;
  /** The entry of `tools/list`. */
  readonly definition: JsonSchema;
}

export interface RegisteredPrompt extends Target {
  readonly kind: "prompt";
  readonly prompt: PromptDeclaration;
  readonly definition: JsonSchema;
}

export interface RegisteredResource extends Target {
  readonly kind: "resource";
  readonly resource: ResourceDeclaration;
  /** Undefined for a fixed URI. */
  readonly template: UriTemplate | undefined;
  /** Whether lists show it to those who may read it. */
  readonly isListed: boolean;
  readonly definition: JsonSchema;
}

/** A skill; its files are resources of their own, with the same scopes. */
export interface RegisteredSkill extends Target {
  readonly kind: "skill";
  /** Of its SKILL.md. */
  readonly uri: string;
  /** The entry of `skills/list`. */
  readonly definition: JsonSchema;
}

/** A folder of a skill, with the entries of what lies directly in it as a JSON array. */
export interface SkillFolder {
  readonly skill: RegisteredSkill;
  readonly json: string;
}

/** A resource with what only our own declarations may say. */
export interface CompiledResource extends ResourceDeclaration {
  /** More members of its entry in lists. */
  readonly members?: JsonSchema;
  /** Default true. */
  readonly isListed?: boolean;
}

/** A finding of `remit lint` that is meant to be so. It holds for all findings of the rule but where it names a tool, a parameter or a scope. */
export interface Suppression {
  readonly rule: string;
  readonly tool?: string;
  readonly parameter?: string;
  readonly scope?: string;
  /** Why, in a sentence for who reads it later. */
  readonly reason: string;
}

export interface Surface extends Extras {
  readonly scopes: ScopeDeclarations;
  /** What `remit lint` is to accept as it is. */
  readonly lint?: readonly Suppression[];
  readonly tools?: readonly Tool[];
  readonly prompts?: readonly PromptDeclaration[];
  readonly resources?: readonly ResourceDeclaration[];
  /** Stands for the server as a whole. */
  readonly icon?: Icon;
}

/** Everything that was declared, checked and compiled. */
export interface Registry {
  readonly scopes: ScopeCatalogue;
  readonly tools: ReadonlyMap<string, RegisteredTool>;
  readonly prompts: ReadonlyMap<string, RegisteredPrompt>;
  /** Resources with a fixed URI, by URI. */
  readonly resources: ReadonlyMap<string, RegisteredResource>;
  readonly templates: readonly RegisteredResource[];
  /** By the URI of their SKILL.md. */
  readonly skills: ReadonlyMap<string, RegisteredSkill>;
  /** Folders of skills, by URI. */
  readonly folders: ReadonlyMap<string, SkillFolder>;
  readonly hasApps: boolean;
  /** Whether calls of any tool may go on as tasks. */
  readonly hasTasks: boolean;
  /** The image files to serve, by path. */
  readonly icons: ReadonlyMap<string, IconFile>;
  readonly tables: readonly TablesModule[];
}

const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_TASK_TIMEOUT_MS = 3_600_000;
const DEFAULT_MAX_RESULT_BYTES = 256 * 1024;
const DEFAULT_MAX_RESULT_TOKENS = 25_000;

/** Checks and compiles declarations. Throws BootError that names every problem and its fix. */
export function createRegistry(surface: Surface): Registry {
  const scopes = createScopeCatalogue(surface.scopes);
  const problems: string[] = [];
  const tools = new Map<string, RegisteredTool>();
  const prompts = new Map<string, RegisteredPrompt>();
  const resources = new Map<string, RegisteredResource>();
  const templates: RegisteredResource[] = [];
  for (const tool of surface.tools ?? []) {
    const found = tools.has(tool.name) ? [`tool "${tool.name}" is declared twice`] : checkTool(tool, scopes.declarations);
    problems.push(...found);
    if (found.length === 0) tools.set(tool.name, registerTool(tool, tools.size));
  }
  for (const prompt of surface.prompts ?? []) {
    const found = prompts.has(prompt.name) ? [`prompt "${prompt.name}" is declared twice`] : checkPrompt(prompt, scopes.declarations);
    problems.push(...found);
    if (found.length === 0) prompts.set(prompt.name, registerPrompt(prompt, prompts.size));
  }
  const extras = compileExtras(surface, scopes.declarations);
  const icons = readIcons(surface);
  problems.push(...extras.problems, ...icons.problems);
  for (const resource of [...(surface.resources ?? []), ...extras.resources]) {
    const taken = resources.has(resource.uri) || templates.some((other) => other.resource.uri === resource.uri);
    const found = taken ? [`resource "${resource.uri}" is declared twice`] : checkResource(resource, scopes.declarations);
    problems.push(...found);
    if (found.length > 0) continue;
    const registered = registerResource(resource, resources.size + templates.length);
    if (registered.template === undefined) resources.set(resource.uri, registered);
    else templates.push(registered);
  }
  problems.push(...checkShown(tools.values(), surface.apps ?? [], scopes));
  if (problems.length > 0) throw new BootError(problems);
  const { skills, folders } = extras;
  const hasApps = (surface.apps ?? []).length > 0;
  const hasTasks = [...tools.values()].some(({ tool }) => tool.task !== undefined);
  const tables = [...new Set([...tools.values()].flatMap(({ tool }) => tool.tables ?? []))];
  return { scopes, tools, prompts, resources, templates, skills, folders, hasApps, hasTasks, icons: icons.files, tables };
}

/** Arguments without what the target marks as sensitive, for all that is written down. */
export function concealed(target: Target, args: unknown): unknown {
  const { concealer } = target as Partial<RegisteredTool>;
  return concealer === undefined ? args : concealer.conceal(args);
}

/** The entry of `tools/list` of a declaration, whatever else is wrong with it. Throws when a schema does not compile. */
export function listedTool(tool: Tool): JsonSchema {
  return registerTool(tool, 0).definition;
}

function registerTool(tool: Tool, index: number): RegisteredTool {
  const input = createValidator(tool.input, "input");
  const output = tool.output === undefined ? undefined : createValidator(tool.output, "output");
  const addsCursor = tool.large === true && !hasCursor(input.schema);
  const definition = {
    name: tool.name,
    title: tool.title,
    description: tool.description,
    inputSchema: addsCursor ? withCursor(input.schema) : input.schema,
    ...(output === undefined ? {} : { outputSchema: listedOutput(output.schema) }),
    annotations: hintsOf(tool),
    ...iconsOf(tool),
    ...(tool.ui === undefined ? {} : { _meta: { ui: { resourceUri: tool.ui.resource, visibility: tool.ui.visibility } } }),
  };
  return {
    ...targetOf({ kind: "tool", name: tool.name, index }, tool),
    kind: "tool",
    effect: tool.effect,
    tool,
    input,
    output,
    concealer: createConcealer(input.schema),
    headerParams: collectHeaderParams(input.schema).params,
    timeoutMs: tool.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    taskTimeoutMs: tool.taskTimeoutMs ?? DEFAULT_TASK_TIMEOUT_MS,
    maxResultBytes: tool.maxResultBytes ?? DEFAULT_MAX_RESULT_BYTES,
    maxResultTokens: tool.maxResultTokens ?? DEFAULT_MAX_RESULT_TOKENS,
    addsCursor,
    definition,
  };
}

function hasCursor({ properties }: JsonSchema): boolean {
  return isRecord(properties) && Object.hasOwn(properties, "cursor");
}

const CURSOR = {
  type: "string",
  description: "Gets the next part of a large result: the cursor that came with the part before, and no other argument.",
};

function withCursor(schema: JsonSchema): JsonSchema {
  const { properties } = schema;
  return { ...schema, properties: { ...(isRecord(properties) ? properties : {}), cursor: CURSOR } };
}

/** All four, since their defaults differ from what most tools are, and some clients take only tools that say each of them (MCP 2026-07-28 ToolAnnotations). */
function hintsOf({ effect, idempotent, openWorld }: Tool): JsonSchema {
  return {
    readOnlyHint: effect === "read",
    destructiveHint: effect === "destructive",
    idempotentHint: idempotent ?? effect === "read",
    openWorldHint: openWorld ?? false,
  };
}

/**
 * An output schema as it is listed: that all members are there is checked here, so that who reads the list need not be told of each. Goes into
 * plain objects and lists only: elsewhere a member that is required may be what tells two shapes apart.
 */
function listedOutput(schema: unknown): unknown {
  if (!isRecord(schema)) return schema;
  const { required, properties, items, ...rest } = schema;
  return {
    ...rest,
    ...(isRecord(properties)
      ? { properties: Object.fromEntries(Object.entries(properties).map(([name, of]) => [name, listedOutput(of)])) }
      : {}),
    ...(items === undefined ? {} : { items: listedOutput(items) }),
    ...(schema["type"] === "object" || required === undefined ? {} : { required }),
  };
}

function registerPrompt(prompt: PromptDeclaration, index: number): RegisteredPrompt {
  const args = Object.entries(prompt.arguments ?? {});
  const definition = {
    name: prompt.name,
    title: prompt.title,
    description: prompt.description,
    arguments: args.map(([name, { description, required }]) => ({ name, description, required: required ?? false })),
    ...iconsOf(prompt),
  };
  return { ...targetOf({ kind: "prompt", name: prompt.name, index }, prompt), kind: "prompt", prompt, definition };
}

function registerResource(resource: CompiledResource, index: number): RegisteredResource {
  const template = isTemplate(resource.uri) ? parseUriTemplate(resource.uri) : undefined;
  if (typeof template === "string") throw new BootError([template]);
  const definition = {
    ...(template === undefined ? { uri: resource.uri } : { uriTemplate: resource.uri }),
    name: resource.name,
    title: resource.title,
    description: resource.description,
    ...(resource.mimeType === undefined ? {} : { mimeType: resource.mimeType }),
    ...iconsOf(resource),
    ...resource.members,
  };
  const { isListed = true } = resource;
  return {
    ...targetOf({ kind: "resource", name: resource.uri, index }, resource),
    kind: "resource",
    resource,
    template,
    isListed,
    definition,
  };
}

function targetOf(place: Pick<Target, "kind" | "name" | "index">, declared: Pick<PromptDeclaration, "scopes" | "discoverable">) {
  const { scopes, discoverable = false } = declared;
  return { ...place, scopes, effect: "read" as const, discoverable, scopesJson: JSON.stringify(scopes) };
}

function iconsOf({ icon }: { readonly icon?: Icon }): JsonSchema {
  const entry = icon === undefined ? undefined : iconEntry(icon);
  return entry === undefined ? {} : { icons: [entry] };
}
