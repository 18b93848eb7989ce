import { isRecord } from "../../lib/is-record.ts";
import { createRegistry, defineScopes, defineTool, type Effect, type ScopeDeclaration, type ScopeDeclarations } from "../../tool/index.ts";
import { cleanText, nameFrom } from "./clean-text.ts";
import { proposeTool, type ProposedTool } from "./propose-tool.ts";
import { follow, type Member } from "./read-document.ts";

/** Something to look at, or why an operation was left out. */
export interface Note {
  /** `GET /pets`, or `document`. */
  readonly where: string;
  readonly text: string;
}

export interface Proposal {
  /** What the document calls the API. */
  readonly title: string;
  /** Without a trailing slash. */
  readonly base: string;
  /** Name of the upstream whose credential is sent; undefined when the API asks for none that is understood. */
  readonly upstream: string | undefined;
  readonly scopes: ScopeDeclarations;
  readonly tools: readonly ProposedTool[];
  readonly notes: readonly Note[];
}

const METHODS = ["get", "post", "put", "patch", "delete"] as const;
const EFFECTS: Readonly<Record<(typeof METHODS)[number], Effect>> = {
  get: "read",
  post: "write",
  put: "write",
  patch: "write",
  delete: "destructive",
};
const MAX_OPERATIONS = 500;
const PATH = /^\/[A-Za-z0-9_\-.~/:@!$'()*+,;=%{}]{0,299}$/;

/** Tools for the operations of a document. What cannot become a sound tool is left out, with a note that says why. A sentence when `server` is no URL. */
export function propose(document: Member, server: string | undefined): Proposal | string {
  const notes: Note[] = [];
  const base = baseOf(document, server, notes);
  if (base === undefined) return `${server ?? ""} is no http or https URL.`;
  const info = isRecord(document["info"]) ? document["info"] : {};
  const title = cleanText(info["title"], 60) || "the API";
  const taken = { names: new Set<string>(), bindings: new Set<string>() };
  const tools: ProposedTool[] = [];
  const operations = operationsOf(document, notes);
  if (operations.length > MAX_OPERATIONS)
    notes.push({ where: "document", text: `of ${operations.length} operations the first ${MAX_OPERATIONS} are taken` });
  for (const operation of operations.slice(0, MAX_OPERATIONS)) {
    const where = `${operation.method.toUpperCase()} ${operation.path}`;
    const note = (text: string): void => {
      if (!notes.some((each) => each.where === where && each.text === text)) notes.push({ where, text });
    };
    const tool = proposeTool({ ...operation, effect: EFFECTS[operation.method], document, title, taken, note });
    if (typeof tool === "string") note(`left out: ${tool}`);
    else {
      const problem = problemOf(tool, title);
      if (problem === undefined) tools.push(tool);
      else note(`left out: ${problem}`);
    }
  }
  const hasCredential = tools.some(({ auth }) => auth !== undefined);
  if (hasCredential && !isForCredentials(base))
    notes.push({ where: "document", text: "credentials are sent to https only: none are until the base URL is one" });
  const upstream = hasCredential && isForCredentials(base) ? nameFrom(title, 40) || "api" : undefined;
  return { title, base, upstream, scopes: scopesFor(tools, title), tools, notes };
}

interface Operation {
  readonly method: (typeof METHODS)[number];
  readonly path: string;
  readonly operation: Member;
  /** Of the path: they hold for each operation on it. */
  readonly shared: readonly unknown[];
}

function operationsOf(document: Member, notes: Note[]): Operation[] {
  const paths = isRecord(document["paths"]) ? document["paths"] : {};
  return Object.entries(paths).flatMap(([path, given]) => {
    const item = follow(document, given);
    const where = cleanText(path, 100);
    if (typeof item === "string") notes.push({ where, text: `left out: ${item}` });
    else if (!PATH.test(path) || path.split("/").includes(".."))
      notes.push({ where, text: "left out: its path has characters that no path has" });
    else if (isRecord(item.value)) {
      const { value } = item;
      const shared = Array.isArray(value["parameters"]) ? value["parameters"] : [];
      return METHODS.flatMap((method) => {
        const operation = value[method];
        return isRecord(operation) ? [{ method, path, operation, shared }] : [];
      });
    }
    return [];
  });
}

const PLACEHOLDER = "https://api.example.com";

function baseOf(document: Member, server: string | undefined, notes: Note[]): string | undefined {
  if (server !== undefined) return plainUrl(server);
  const [first] = Array.isArray(document["servers"]) ? (document["servers"] as unknown[]) : [];
  const variables = isRecord(first) && isRecord(first["variables"]) ? first["variables"] : {};
  const filled = (isRecord(first) && typeof first["url"] === "string" ? first["url"] : "").replace(
    /\{([^{}]{1,64})\}/g,
    (_all, name: string) => {
      const variable = Object.hasOwn(variables, name) ? variables[name] : undefined;
      return isRecord(variable) && typeof variable["default"] === "string" ? variable["default"] : "";
    },
  );
  const base = plainUrl(filled);
  if (base === undefined)
    notes.push({ where: "document", text: `it names no absolute URL of its server: set BASE in api.ts, which is ${PLACEHOLDER} now` });
  else notes.push({ where: "document", text: `requests go to ${base}, as the document says: make sure that this is your API` });
  return base ?? PLACEHOLDER;
}

/** Origin and path; no name, password, query or fragment. */
function plainUrl(text: string): string | undefined {
  const url = text.length > 500 ? null : URL.parse(text);
  if (url === null || (url.protocol !== "https:" && url.protocol !== "http:") || url.hostname === "") return undefined;
  return `${url.origin}${url.pathname}`.replace(/\/+$/, "");
}

function isForCredentials(base: string): boolean {
  const { protocol, hostname } = new URL(base);
  return protocol === "https:" || ["localhost", "127.0.0.1", "[::1]"].includes(hostname);
}

function scopesFor(tools: readonly ProposedTool[], title: string): ScopeDeclarations {
  const scopes: Record<string, ScopeDeclaration> = {};
  for (const { group, effect, scope } of tools) {
    const what = `${group.replaceAll("-", " ")} in ${title}.`;
    scopes[`${group}:read`] = { description: `See ${what}`, access: "read" };
    if (effect === "read") continue;
    const description = effect === "write" ? `Create and change ${what}` : `Delete ${what}`;
    scopes[scope] = { description, access: "write", includes: [`${group}:read`] };
  }
  return scopes;
}

/** Why a server would not start with the tool; undefined when it would. */
function problemOf(proposed: ProposedTool, title: string): string | undefined {
  const { name, title: shown, description, scope, effect, input, example } = proposed;
  const plan = () => ({ summary: "", changes: [], rows: 0, losesAccess: [], versions: {} });
  const tool = defineTool({
    name,
    title: shown,
    description,
    effect,
    input,
    plan,
    scopes: [scope],
    examples: [{ title: "Example", input: example }],
    run: () => "",
  });
  try {
    createRegistry({ scopes: defineScopes(scopesFor([proposed], title)), tools: [tool] });
    return undefined;
  } catch (error) {
    return cleanText(error instanceof Error ? error.message.replace(/^.*?- /s, "") : "it is no sound tool", 300);
  }
}
