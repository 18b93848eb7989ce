/** What refuses to boot: each problem names the declaration and the fix. */
import type { PromptDeclaration, ResourceDeclaration } from "./define-resource.ts";
import type { JsonSchema, Tool } from "./define-tool.ts";
import { findHiddenIn } from "./hidden-text.ts";
import { collectHeaderParams, createValidator, type Validator } from "./schema/index.ts";
import type { ScopeDeclarations } from "./scopes.ts";
import { isTemplate, parseUriTemplate } from "./uri-template.ts";

const NAME = /^[A-Za-z0-9_-]{1,64}$/;
const MIN_DESCRIPTION_CHARS = 10;
/** A week. */
const MAX_TASK_MS = 604_800_000;
/** Clients and what stands between wait for an answer about as long. */
const MAX_TASK_AFTER_MS = 60_000;

interface Described {
  readonly title: string;
  readonly description: string;
  readonly scopes: readonly string[];
}

/** Problems of one tool, empty when it is sound. */
export function checkTool(tool: Tool, scopes: ScopeDeclarations): string[] {
  const label = `tool "${tool.name}"`;
  const problems = [...checkName(tool.name), ...checkDescribed(tool, scopes), ...checkEffect(tool, scopes), ...checkTask(tool)];
  if (tool.examples.length === 0) problems.push("has no examples; add at least one that a model can follow");
  const input = compile(() => createValidator(tool.input, "input"));
  const output = tool.output === undefined ? undefined : compile(() => createValidator(tool.output as JsonSchema, "output"));
  if (typeof input === "string") problems.push(`has an input schema that does not compile: ${input}`);
  else problems.push(...checkInput(tool, input));
  if (typeof output === "string") problems.push(`has an output schema that does not compile: ${output}`);
  else if (output !== undefined) problems.push(...checkOutputs(tool, output));
  const texts = [
    tool.title,
    tool.description,
    tool.examples.map(({ title, input: value }) => [title, value]),
    schemaOf(input),
    schemaOf(output),
  ];
  return [...problems, ...checkHidden(texts)].map((problem) => `${label} ${problem}`);
}

/** Problems of one prompt. */
export function checkPrompt(prompt: PromptDeclaration, scopes: ScopeDeclarations): string[] {
  const problems = [...checkName(prompt.name), ...checkDescribed(prompt, scopes)];
  for (const [name, argument] of Object.entries(prompt.arguments ?? {})) {
    if (argument.description.trim() === "") problems.push(`has an argument "${name}" without a description`);
  }
  return [...problems, ...checkHidden([prompt.title, prompt.description, prompt.arguments])].map(
    (problem) => `prompt "${prompt.name}" ${problem}`,
  );
}

/** Problems of one resource or resource template. */
export function checkResource(resource: ResourceDeclaration, scopes: ScopeDeclarations): string[] {
  const problems = checkDescribed(resource, scopes);
  if (isTemplate(resource.uri)) {
    const template = parseUriTemplate(resource.uri);
    if (typeof template === "string") problems.push(`has a URI template that is not served: ${template}`);
  } else if (!URL.canParse(resource.uri)) problems.push("has a URI that does not parse; use one such as docs://guide");
  return [...problems, ...checkHidden([resource.uri, resource.name, resource.title, resource.description, resource.mimeType])].map(
    (problem) => `resource "${resource.uri}" ${problem}`,
  );
}

function checkName(name: string): string[] {
  return NAME.test(name) ? [] : ["has a name that clients refuse; use 1 to 64 of A-Z a-z 0-9 _ -"];
}

function checkDescribed(declared: Described, scopes: ScopeDeclarations): string[] {
  const problems: string[] = [];
  if (declared.title.trim() === "") problems.push("has no title; say in a few words what it does");
  if (declared.description.trim().length < MIN_DESCRIPTION_CHARS)
    problems.push("has no description; say what it does, when to use it and what comes back");
  return [...problems, ...checkScopes(declared.scopes, scopes)];
}

export function checkScopes(needed: readonly string[], scopes: ScopeDeclarations): string[] {
  const problems: string[] = [];
  if (needed.length === 0) problems.push('has no scopes; add scopes: ["…"], because nothing here may be called by everybody');
  for (const scope of needed) {
    if (!Object.hasOwn(scopes, scope))
      problems.push(`needs the scope "${scope}", which is not declared; add it to defineScopes or correct the name`);
  }
  return problems;
}

const EFFECTS: readonly string[] = ["read", "write", "destructive"] satisfies Tool["effect"][];

function checkEffect(tool: Tool, scopes: ScopeDeclarations): string[] {
  if (!EFFECTS.includes(tool.effect)) return [`has the effect ${JSON.stringify(tool.effect)}; use one of ${EFFECTS.join(", ")}`];
  const problems = checkReversal(tool);
  if (tool.effect === "read" || tool.scopes.length === 0) return problems;
  if (tool.scopes.some((scope) => scopes[scope]?.access === "write")) return problems;
  return [...problems, `has the effect "${tool.effect}" but can be reached with read scopes alone; add a scope whose access is "write"`];
}

function checkReversal({ effect, plan, undo }: Tool): string[] {
  const problems: string[] = [];
  if (effect === "destructive" && plan === undefined)
    problems.push(
      'is destructive but has no plan; add plan(input, context) that returns what the call would change, or make it effect: "write"',
    );
  if (undo === undefined) return problems;
  if (effect === "read") problems.push('has undo but the effect "read"; remove undo or correct the effect');
  if (!Number.isFinite(undo.windowSeconds) || undo.windowSeconds <= 0)
    problems.push("has an undo without a window; set windowSeconds to a number of seconds above 0");
  return problems;
}

function checkTask({ task, taskTimeoutMs = 1, taskAfterMs = 0 }: Tool): string[] {
  const problems: string[] = [];
  if (!Number.isInteger(taskTimeoutMs) || taskTimeoutMs < 1 || taskTimeoutMs > MAX_TASK_MS)
    problems.push(`has a taskTimeoutMs that is not a whole number from 1 to ${MAX_TASK_MS}`);
  if (!Number.isInteger(taskAfterMs) || taskAfterMs < 0 || taskAfterMs > MAX_TASK_AFTER_MS)
    problems.push(`has a taskAfterMs that is not a whole number from 0 to ${MAX_TASK_AFTER_MS}`);
  if (task === undefined && (taskTimeoutMs !== 1 || taskAfterMs !== 0))
    problems.push('sets taskTimeoutMs or taskAfterMs but never runs as a task; add task: "allowed"');
  return problems;
}

function checkInput(tool: Tool, input: Validator): string[] {
  const problems: string[] = [];
  if (input.schema["type"] !== "object")
    problems.push('has an input schema whose root is not type "object" (MCP 2026-07-28 Tool.inputSchema)');
  problems.push(...collectHeaderParams(input.schema).problems.map((problem) => `has a bad header parameter: ${problem}`));
  for (const example of tool.examples) {
    const result = input.validate(example.input);
    if (result.ok) continue;
    const issue = result.issues[0];
    problems.push(
      `has an example "${example.title}" that its input schema refuses at ${issue?.path || "the root"}: expected ${issue?.expected}`,
    );
  }
  return problems;
}

function checkOutputs(tool: Tool, output: Validator): string[] {
  const problems: string[] = [];
  for (const example of tool.examples) {
    if (example.output === undefined) continue;
    const result = output.validate(example.output);
    if (result.ok) continue;
    const issue = result.issues[0];
    problems.push(
      `has an example "${example.title}" whose output its output schema refuses at ${issue?.path || "the root"}: expected ${issue?.expected}`,
    );
  }
  return problems;
}

export function checkHidden(texts: unknown): string[] {
  const hidden = findHiddenIn(texts);
  return hidden === undefined
    ? []
    : [`has a hidden character ${hidden.character} in its texts; remove it, because a model reads what a reviewer cannot see`];
}

function schemaOf(validator: Validator | string | undefined): JsonSchema | undefined {
  return typeof validator === "object" ? validator.schema : undefined;
}

function compile(make: () => Validator): Validator | string {
  try {
    return make();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
