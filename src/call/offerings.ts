/** Prompts, resources, skills and completion: what beside tools is offered, through the same decision. */
import { isRefusal, refuse, type Refusal } from "../errors.ts";
import { isRecord } from "../lib/is-record.ts";
import {
  specialKind,
  type Completer,
  type InputRequired,
  type PromptMessage,
  type RegisteredPrompt,
  type RegisteredResource,
  type RegisteredSkill,
  type ResourceContents,
  type Target,
} from "../tool/index.ts";
import type { CallRequest, Ended } from "./call.ts";
import type { Steps, Task } from "./index.ts";
import { answerInputRequired } from "./input-required.ts";
import { execute } from "./run.ts";

const TIMEOUT_MS = 30_000;
const MAX_COMPLETIONS = 100;

/** `prompts/get`. */
export function getPrompt(steps: Steps, request: CallRequest): Task<RegisteredPrompt> {
  const { name, arguments: args = {} } = request.params;
  const target = typeof name === "string" ? steps.registry.prompts.get(name) : undefined;
  if (target === undefined)
    return missing(refuse("not_known", { message: "There is no prompt of this name. prompts/list shows the prompts you may use." }));
  return {
    target,
    act(call) {
      const given = checkPromptArguments(target, args);
      if (isRefusal(given)) return { outcome: "refused", answer: given };
      return execute<readonly PromptMessage[] | InputRequired>(steps.runner, call, {
        target,
        timeoutMs: TIMEOUT_MS,
        start: (context) => target.prompt.run(given, context),
        finish: (value) =>
          isAsking(value)
            ? answerInputRequired(steps.stateKey, call, value)
            : done(`{"description":${JSON.stringify(target.prompt.description)},"messages":${JSON.stringify(value)}}`),
      });
    },
  };
}

function checkPromptArguments(target: RegisteredPrompt, args: unknown): Record<string, string> | Refusal {
  const declared = target.prompt.arguments ?? {};
  if (!isRecord(args)) return refuse("invalid_arguments", { message: "arguments must be an object of strings." });
  for (const [name, value] of Object.entries(args)) {
    if (!Object.hasOwn(declared, name))
      return refuse("invalid_arguments", {
        message: `The prompt ${target.name} takes only: ${Object.keys(declared).join(", ") || "nothing"}.`,
      });
    if (typeof value !== "string") return refuse("invalid_arguments", { message: `The argument ${name} must be a string.` });
  }
  for (const [name, { required }] of Object.entries(declared)) {
    if (required === true && !Object.hasOwn(args, name))
      return refuse("invalid_arguments", { message: `The argument ${name} is required.` });
  }
  return args as Record<string, string>;
}

/** `resources/read`, for fixed URIs and templates. */
export function readResource(steps: Steps, request: CallRequest): Task<RegisteredResource> {
  const { uri } = request.params;
  const found = typeof uri === "string" ? findResource(steps, uri) : undefined;
  if (found === undefined || typeof uri !== "string") return missing(noResource(uri));
  return {
    target: found.target,
    act: (call) =>
      execute<readonly ResourceContents[] | InputRequired | undefined>(steps.runner, call, {
        target: found.target,
        timeoutMs: TIMEOUT_MS,
        start: (context) => found.target.resource.read(found.variables, Object.assign(context, { uri })),
        finish(value) {
          if (value === undefined) return { outcome: "refused", answer: noResource(uri) };
          if (isAsking(value)) return answerInputRequired(steps.stateKey, call, value);
          return done(`{"contents":${JSON.stringify(value)}}`);
        },
      }),
  };
}

function findResource(
  steps: Steps,
  uri: string,
): { readonly target: RegisteredResource; readonly variables: Readonly<Record<string, string>> } | undefined {
  const fixed = steps.registry.resources.get(uri);
  if (fixed !== undefined) return { target: fixed, variables: {} };
  for (const target of steps.registry.templates) {
    const variables = target.template?.match(uri);
    if (variables !== undefined) return { target, variables };
  }
  return undefined;
}

/** MCP 2026-07-28: -32602 with the URI, never empty contents. */
function noResource(uri: unknown): Refusal {
  const data = typeof uri === "string" ? { uri: uri.slice(0, 2048) } : {};
  return refuse("not_known", { message: "There is no resource at this URI. resources/list shows what you may read.", data });
}

/** `completion/complete`, for arguments of prompts and variables of resource templates. */
export function complete(steps: Steps, request: CallRequest): Task<Target> {
  const { ref, argument } = request.params;
  if (!isRecord(ref) || !isRecord(argument) || typeof argument["name"] !== "string" || typeof argument["value"] !== "string") {
    return missing(refuse("invalid_arguments", { message: "completion/complete takes ref, and argument with name and value." }));
  }
  const found = findCompleter(steps, ref, argument["name"]);
  if (found === undefined) return missing(refuse("not_known", { message: "There is no such prompt or resource template." }));
  const { target, completer } = found;
  const value = argument["value"];
  return {
    target,
    act: (call) =>
      execute(steps.runner, call, {
        target,
        timeoutMs: TIMEOUT_MS,
        start: (context) => completer?.(value, context) ?? [],
        finish(all) {
          const values = all.slice(0, MAX_COMPLETIONS);
          return done(JSON.stringify({ completion: { values, total: all.length, hasMore: all.length > values.length } }));
        },
      }),
  };
}

function findCompleter(
  steps: Steps,
  ref: Record<string, unknown>,
  name: string,
): { readonly target: Target; readonly completer: Completer | undefined } | undefined {
  if (ref["type"] === "ref/prompt" && typeof ref["name"] === "string") {
    const target = steps.registry.prompts.get(ref["name"]);
    const declared = target?.prompt.arguments ?? {};
    if (target !== undefined) return { target, completer: Object.hasOwn(declared, name) ? declared[name]?.complete : undefined };
  }
  if (ref["type"] === "ref/resource" && typeof ref["uri"] === "string") {
    const target = steps.registry.templates.find(({ resource }) => resource.uri === ref["uri"]) ?? steps.registry.resources.get(ref["uri"]);
    const declared = target?.resource.complete ?? {};
    if (target !== undefined) return { target, completer: Object.hasOwn(declared, name) ? declared[name] : undefined };
  }
  return undefined;
}

/** `skills/get` (MCP extension `io.modelcontextprotocol/skills`): the entry of the skill whose SKILL.md is at this URI. */
export function getSkill({ registry }: Steps, { params }: CallRequest): Task<RegisteredSkill> {
  const target = typeof params["uri"] === "string" ? registry.skills.get(params["uri"]) : undefined;
  if (target === undefined)
    return missing(refuse("not_known", { message: "There is no skill at this URI. skills/list shows the skills you may read." }));
  return { target, act: () => done(`{"skill":${JSON.stringify(target.definition)}}`) };
}

/** `resources/directory/read`: what lies directly in a folder of a skill, in one page. */
export function readDirectory({ registry }: Steps, { params }: CallRequest): Task<RegisteredSkill> {
  const folder = typeof params["uri"] === "string" ? registry.folders.get(params["uri"]) : undefined;
  if (folder === undefined)
    return missing(refuse("not_known", { message: "There is no folder at this URI. skills/list shows the skills you may read." }));
  if (params["cursor"] !== undefined)
    return missing(refuse("invalid_arguments", { message: "This cursor is not one of this list. Start again without a cursor." }));
  return { target: folder.skill, act: () => done(`{"resources":${folder.json}}`) };
}

function missing(refusal: Refusal): Task<never> {
  return {
    target: refusal,
    act: () => Promise.reject(new Error("nothing was granted")),
  };
}

function isAsking(value: unknown): value is InputRequired {
  return specialKind(value) === "input_required";
}

function done(json: string): Ended {
  return { outcome: "ok", answer: { type: "complete", json } };
}
