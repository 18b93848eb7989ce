/** The part of a proposal's `api.ts` that is the same for every document: how a tool's input becomes a request. */
export const API_SOURCE = `
/** The request that a tool makes. Members of its input, and what the API calls them. */
export interface ApiCall {
  readonly method: string;
  readonly path: string;
  readonly inPath: Readonly<Record<string, string>>;
  readonly inQuery: Readonly<Record<string, string>>;
  readonly inHeaders: Readonly<Record<string, string>>;
  /** The member that is the body, or those that it is made of. */
  readonly body?: string | readonly string[];
  readonly auth?: string | { readonly header: string };
}

type Context = Pick<ToolContext, "fetchUrl" | "upstream">;
type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

export async function callApi(context: Context, call: ApiCall, given: unknown) {
  const input = given as Readonly<Record<string, unknown>>;
  const path = fillPath(call, input);
  if (path === undefined) return toolError("A value for the path is empty, or leads elsewhere.");
  const query = new URLSearchParams();
  for (const [member, name] of Object.entries(call.inQuery)) {
    const value = input[member];
    for (const each of Array.isArray(value) ? value : [value]) if (each !== undefined && each !== null) query.append(name, textOf(each));
  }
  const headers: Record<string, string> = {};
  for (const [member, name] of Object.entries(call.inHeaders)) {
    const value = input[member];
    if (value !== undefined && value !== null) headers[name] = textOf(value);
  }
  const body = bodyOf(call, input);
  if (body !== undefined) headers["content-type"] = "application/json";
  // Last, so that no input stands in for the credential.
  if (call.auth !== undefined && UPSTREAM !== undefined) {
    const { authorization } = await context.upstream(UPSTREAM);
    if (typeof call.auth === "string") headers["authorization"] = authorization;
    else headers[call.auth.header] = authorization.slice("Bearer ".length);
  }
  const search = query.size === 0 ? "" : \`?\${query.toString()}\`;
  const answer = await context.fetchUrl(\`\${BASE}\${path}\${search}\`, { method: call.method as Method, headers, ...(body === undefined ? {} : { body }) });
  if ("refused" in answer) return toolError(\`The API could not be reached: \${answer.refused}.\`);
  if (answer.status < 200 || answer.status > 299) return toolError(\`The API answered with the status \${answer.status}.\`);
  return answer.text === "" ? \`Done: the API answered with the status \${answer.status}.\` : answer.text;
}

/** What a call would do, as far as the request says it. Make it say what would be lost. */
export function planCall(call: ApiCall, given: unknown) {
  const path = fillPath(call, given as Readonly<Record<string, unknown>>);
  if (path === undefined) return toolError("A value for the path is empty, or leads elsewhere.");
  return {
    summary: \`Sends \${call.method} \${path} to the API.\`,
    changes: [{ change: "delete" as const, resource: path }],
    rows: 1,
    losesAccess: [],
    versions: {},
  };
}

/** Undefined when a value would leave its place in the path. */
function fillPath({ path, inPath }: ApiCall, input: Readonly<Record<string, unknown>>): string | undefined {
  let filled = path;
  for (const [member, name] of Object.entries(inPath)) {
    const value = textOf(input[member] ?? "");
    if (value === "" || value === "." || value === ".." || !value.isWellFormed()) return undefined;
    filled = filled.replaceAll(\`{\${name}}\`, () => encodeURIComponent(value));
  }
  return filled.split("/").some((part) => /^(?:\\.|%2e){1,2}$/i.test(part)) ? undefined : filled;
}

function bodyOf({ body }: ApiCall, input: Readonly<Record<string, unknown>>): string | undefined {
  if (body === undefined) return undefined;
  if (typeof body === "string") return input[body] === undefined ? undefined : JSON.stringify(input[body]);
  return JSON.stringify(Object.fromEntries(body.filter((name) => input[name] !== undefined).map((name) => [name, input[name]])));
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}
`;
