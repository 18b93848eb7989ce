import { didYouMean } from "../../lib/did-you-mean.ts";
import type { FailureRow } from "../../store/index.ts";
import type { FailureCause, FailureCluster, FailureFix, Registry } from "../../tool/index.ts";
import { OTHER_NAME } from "./failure-of.ts";

type Declared = Pick<Registry, "tools" | "prompts" | "resources">;
type Proposal = { readonly likely: string; readonly meant?: string | undefined; readonly fix: FailureFix };

/** A cluster with what likely causes it, what was meant, and what would make it go away. */
export function propose(row: FailureRow, declared: Declared): FailureCluster {
  const cause = row.cause as FailureCause;
  const { likely, meant, fix } = PROPOSALS[cause](row, declared);
  return {
    id: row.id,
    workspaceId: row.workspace_id,
    cause,
    target: row.target,
    path: row.path,
    detail: row.detail,
    expected: row.expected,
    calls: row.calls,
    agents: JSON.parse(row.agents) as string[],
    firstAt: row.first_at,
    lastAt: row.last_at,
    decision: row.decision,
    likely,
    meant,
    fix,
  };
}

const PROPOSALS: Readonly<Record<FailureCause, (row: FailureRow, declared: Declared) => Proposal>> = {
  unknown_tool: ({ target }, { tools }) => unknownName("tool", target, tools.keys()),
  unknown_prompt: ({ target }, { prompts }) => unknownName("prompt", target, prompts.keys()),
  unknown_resource: ({ target }, { resources }) => unknownName("resource", target, resources.keys()),
  unknown_parameter({ target, path, detail, suggestion }) {
    const place = path === "" ? "" : ` in ${path}`;
    if (suggestion !== "") {
      return {
        likely: `Agents write ${detail}${place} where ${target} has ${suggestion}.`,
        meant: suggestion,
        fix: { kind: "alias", from: detail, to: suggestion, text: `Take ${detail} as another name of ${suggestion} in ${target}.` },
      };
    }
    return {
      likely: `Agents expect ${target} to have ${aOr(detail, "a parameter")}${place}, and nothing like it is declared.`,
      fix: describe(`Say in the description of ${target} what does this instead, or add ${aOr(detail, "the parameter")}${place}.`),
    };
  },
  wrong_type: ({ target, path, detail, expected, suggestion }) => ({
    likely: `Agents send ${detail === "" ? "another type" : detail} for ${path || "the arguments"} of ${target}, which takes ${expected}.`,
    meant: suggestion || undefined,
    fix: describe(`Show ${path || "them"} of ${target} as ${expected} in an example and in its description${suffix(suggestion)}.`),
  }),
  wrong_value: ({ target, path, expected, suggestion }) => ({
    likely: `Agents do not know which values ${path || "the arguments"} of ${target} takes.`,
    meant: suggestion || undefined,
    fix: describe(`Name the values in the description of ${path || target}: ${expected}.`),
  }),
  missing_parameter: ({ target, path, expected }) => ({
    likely: `Agents call ${target} without ${path}, as if it were optional.`,
    fix: { kind: "default", text: `Give ${path} of ${target} a default, or say in the description that it is needed (${expected}).` },
  }),
  missing_scope: ({ target, detail }) => ({
    likely: `Agents try ${target} without the scope ${detail}: they were granted less than their work needs, or take it for another tool.`,
    fix: {
      kind: "scope",
      text: `Grant ${detail} to the agents named here, or, if they should not use ${target}, say in its description for whom it is.`,
    },
  }),
  out_of_range: ({ target, path, expected }) => ({
    likely: `Agents do not know the limits of ${path} of ${target}: ${expected}.`,
    fix: describe(`Say the limits in the description of ${path} of ${target}: ${expected}.`),
  }),
  wrong_format: ({ target, path, expected }) => ({
    likely: `Agents do not know the form of ${path} of ${target}: ${expected}.`,
    fix: describe(`Show a value of the right form in the description of ${path} of ${target}: ${expected}.`),
  }),
  invalid: ({ target, path, expected }) => ({
    likely: `What agents send for ${path || "the arguments"} of ${target} is not ${expected || "a valid value"}.`,
    fix: describe(`Explain ${path || "the arguments"} in the description of ${target}, with one more example.`),
  }),
};

function unknownName(kind: string, name: string, names: Iterable<string>): Proposal {
  if (name === OTHER_NAME)
    return { likely: `Agents call what is no name of a ${kind}.`, fix: describe("Look at the calls on record: a client may be broken.") };
  const meant = didYouMean(name, names);
  if (meant === undefined) {
    return {
      likely: `Agents expect a ${kind} ${name}: they remember it from elsewhere, or it was removed.`,
      fix: describe(`Say in the server's instructions what does the work of ${name}, or that nothing does.`),
    };
  }
  return {
    likely: `Agents misremember the name of ${meant}.`,
    meant,
    fix: { kind: "alias", from: name, to: meant, text: `Offer ${meant} under the name ${name} too, or rename it.` },
  };
}

function describe(text: string): FailureFix {
  return { kind: "description", text };
}

function aOr(name: string, other: string): string {
  return name === OTHER_NAME ? other : name;
}

function suffix(suggestion: string): string {
  return suggestion === "" ? "" : `: ${suggestion}`;
}
