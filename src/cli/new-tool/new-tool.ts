import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import type { Effect, ScopeDeclaration } from "../../tool/index.ts";
import { EXIT, ExitError } from "../exit.ts";
import { findSurface, loadSurface } from "../project/index.ts";
import { listTool } from "./list-tool.ts";
import { renderTest, renderTool } from "./render-tool.ts";

export interface NewToolOrder {
  readonly name: string;
  readonly effect: Effect;
  readonly scope?: string | undefined;
  readonly description?: string | undefined;
  /** Of the project. Default: this one. */
  readonly folder?: string | undefined;
}

export interface NewTool {
  readonly tool: string;
  /** Name of the constant. */
  readonly binding: string;
  readonly scope: string;
  readonly files: readonly { readonly path: string; readonly done: "written" | "extended" }[];
  /** Whether it stands in the list of tools. */
  readonly isListed: boolean;
}

const NAME = /^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/;
const MAX_NAME_CHARS = 64;
/** Words that cannot be names of constants, as far as they can be names of tools. */
const RESERVED =
  /^(?:await|break|case|catch|class|const|continue|debugger|default|delete|do|else|enum|export|extends|false|finally|for|function|if|implements|import|in|instanceof|interface|let|new|null|package|private|protected|public|return|static|super|switch|this|throw|true|try|typeof|var|void|while|with|yield|tools|kept|test|assert)$/;

/** Writes a tool and its test into a project. Nothing that is there is written over. Throws ExitError. */
export async function newTool({ name, effect, scope: wanted, description, folder }: NewToolOrder): Promise<NewTool> {
  checkName(name);
  const module = await findSurface(folder);
  if (module === undefined)
    throw new ExitError(EXIT.usage, 'This folder is no project: its package.json has no "remit": { "surface": … }. remit init makes one.');
  const { scopes, tools = [] } = await loadSurface(module);
  if (tools.some((tool) => tool.name === name)) throw new ExitError(EXIT.usage, `There is a tool ${name} already.`);
  const scope = chooseScope(scopes, effect, wanted);
  const root = join(dirname(module), "..");
  const stem = name.replaceAll("_", "-");
  const [file, test, list] = [
    join(dirname(module), "tools", `${stem}.ts`),
    join(root, "test", `${stem}.test.ts`),
    join(dirname(module), "tools", "index.ts"),
  ];
  for (const path of [file, test]) if (existsSync(path)) throw new ExitError(EXIT.usage, `${path} is there already. Nothing was written.`);
  const binding = bindingOf(name);
  const source = { name, binding, stem, effect, scope, description, surface: relative(dirname(test), module).replaceAll("\\", "/") };
  await writeFile(file, renderTool(source), { flag: "wx" });
  await writeFile(test, renderTest(source), { flag: "wx" });
  const listed = listTool(await readFile(list, "utf8").catch(() => ""), source);
  if (listed !== undefined) await writeFile(list, listed);
  const written = [file, test].map((path) => ({ path, done: "written" as const }));
  return {
    tool: name,
    binding,
    scope,
    isListed: listed !== undefined,
    files: listed === undefined ? written : [...written, { path: list, done: "extended" }],
  };
}

function checkName(name: string): void {
  if (NAME.test(name) && name.length <= MAX_NAME_CHARS && name !== "index") return;
  const near = name
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "_")
    .replaceAll(/^[_0-9]+|_+$/g, "")
    .slice(0, MAX_NAME_CHARS);
  const meant = NAME.test(near) && near !== "index" ? ` Did you mean ${near}?` : "";
  throw new ExitError(
    EXIT.usage,
    `${JSON.stringify(name)} is no name for a tool: use at most ${MAX_NAME_CHARS} of a to z, 0 to 9 and _ between words, such as list_notes.${meant}`,
  );
}

/** The one that is asked for, or the first that fits: what changes something needs a scope that may. */
function chooseScope(scopes: Readonly<Record<string, ScopeDeclaration>>, effect: Effect, wanted: string | undefined): string {
  const all = Object.entries(scopes);
  const fits = all.filter(([, { access }]) => effect === "read" || access === "write").map(([name]) => name);
  const reads = all.flatMap(([name, { access }]) => (access === "read" ? [name] : []));
  const chosen = wanted ?? (effect === "read" ? reads[0] : undefined) ?? fits[0];
  if (chosen !== undefined && fits.includes(chosen)) return chosen;
  const declared = chosen !== undefined && chosen in scopes;
  const problem = declared
    ? `${chosen} only allows to read, and the effect is ${effect}.`
    : chosen === undefined
      ? `No scope is declared that allows what is ${effect}.`
      : `The scope ${chosen} is not declared.`;
  throw new ExitError(EXIT.usage, `${problem} Declared and fitting: ${fits.join(", ") || "none"}.`);
}

/** `list_notes` is `listNotes`. */
function bindingOf(name: string): string {
  const camel = name.replaceAll(/_([a-z0-9])/g, (_all, letter: string) => letter.toUpperCase());
  return RESERVED.test(camel) ? `${camel}Tool` : camel;
}
