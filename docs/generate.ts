/** Writes the reference pages that are made from the code: `npm run docs`. A test fails while a page differs from what this makes. */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { OPTIONS } from "../src/config.ts";
import { controlPlane } from "../src/control-plane/index.ts";
import { RULES as FAULTS } from "../src/doctor/index.ts";
import { WIRE, type WireForm } from "../src/errors.ts";
import { PLAIN_NAMES, RULES } from "../src/lint/index.ts";
import { createRegistry, type RegisteredTool, type ScopeDeclarations } from "../src/tool/index.ts";
import { MODEL_APIS, reportPortability } from "../src/tool/portability.ts";

const registry = createRegistry(controlPlane);

/** Every generated page: its path from the root of the package, and its text. */
export const PAGES: Readonly<Record<string, string>> = {
  "docs/reference/configuration.md": configuration(),
  "docs/reference/doctor.md": doctor(),
  "docs/reference/errors.md": errors(),
  "docs/reference/lint.md": lint(),
  "docs/reference/tools.md": tools(),
};

function configuration(): string {
  const rows = Object.entries(OPTIONS).map(([name, option]) => {
    const parsed = option.safeParse(undefined);
    const value = parsed.success && parsed.data !== undefined ? code(String(parsed.data)) : "–";
    return [code(name), value, option.description ?? ""];
  });
  return page("Configuration", [
    "Every option is an environment variable. Empty counts as absent. A value that does not fit stops the start and is named.",
    table(["Name", "Default", "Meaning"], rows),
  ]);
}

function errors(): string {
  const rows = Object.entries<WireForm>(WIRE).map(([reason, form]) => {
    return [code(reason), String(form.status), form.oauth === undefined ? "–" : code(form.oauth), String(form.rpc), form.text];
  });
  return page("Errors", [
    "Every way a request can be refused. `reason` is what the ledger records. The body is a JSON-RPC error with the code and a text. A 401, and the 403 for a scope, have the challenge in `WWW-Authenticate` and a body of OAuth's form instead (RFC 6750 §3).",
    table(["Reason", "HTTP", "OAuth error", "JSON-RPC", "Text"], rows),
    "Two kinds of trouble are results and no errors, so that the model can read them: arguments that do not fit, and a tool that says it could not do what was asked. Both are a `tools/call` result with `isError: true`.",
  ]);
}

function doctor(): string {
  const rows = Object.entries(FAULTS).map(([rule, { severity, about, fix, source }]) => [code(rule), severity, about, fix, source]);
  return page("What remit doctor finds", [
    "What `remit doctor URL` can find at an MCP server. [The guide](../guide/doctor.md) shows how to use it. `error`: a MUST is broken, clients fail, or a hole is open. `warning`: some clients fail, or a protection is missing. `info`: worth knowing; the exit code stays 0.",
    table(["Rule", "Severity", "What is wrong", "What to do", "Where it is written"], rows),
  ]);
}

function lint(): string {
  const groups = [...Map.groupBy(RULES, ({ group }) => group)].flatMap(([group, rules]) => [
    `## ${group[0]?.toUpperCase()}${group.slice(1)}`,
    table(
      ["Rule", "Severity", "What it finds, and why", "What to do"],
      rules.map(({ id, severity, about, fix }) => [code(id), severity, about, fix]),
    ),
  ]);
  return page("Lint rules", [
    "What `remit lint` holds tools to. [The guide](../guide/lint.md) shows how to use it. Tokens are characters divided by 4.3, so they are marked with ≈.",
    ...groups,
    `## Names that need no description\n\n${[...PLAIN_NAMES].map(code).join(", ")}, in any style of writing.`,
  ]);
}

function tools(): string {
  const { declarations } = registry.scopes;
  const scopes = Object.entries(declarations).map(([name, scope]) => {
    const includes = (scope.includes ?? []).map(code).join(", ") || "–";
    return [code(name), scope.description, scope.access, includes, scope.baseline === true ? "yes" : "no"];
  });
  const all = [...registry.tools.values()];
  return page("Tools", [
    "The tools that `npm start` serves. An agent sees those whose scopes it holds, and no other.",
    "## Scopes\n\nBaseline scopes are those that the first 401 asks for.",
    table(["Scope", "Allows", "Access", "Includes", "Baseline"], scopes),
    ...all.map((tool) => describeTool(tool, declarations)),
    "## Portability\n\nWhether each input schema fits a model API unchanged. Clients often rewrite schemas before they send them, so a reason here is a hint and no fault.",
    portability(),
  ]);
}

function describeTool({ tool, input, output, definition }: RegisteredTool, scopes: ScopeDeclarations): string {
  const needed = tool.scopes.map((scope) => `${code(scope)} (${scopes[scope]?.description ?? ""})`).join(", ");
  const hints = Object.entries(definition["annotations"] as object).map(([name, value]) => `${name}: ${String(value)}`);
  return [
    `## ${tool.name}`,
    `**${tool.title}.** ${tool.description}`,
    `- Needs: ${needed}\n- Effect: ${tool.effect}${tool.effect === "destructive" ? ", held until a person approves its plan" : ""}${undoable(tool.undo)}\n- Annotations: ${hints.join(", ")}`,
    `Input:\n\n${json(input.schema)}`,
    ...(output === undefined ? ["Output: content."] : [`Output:\n\n${json(output.schema)}`]),
    ...tool.examples.map((example) => {
      const answer = example.output === undefined ? "" : `\n\nanswers\n\n${json(example.output)}`;
      return `Example: ${example.title}\n\n${json(example.input)}${answer}`;
    }),
  ].join("\n\n");
}

function portability(): string {
  const rows = reportPortability(registry).map((report) => {
    return [code(report.tool), ...MODEL_APIS.map((api) => report[api].join("; ") || "fits")];
  });
  return table(["Tool", "OpenAI, strict", "Gemini", "Claude"], rows);
}

function page(title: string, parts: readonly string[]): string {
  return [`# ${title}`, "<!-- Made by `npm run docs`; changes by hand are overwritten. -->", ...parts].join("\n\n") + "\n";
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

function code(text: string): string {
  return `\`${text}\``;
}

function undoable(undo: { readonly windowSeconds: number } | undefined): string {
  return undo === undefined ? "" : `; can be undone within ${undo.windowSeconds / 3600} h`;
}

function json(value: unknown): string {
  return `\`\`\`json\n${JSON.stringify(value, null, 2)}\n\`\`\``;
}

if (import.meta.main) {
  const root = new URL("../", import.meta.url);
  for (const [path, text] of Object.entries(PAGES)) {
    writeFileSync(new URL(path, root), text);
    console.log(fileURLToPath(new URL(path, root)));
  }
}
