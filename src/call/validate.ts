import type { Problem } from "../audit/index.ts";
import type { RegisteredTool } from "../tool/index.ts";
import type { Grant } from "./authorize.ts";
import { describeIssue, problemsOf } from "./problems/index.ts";

declare const validated: unique symbol;

/** Arguments that fit the tool's input schema, with the grant they were checked under. Only `validate` makes one. */
export interface Input {
  readonly [validated]: true;
  readonly grant: Grant<RegisteredTool>;
  readonly value: unknown;
}

/** What does not fit: a text for the model, and the same for the record. */
export interface Misfit {
  readonly invalid: string;
  readonly problems: readonly Problem[];
}

/** The input, or what is wrong: where, what was expected, an example, and the name that was probably meant. */
export function validate(grant: Grant<RegisteredTool>, args: unknown): Input | Misfit {
  const fitted = fitArguments(grant.target, args);
  return "invalid" in fitted ? fitted : ({ grant, value: fitted.value } as unknown as Input);
}

/** What `validate` finds, without a grant: for the explanation of calls that nobody makes. */
export function fitArguments(target: RegisteredTool, args: unknown): { readonly value: unknown } | Misfit {
  const result = target.input.validate(args);
  if (result.ok) return { value: result.value };
  const lines = result.issues.map((issue) => describeIssue(issue, target.input.schema, args));
  const example = JSON.stringify(target.tool.examples[0].input);
  const invalid = `The arguments of ${target.name} do not fit:\n${lines.join("\n")}\nExample: ${example}`;
  return { invalid, problems: problemsOf(target, result.issues, args) };
}
