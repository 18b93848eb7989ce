import type { LintScope } from "../catalogue.ts";
import { type Rule, type View } from "../rule.ts";
import { isMutatingName } from "../words.ts";

const MAX_TOOLS_OF_A_SCOPE = 10;
const MIN_SENTENCE_CHARS = 15;

function* declaredIn({ tools }: View) {
  for (const tool of tools) if (tool.declared !== undefined) yield { name: tool.name, ...tool.declared };
}

function isForReading(name: string, scope: LintScope | undefined): boolean {
  return scope === undefined ? name.endsWith(":read") : scope.access === "read";
}

export const accessRules: readonly Rule[] = [
  {
    id: "scope-missing",
    group: "access",
    severity: "error",
    about: "A tool without a scope may be called by everybody who has any token.",
    fix: "Give it the scope that a person would have to agree to.",
    *check(view) {
      for (const { name, scopes } of declaredIn(view)) if (scopes.length === 0) yield { tool: name, message: "It needs no scope." };
    },
  },
  {
    id: "scope-unknown",
    group: "access",
    severity: "error",
    about: "A scope that is not declared can be granted to nobody, so nobody can call the tool.",
    fix: "Declare the scope, or correct its name.",
    *check(view) {
      for (const { name, scopes } of declaredIn(view)) {
        for (const scope of scopes) {
          if (!Object.hasOwn(view.scopes ?? {}, scope)) yield { tool: name, scope, message: `The scope "${scope}" is not declared.` };
        }
      }
    },
  },
  {
    id: "scope-read-on-write",
    group: "access",
    severity: "error",
    about: "A tool that changes something is open to everybody who was only allowed to look.",
    fix: "Add a scope whose access is write.",
    *check(view) {
      for (const { name, scopes, effect } of declaredIn(view)) {
        if (scopes.length === 0 || (effect === "read" && !isMutatingName(name))) continue;
        if (!scopes.every((scope) => isForReading(scope, view.scopes?.[scope]))) continue;
        yield {
          tool: name,
          message: `It changes something (${effect === "read" ? "its name says so" : effect}) and needs only ${scopes.join(" ")}.`,
        };
      }
    },
  },
  {
    id: "scope-wide",
    group: "access",
    severity: "warning",
    about: "One scope that guards more than ten tools, or everything, is agreed to as a whole: nobody can grant less.",
    fix: "Divide it by what people would grant apart.",
    *check(view) {
      const declared = [...declaredIn(view)];
      for (const scope of Object.keys(view.scopes ?? {})) {
        const guarded = declared.filter(({ scopes }) => scopes.includes(scope)).length;
        if (scope === "*" || scope.endsWith(":*")) yield { scope, message: `The scope "${scope}" is for everything.` };
        else if (guarded > MAX_TOOLS_OF_A_SCOPE) yield { scope, message: `The scope "${scope}" guards ${guarded} tools.` };
      }
    },
  },
  {
    id: "scope-undescribed",
    group: "access",
    severity: "warning",
    about: "The consent page shows what a scope allows in the words of its description; without a sentence people agree blindly.",
    fix: "Describe what a holder may do, in a sentence for the person who is asked.",
    *check({ scopes = {} }) {
      for (const [scope, { description }] of Object.entries(scopes)) {
        if (description.trim().length >= MIN_SENTENCE_CHARS && /\s/.test(description.trim())) continue;
        yield { scope, message: `The scope "${scope}" has no sentence that a person can agree to.` };
      }
    },
  },
];
