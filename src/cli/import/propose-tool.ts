import { isRecord } from "../../lib/is-record.ts";
import type { Effect } from "../../tool/index.ts";
import { cleanText, hasHidden, nameFrom, takeName } from "./clean-text.ts";
import { convertSchema, type Converting } from "./convert-schema.ts";
import { makeExample } from "./make-example.ts";
import { follow, type Member } from "./read-document.ts";

export type Auth = "bearer" | { readonly header: string };

export interface ProposedTool {
  readonly name: string;
  /** What the generated source calls it. */
  readonly binding: string;
  readonly title: string;
  readonly description: string;
  readonly method: string;
  readonly path: string;
  readonly effect: Effect;
  readonly idempotent: boolean;
  readonly group: string;
  readonly scope: string;
  readonly input: Member;
  readonly example: Member;
  /** Members of the input and what the API calls them. */
  readonly inPath: Readonly<Record<string, string>>;
  readonly inQuery: Readonly<Record<string, string>>;
  readonly inHeaders: Readonly<Record<string, string>>;
  /** The member that is the body, or those that it is made of. */
  readonly body: string | readonly string[] | undefined;
  readonly auth: Auth | undefined;
}

export interface OperationGiven {
  readonly method: "get" | "post" | "put" | "patch" | "delete";
  readonly path: string;
  readonly operation: Member;
  readonly shared: readonly unknown[];
  readonly effect: Effect;
  readonly document: Member;
  readonly title: string;
  readonly taken: { readonly names: Set<string>; readonly bindings: Set<string> };
  note(text: string): void;
}

const VERBS = { get: "get", post: "create", put: "replace", patch: "update", delete: "delete" } as const;
const SUFFIX = { read: "read", write: "write", destructive: "delete" } as const;

/** A tool for one operation, or why there can be none. */
export function proposeTool(given: OperationGiven): ProposedTool | string {
  const { method, path, operation, effect, title: api, taken, note } = given;
  const to: Converting = { document: given.document, note, parts: 0 };
  const inputs: Inputs = { to, names: { path: {}, query: {}, header: {} }, properties: new Map(), required: [], body: undefined };
  const problem = addParameters(inputs, given) ?? addBody(inputs, given);
  if (problem !== undefined) return problem;
  if ([operation["summary"], operation["description"], operation["operationId"]].some(hasHidden))
    note("its texts hold characters that people do not see; they are taken out");
  const words = path.replace(/\{[^{}]*\}/g, " ");
  const named = typeof operation["operationId"] === "string" ? nameFrom(operation["operationId"], 56) : "";
  const name = takeName(named || nameFrom(`${VERBS[method]} ${words}`, 56) || "operation", taken.names);
  const camel = name.replace(/_([a-z0-9])/g, (_all, letter: string) => letter.toUpperCase());
  const input = schemaOf(inputs);
  const group = groupOf(operation, words);
  const title = cleanText(operation["summary"], 80) || name.replaceAll("_", " ").replace(/^./, (letter) => letter.toUpperCase());
  return {
    name,
    binding: takeName(`${camel}Tool`, taken.bindings),
    title,
    description: describe(operation, { where: `${method.toUpperCase()} ${path}`, api }),
    method: method.toUpperCase(),
    path,
    effect,
    idempotent: method !== "post" && method !== "patch",
    group,
    scope: `${group}:${SUFFIX[effect]}`,
    input,
    example: makeExample(input) as Member,
    inPath: inputs.names.path,
    inQuery: inputs.names.query,
    inHeaders: inputs.names.header,
    body: inputs.body,
    auth: authOf(given),
  };
}

function describe(operation: Member, { where, api }: { readonly where: string; readonly api: string }): string {
  const said = cleanText(operation["description"], 700) || cleanText(operation["summary"], 200);
  const sentence = said === "" || /[.!?…]$/.test(said) ? said : `${said}.`;
  return `${sentence} Calls ${where} of ${api} and returns its answer.`.trim();
}

function groupOf({ tags }: Member, words: string): string {
  const [tag] = Array.isArray(tags) ? (tags as unknown[]) : [];
  const segment = words.split("/").find((part) => /[a-z]/i.test(part)) ?? "";
  return (nameFrom(typeof tag === "string" ? tag : segment, 40) || nameFrom(segment, 40) || "api").replaceAll("_", "-");
}

const MEMBER = /^[A-Za-z0-9_.-]{1,64}$/;

/** What the tool takes, and where in the request each member goes. */
interface Inputs {
  readonly to: Converting;
  readonly names: Record<"path" | "query" | "header", Record<string, string>>;
  readonly properties: Map<string, Member>;
  readonly required: string[];
  body: string | readonly string[] | undefined;
}

/** Puts a member in, under its own name as far as clients take that, and gives the name. */
function addInput(
  { properties, required }: Inputs,
  wanted: string,
  { schema, isRequired }: { readonly schema: Member; readonly isRequired: boolean },
): string {
  const own = MEMBER.test(wanted) ? wanted : nameFrom(wanted, 60);
  // What every object has already would be found where nothing was given.
  const name = takeName(own === "" || own in Object.prototype ? "value" : own, new Set(properties.keys()));
  properties.set(name, schema);
  if (isRequired) required.push(name);
  return name;
}

function schemaOf({ properties, required }: Inputs): Member {
  const needed = required.length === 0 ? {} : { required };
  return { type: "object", properties: Object.fromEntries(properties), ...needed, additionalProperties: false };
}

/** Headers that are not for a model to choose. */
const OWN_HEADERS = new Set([
  "authorization",
  "accept",
  "content-type",
  "cookie",
  "host",
  "connection",
  "content-length",
  "transfer-encoding",
]);
const HEADER = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/;
const MAX_PARAMETERS = 60;

function addParameters(inputs: Inputs, { document, shared, operation, path, note }: OperationGiven): string | undefined {
  const own = Array.isArray(operation["parameters"]) ? (operation["parameters"] as unknown[]) : [];
  const byKey = new Map<string, Member>();
  for (const given of [...shared, ...own].slice(0, MAX_PARAMETERS)) {
    const found = follow(document, given);
    if (typeof found === "string") return found;
    if (isRecord(found.value)) byKey.set(`${String(found.value["in"])} ${String(found.value["name"])}`, found.value);
  }
  const places = [...path.matchAll(/\{([^{}]+)\}/g)].map(([, name = ""]) => name);
  if (/[{}]/.test(path.replace(/\{[^{}]+\}/g, ""))) return "its path has braces that do not match";
  for (const name of places)
    if (!byKey.has(`path ${name}`)) byKey.set(`path ${name}`, { name, in: "path", required: true, schema: { type: "string" } });
  for (const parameter of byKey.values()) {
    const problem = addParameter(inputs, parameter, { places, note });
    if (problem !== undefined) return problem;
  }
  return undefined;
}

interface ParameterPlace {
  readonly places: readonly string[];
  note(text: string): void;
}

function addParameter(inputs: Inputs, parameter: Member, { places, note }: ParameterPlace): string | undefined {
  const { name, in: place, required } = parameter;
  if (typeof name !== "string" || name === "" || name.length > 200 || (place === "path" && !places.includes(name))) return undefined;
  if (place === "header" && OWN_HEADERS.has(name.toLowerCase())) return undefined;
  const isKnown = cleanText(name, 200) === name && (place === "path" || place === "query" || (place === "header" && HEADER.test(name)));
  if (!isKnown || parameter["content"] !== undefined) {
    if (required === true) return "it needs a parameter in a place or form that is not supported";
    note("a parameter in a place or form that is not supported is left out");
    return undefined;
  }
  const schema = convertSchema(inputs.to, parameter["schema"] ?? { type: "string" });
  const described =
    cleanText(parameter["description"], 600) ||
    cleanText(schema["description"], 600) ||
    `The value of ${cleanText(name, 60)} in the ${place} of the request.`;
  const member = addInput(inputs, name, {
    schema: { ...schema, description: described },
    isRequired: place === "path" || required === true,
  });
  inputs.names[place][member] = name;
  return undefined;
}

function addBody(inputs: Inputs, { document, operation, note }: OperationGiven): string | undefined {
  if (operation["requestBody"] === undefined) return undefined;
  const found = follow(document, operation["requestBody"]);
  if (typeof found === "string") return found;
  const content = isRecord(found.value) && isRecord(found.value["content"]) ? found.value["content"] : {};
  const media = Object.keys(content).find((type) => /^application\/(?:[\w.-]+\+)?json\b/i.test(type));
  if (media === undefined) return "its body is no JSON";
  const isRequired = isRecord(found.value) && found.value["required"] === true;
  const entry = content[media];
  const schema = convertSchema(inputs.to, isRecord(entry) ? entry["schema"] : undefined);
  const properties = isRecord(schema["properties"]) ? schema["properties"] : undefined;
  const names = Object.keys(properties ?? {});
  const isFlat =
    properties !== undefined &&
    names.length > 0 &&
    Object.keys(schema).every((keyword) => ["type", "properties", "required", "description"].includes(keyword)) &&
    names.every((name) => MEMBER.test(name) && !inputs.properties.has(name));
  if (!isFlat) {
    inputs.body = addInput(inputs, "body", { schema: { description: "What is sent, as the API takes it.", ...schema }, isRequired });
    return undefined;
  }
  const needed = Array.isArray(schema["required"]) ? schema["required"] : [];
  if (needed.length > 0 && !isRequired)
    note("its body may be left out by the document, but has members that are required: here they are required");
  for (const [name, of] of Object.entries(properties)) {
    const member = isRecord(of) ? of : {};
    const described = { ...member, description: member["description"] ?? `The member ${name} of what is sent.` };
    addInput(inputs, name, { schema: described, isRequired: needed.includes(name) });
  }
  inputs.body = names;
  return undefined;
}

function authOf({ document, operation, note }: OperationGiven): Auth | undefined {
  const wanted = operation["security"] ?? document["security"];
  if (!Array.isArray(wanted) || wanted.length === 0) return undefined;
  const components = isRecord(document["components"]) ? document["components"] : {};
  const schemes = isRecord(components["securitySchemes"]) ? components["securitySchemes"] : {};
  for (const alternative of wanted as unknown[]) {
    const names = isRecord(alternative) ? Object.keys(alternative) : [];
    const [name] = names;
    if (name === undefined) return undefined;
    const found = follow(document, Object.hasOwn(schemes, name) ? schemes[name] : undefined);
    const scheme = typeof found === "string" || !isRecord(found.value) ? {} : found.value;
    if (names.length > 1) continue;
    if (
      scheme["type"] === "oauth2" ||
      scheme["type"] === "openIdConnect" ||
      (scheme["type"] === "http" && String(scheme["scheme"]).toLowerCase() === "bearer")
    )
      return "bearer";
    const header = scheme["name"];
    if (scheme["type"] === "apiKey" && scheme["in"] === "header" && typeof header === "string" && HEADER.test(header)) {
      return header.toLowerCase() === "authorization" ? "bearer" : { header };
    }
  }
  note("how the API wants callers to prove themselves is not supported here: add it in api.ts");
  return undefined;
}
