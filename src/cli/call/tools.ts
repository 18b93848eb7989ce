import { isRecord } from "../../lib/is-record.ts";
import { catalogueOfSurface, tokensOf } from "../../lint/index.ts";
import { EXIT, ExitError } from "../exit.ts";
import { loadDeclared } from "../project/index.ts";
import { table } from "../table.ts";
import { askServer } from "../wire/index.ts";
import { findAgent, openCaller } from "./caller.ts";
import type { CallerFlags } from "./index.ts";

const TIMEOUT_MS = 30_000;

/** One line of the list. */
interface Row {
  readonly name: string;
  readonly title: string;
  readonly effect: string;
  /** Undefined where only the agent's own list is known: it does not say them. */
  readonly scopes: readonly string[] | undefined;
  readonly tokens: number;
  /** As `--json` and the view of one tool print it. */
  readonly whole: unknown;
}

export async function listTools(name: string | undefined, flags: CallerFlags): Promise<void> {
  if (flags.scope !== undefined && flags.as === undefined)
    throw new ExitError(EXIT.usage, "--scope narrows what an agent holds: say which with --as.");
  const rows = flags.as === undefined ? await declaredRows() : await shownRows(flags);
  if (name !== undefined) return showOne(rows, name, flags);
  if (flags.json === true) return console.log(JSON.stringify(rows.map(({ whole }) => whole)));
  const isDeclared = flags.as === undefined;
  const heads = ["TOOL", "EFFECT", ...(isDeclared ? ["SCOPES"] : []), "≈TOKENS", "TITLE"];
  const cells = rows.map(({ name: tool, title, effect, scopes, tokens }) => [
    tool,
    effect,
    ...(scopes === undefined ? [] : [scopes.join(" ")]),
    String(tokens),
    title,
  ]);
  console.log(table(heads, cells));
  console.error(`${rows.length} tools, ≈${rows.reduce((sum, { tokens }) => sum + tokens, 0)} tokens.`);
}

function showOne(rows: readonly Row[], name: string, { as: agent }: CallerFlags): void {
  const found = rows.find((row) => row.name === name);
  if (found === undefined)
    throw new ExitError(EXIT.notFound, `There is no tool ${JSON.stringify(name)}${agent === undefined ? "" : ` in the list of ${agent}`}.`);
  console.log(JSON.stringify(found.whole, null, 2));
}

/** Of the declarations, whoever may call what. */
async function declaredRows(): Promise<readonly Row[]> {
  const { options } = await loadDeclared();
  const catalogue = catalogueOfSurface(options);
  return (options.tools ?? []).map(({ name, title, effect, scopes, description, discoverable }) => {
    const listed = catalogue.tools.find((tool) => tool.name === name);
    const tokens = tokensOf(listed?.listedChars ?? 0);
    const { inputSchema, outputSchema } = listed ?? {};
    const whole = { name, title, description, effect, scopes, discoverable: discoverable ?? false, tokens, inputSchema, outputSchema };
    return { name, title, effect, scopes, tokens, whole };
  });
}

/** Exactly what `tools/list` answers to the agent. */
async function shownRows(flags: CallerFlags): Promise<readonly Row[]> {
  const { destination, token } = await openCaller(await findAgent(flags.as), flags.scope);
  try {
    const asking = { send: destination.send, token, signal: AbortSignal.timeout(TIMEOUT_MS) };
    const rows: Row[] = [];
    let cursor: unknown;
    do {
      const { status, body } = await askServer(asking, "tools/list", cursor === undefined ? {} : { cursor });
      const result = body?.["result"];
      if (!isRecord(result) || !Array.isArray(result["tools"]))
        throw new ExitError(EXIT.failed, `The server gave no list: HTTP ${status} ${JSON.stringify(body ?? null)}`);
      rows.push(...result["tools"].filter(isRecord).map(shownRow));
      cursor = result["nextCursor"];
    } while (typeof cursor === "string");
    return rows;
  } finally {
    await destination.close();
  }
}

function shownRow(tool: Readonly<Record<string, unknown>>): Row {
  const hints = isRecord(tool["annotations"]) ? tool["annotations"] : {};
  const effect = hints["readOnlyHint"] === true ? "read" : hints["destructiveHint"] === true ? "destructive" : "write";
  const tokens = tokensOf(JSON.stringify(tool).length);
  return {
    name: String(tool["name"]),
    title: typeof tool["title"] === "string" ? tool["title"] : "",
    effect,
    scopes: undefined,
    tokens,
    whole: tool,
  };
}
