import { escapeUnsafe } from "../../lib/escape-unsafe.ts";
import type { Proposal } from "./propose.ts";
import type { ProposedTool } from "./propose-tool.ts";
import { API_SOURCE } from "./api-source.ts";

/**
 * The files of a proposal by their path. Everything that comes from the document stands in them as a JSON text and nowhere else: not in
 * comments, names or templates.
 */
export function renderFiles(proposal: Proposal, packageName = "remit"): ReadonlyMap<string, string> {
  const tools = proposal.tools.map((tool): [string, string] => [fileOf(tool), renderTool(tool, packageName)]);
  return new Map([
    ["surface.ts", renderSurface(proposal)],
    [
      "scopes.ts",
      `import { defineScopes } from ${literal(packageName)};\n\nexport const scopes = defineScopes(${literal(proposal.scopes)});\n`,
    ],
    ["api.ts", renderApi(proposal, packageName)],
    ...tools,
    ["REVIEW.md", renderReview(proposal)],
  ]);
}

const fileOf = ({ name }: ProposedTool): string => `tools/${name.replaceAll("_", "-")}.ts`;

/**
 * A value as source: JSON is TypeScript, but for the one key that means something else there, and what ends lines or hides. Each key stands
 * at the beginning of a line, and no text goes over lines, so that quotes can be taken from keys that need none.
 */
function literal(value: unknown, indent = ""): string {
  return JSON.stringify(value, null, 2)
    .split("\n")
    .map((line) =>
      escapeUnsafe(line).replace(KEY, (_all, space: string, key: string) =>
        key === "__proto__" ? `${space}["__proto__"]: ` : `${space}${key}: `,
      ),
    )
    .join(`\n${indent}`);
}

const KEY = /^( *)"([A-Za-z_][A-Za-z0-9_]*)": /;

function renderSurface({ tools, upstream }: Proposal): string {
  const imports = tools.map((tool) => `import { ${tool.binding} } from ${literal(`./${fileOf(tool)}`)};`);
  return `/** The proposed tools. Give all of this to createServer: \`createServer({ ...surface })\`. */
import { upstreams } from "./api.ts";
import { scopes } from "./scopes.ts";
${imports.join("\n")}

export { scopes, upstreams };
export const tools = [
${tools.map(({ binding }) => `  ${binding},`).join("\n")}
];
export const surface = { scopes, tools, upstreams };
${upstream === undefined ? "" : `\n// The secret of the API is stored for each workspace: npx remit upstream set ${upstream}\n`}`;
}

function renderApi({ base, upstream }: Proposal, packageName: string): string {
  const upstreams = upstream === undefined ? "{}" : `{ ${upstream}: { audience: BASE, kind: "vault" } } as const`;
  return `import { toolError, type ToolContext } from ${literal(packageName)};

/** Where the API is. Requests go nowhere else. */
const BASE = ${literal(base)};

/** Whose credential is sent; undefined for none. */
const UPSTREAM: string | undefined = ${upstream === undefined ? "undefined" : literal(upstream)};

export const upstreams = ${upstreams};
${API_SOURCE}`;
}

function renderTool(tool: ProposedTool, packageName: string): string {
  const { name, title, description, scope, effect, idempotent, input, example } = tool;
  const { method, path, inPath, inQuery, inHeaders, body, auth } = tool;
  const isDestructive = effect === "destructive";
  return `import { defineTool } from ${literal(packageName)};
import { callApi, ${isDestructive ? "planCall, " : ""}type ApiCall } from "../api.ts";

const CALL: ApiCall = ${literal({ method, path, inPath, inQuery, inHeaders, body, auth })};

export const ${tool.binding} = defineTool({
  name: ${literal(name)},
  title: ${literal(title)},
  description: ${literal(description)},
  scopes: [${literal(scope)}],
  effect: ${literal(effect)},
  idempotent: ${literal(idempotent)},
  openWorld: true,
  input: ${literal(input, "  ")},
  examples: [{ title: ${literal(title)}, input: ${literal(example, "  ")} }],
${isDestructive ? "  plan: (input) => planCall(CALL, input),\n" : ""}  run: (input, context) => callApi(context, CALL, input),
});
`;
}

function renderReview({ tools, notes, base }: Proposal): string {
  const rows = tools.map(
    ({ name, method, path, effect, scope }) => `| ${code(name)} | ${code(`${method} ${path}`)} | ${effect} | ${code(scope)} |`,
  );
  const told = notes.map(({ where, text }) => `- ${code(where)}: ${code(text)}`);
  return `# What to review

These tools were proposed from a document, and a document cannot say all that matters here.

- Effects go by the method: GET reads, POST, PUT and PATCH write, DELETE is destructive. A POST that only searches reads; one that sends
  money or mails may deserve "destructive".
- Scopes go by tag or path. One scope for what one person would allow together.
- Titles and descriptions are the document's words, and models act on them. Read each.
- What a plan of a destructive tool says is only the request. Say what would be lost.
- Give what comes back a shape: an \`output\` schema, and no more than the model needs.
- Delete what no agent needs: few tools that do a job each are chosen better than all of an API.

Requests go to ${code(base)}.

| Tool | Calls | Effect | Scope |
| --- | --- | --- | --- |
${rows.join("\n")}
${told.length === 0 ? "" : `\n## Notes\n\n${told.join("\n")}\n`}`;
}

/** Texts of the document as code: no markup in them means anything. */
function code(text: string): string {
  return `\`${escapeUnsafe(text).replaceAll("`", "'").replaceAll("|", "/")}\``;
}
