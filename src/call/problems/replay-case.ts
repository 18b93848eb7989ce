import type { FailureCase } from "../../audit/index.ts";
import type { Registry, RegisteredTool } from "../../tool/index.ts";
import { decide } from "../authorize.ts";
import { authorityOf, NO_POLICY } from "../policy/index.ts";
import { problemsOf } from "./problems-of.ts";

/** Whether a call that went wrong would go wrong in the same way today. */
export interface Replayed {
  readonly id: string;
  readonly fails: boolean;
  /** Why, in a sentence. */
  readonly says: string;
}

type Declared = Pick<Registry, "tools" | "prompts" | "resources" | "scopes">;

/** Holds a case against what is declared now. Nothing is run, and nothing is put on record. */
export function replayCase(declared: Declared, given: FailureCase): Replayed {
  const { id, target } = given;
  const names = namesOf(declared, given);
  if (names !== undefined) {
    const isKnown = names.has(target);
    return { id, fails: !isKnown, says: isKnown ? `${target} exists.` : `There is still nothing named ${target}.` };
  }
  const tool = declared.tools.get(target) ?? declared.prompts.get(target) ?? declared.resources.get(target);
  if (tool === undefined) return { id, fails: true, says: `There is no ${target} any more, so such a call fails earlier.` };
  if (given.cause === "missing_scope") {
    const { missing } = decide(authorityOf(declared.scopes.parse(given.held.join(" ")), NO_POLICY), tool);
    const fails = missing.includes(given.detail);
    return { id, fails, says: fails ? `${target} still needs ${given.detail}.` : `The scopes of that caller do for ${target}.` };
  }
  if (tool.kind !== "tool") return { id, fails: true, says: `${target} takes no arguments.` };
  return replayArguments(tool, given);
}

function namesOf({ tools, prompts, resources }: Declared, { cause }: FailureCase): ReadonlyMap<string, unknown> | undefined {
  if (cause === "unknown_tool") return tools;
  if (cause === "unknown_prompt") return prompts;
  return cause === "unknown_resource" ? resources : undefined;
}

function replayArguments(tool: RegisteredTool, given: FailureCase): Replayed {
  const { id, target } = given;
  if (given.arguments === undefined)
    return { id, fails: true, says: "The arguments were too much to keep, so this cannot be tried again." };
  const result = tool.input.validate(given.arguments);
  const problems = result.ok ? [] : problemsOf(tool, result.issues, given.arguments);
  const same = problems.find(({ code, path }) => code === given.cause && isWithin(path, given));
  if (same === undefined) return { id, fails: false, says: `${target} takes ${given.path || "such arguments"} as it came.` };
  const expected = same.expected ?? `no ${given.detail}`;
  return { id, fails: true, says: `${target} still expects ${expected}${given.path === "" ? "" : ` at ${given.path}`}.` };
}

/** Whether a place in arguments is one that the case is about. */
function isWithin(path: string, { cause, path: place, detail }: FailureCase): boolean {
  const wanted = `${place}${cause === "unknown_parameter" ? "/*" : ""}`.split("/");
  const parts = path.split("/");
  if (parts.length !== wanted.length) return false;
  if (cause === "unknown_parameter" && detail !== parts.at(-1) && !detail.startsWith("(")) return false;
  return wanted.every((part, i) => part === "*" || part === parts[i]);
}
