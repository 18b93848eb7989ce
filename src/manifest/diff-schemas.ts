import { canonicalJson } from "../lib/canonical-json.ts";
import { isRecord } from "../lib/is-record.ts";

/** One difference of two JSON Schemas: whether values fit the new one that did not fit the old (`wider`), the other way (`narrower`), or it cannot be told. */
export interface SchemaChange {
  readonly side: "wider" | "narrower" | "unclear" | "words";
  /** JSON Pointer to the place. */
  readonly path: string;
  readonly text: string;
  /** A property that was not there. */
  readonly isNewMember: boolean;
}

type Schema = Readonly<Record<string, unknown>>;
type Side = SchemaChange["side"];

interface Pair {
  readonly old: Schema;
  readonly now: Schema;
  readonly path: string;
}

interface Walk {
  readonly roots: { readonly old: Schema; readonly now: Schema };
  /** Pairs of places that were compared already: schemas may lead back to themselves. */
  readonly seen: Set<string>;
  readonly changes: SchemaChange[];
}

/** Where a comparison ends that would otherwise grow without bound. */
const MAX_PAIRS = 5000;

/** Differences of two JSON Schemas (2020-12), by keyword. What is not understood and differs is `unclear`, never left out. */
export function diffSchemas(old: unknown, now: unknown): readonly SchemaChange[] {
  if (canonicalJson(old) === canonicalJson(now)) return [];
  const roots = { old: schemaOf(old), now: schemaOf(now) };
  const walk: Walk = { roots, seen: new Set(), changes: [] };
  compare(walk, { ...roots, path: "" });
  if (isIndirect(old) || isIndirect(now))
    tell(walk, "unclear", { path: "", text: "the schema differs and has names that lead elsewhere in it" });
  if (walk.changes.length === 0)
    tell(walk, "unclear", { path: "", text: "the schema says the same in another way, or something that cannot be compared" });
  return walk.changes;
}

/** References that are not followed here. */
const isIndirect = (schema: unknown): boolean => /"\$(?:dynamicRef|recursiveRef|anchor|id)":|"\$ref":"#[^/"]/.test(canonicalJson(schema));

/** `true` allows all, as `{}` does; `false` nothing. */
function schemaOf(schema: unknown): Schema {
  if (isRecord(schema)) return schema;
  return schema === false ? { not: {} } : {};
}

function tell(
  walk: Walk,
  side: Side,
  { path, text, isNewMember = false }: Partial<SchemaChange> & Pick<SchemaChange, "path" | "text">,
): void {
  walk.changes.push({ side, path, text, isNewMember });
}

function compare(walk: Walk, { old: oldNode, now: nowNode, path }: Pair): void {
  const visit = `${canonicalJson(oldNode["$ref"])} ${canonicalJson(nowNode["$ref"])}`;
  if (oldNode["$ref"] !== undefined || nowNode["$ref"] !== undefined) {
    if (walk.seen.has(visit)) return;
    walk.seen.add(visit);
  }
  if (walk.changes.length > MAX_PAIRS) return;
  const pair = { old: follow(oldNode, walk.roots.old), now: follow(nowNode, walk.roots.now), path };
  // What is written the same may still lead to something else.
  const text = canonicalJson(pair.old);
  if (text === canonicalJson(pair.now) && !text.includes('"$ref"')) return;
  compareTypes(walk, pair);
  compareValues(walk, pair);
  compareBounds(walk, pair);
  compareObjects(walk, pair);
  compareRest(walk, pair);
}

const MAX_HOPS = 16;

/** The schema that a local `$ref` names, with what stands beside it. Others stay as they are, and are compared as text. */
function follow(node: Schema, root: Schema): Schema {
  let at = node;
  for (let hop = 0; hop < MAX_HOPS; hop++) {
    const { $ref, ...beside } = at;
    if (typeof $ref !== "string" || !$ref.startsWith("#")) return at;
    const target = $ref
      .slice(1)
      .split("/")
      .slice(1)
      .reduce<unknown>((place, part) => (isRecord(place) ? place[part.replaceAll("~1", "/").replaceAll("~0", "~")] : undefined), root);
    if (!isRecord(target)) return at;
    at = { ...target, ...beside };
  }
  return at;
}

const ALL_TYPES = ["array", "boolean", "integer", "null", "number", "object", "string"];

function typesOf({ type }: Schema): readonly string[] {
  const named = typeof type === "string" ? [type] : Array.isArray(type) ? type.map(String) : ALL_TYPES;
  return named.includes("number") ? [...named, "integer"] : named;
}

function compareTypes(walk: Walk, { old, now, path }: Pair): void {
  const [was, is] = [typesOf(old), typesOf(now)];
  const gained = is.filter((type) => !was.includes(type));
  const lost = was.filter((type) => !is.includes(type));
  if (gained.length > 0) tell(walk, "wider", { path, text: `it may be ${gained.join(" or ")}` });
  if (lost.length > 0) tell(walk, "narrower", { path, text: `it may no longer be ${lost.join(" or ")}` });
}

function valuesOf(schema: Schema): readonly string[] | undefined {
  if (Array.isArray(schema["enum"])) return schema["enum"].map((value) => canonicalJson(value));
  return Object.hasOwn(schema, "const") ? [canonicalJson(schema["const"])] : undefined;
}

function compareValues(walk: Walk, { old, now, path }: Pair): void {
  const [was, is] = [valuesOf(old), valuesOf(now)];
  if (was === undefined && is === undefined) return;
  if (was === undefined || is === undefined) {
    return tell(walk, was === undefined ? "narrower" : "wider", {
      path,
      text: was === undefined ? "only some values are left" : "any value will do",
    });
  }
  const gained = is.filter((value) => !was.includes(value));
  const lost = was.filter((value) => !is.includes(value));
  if (gained.length > 0) tell(walk, "wider", { path, text: `it may be ${gained.join(" or ")}` });
  if (lost.length > 0) tell(walk, "narrower", { path, text: `it may no longer be ${lost.join(" or ")}` });
}

const LOWER = ["minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties", "minContains"];
const UPPER = ["maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties", "maxContains"];
/** Each that is there keeps values out; none says how many. */
const CONDITIONS = [
  "format",
  "pattern",
  "multipleOf",
  "contentEncoding",
  "contentMediaType",
  "propertyNames",
  "not",
  "dependentRequired",
  "contains",
];

function compareBounds(walk: Walk, { old, now, path }: Pair): void {
  for (const keyword of [...LOWER, ...UPPER]) {
    if (old[keyword] === now[keyword]) continue;
    const none = LOWER.includes(keyword) ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
    const [was, is] = [old[keyword] ?? none, now[keyword] ?? none].map(Number);
    const isWider = LOWER.includes(keyword) ? Number(is) < Number(was) : Number(is) > Number(was);
    tell(walk, isWider ? "wider" : "narrower", { path, text: `${keyword} was ${shown(old[keyword])} and is ${shown(now[keyword])}` });
  }
  for (const keyword of CONDITIONS) {
    if (canonicalJson(old[keyword]) === canonicalJson(now[keyword])) continue;
    const side = now[keyword] === undefined ? "wider" : old[keyword] === undefined ? "narrower" : "unclear";
    tell(walk, side, { path, text: `${keyword} was ${shown(old[keyword])} and is ${shown(now[keyword])}` });
  }
  if ((old["uniqueItems"] ?? false) !== (now["uniqueItems"] ?? false)) {
    tell(walk, now["uniqueItems"] === true ? "narrower" : "wider", {
      path,
      text: `its items ${now["uniqueItems"] === true ? "must" : "need not"} differ`,
    });
  }
}

const shown = (value: unknown): string => (value === undefined ? "not set" : canonicalJson(value));

function compareObjects(walk: Walk, { old, now, path }: Pair): void {
  const [was, is] = [recordOf(old["properties"]), recordOf(now["properties"])];
  const [needed, needs] = [namesIn(old["required"]), namesIn(now["required"])];
  for (const name of new Set([...Object.keys(was), ...Object.keys(is)])) {
    const at = `${path}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
    if (!Object.hasOwn(is, name)) tell(walk, "narrower", { path: at, text: `the member ${name} is gone` });
    else if (!Object.hasOwn(was, name)) tell(walk, "wider", { path: at, text: `a new member ${name}`, isNewMember: true });
    else compare(walk, { old: schemaOf(was[name]), now: schemaOf(is[name]), path: at });
  }
  for (const name of needs) if (!needed.includes(name)) tell(walk, "narrower", { path, text: `${name} is required` });
  for (const name of needed) {
    if (!needs.includes(name) && Object.hasOwn(is, name)) tell(walk, "wider", { path, text: `${name} is no longer required` });
  }
  for (const keyword of ["additionalProperties", "items", "unevaluatedProperties"]) {
    if (canonicalJson(old[keyword] ?? true) === canonicalJson(now[keyword] ?? true)) continue;
    const isOpen = (schema: unknown): boolean => schema !== false;
    if (isOpen(old[keyword] ?? true) === isOpen(now[keyword] ?? true)) {
      compare(walk, {
        old: schemaOf(old[keyword]),
        now: schemaOf(now[keyword]),
        path: `${path}/${keyword === "items" ? "*" : `(${keyword})`}`,
      });
    } else {
      const side = isOpen(now[keyword] ?? true) ? "wider" : "narrower";
      tell(walk, side, { path, text: side === "wider" ? `${keyword}: others are let in` : `${keyword}: no others are let in` });
    }
  }
}

const recordOf = (value: unknown): Schema => (isRecord(value) ? value : {});
const namesIn = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);

const WORDS = new Set(["title", "description", "examples", "example", "$comment", "deprecated", "readOnly", "$schema"]);
const OTHERS = ["type", "enum", "const", "uniqueItems", "properties", "required", "additionalProperties", "items", "unevaluatedProperties"];
const COMPARED = new Set([...LOWER, ...UPPER, ...CONDITIONS, ...OTHERS, "$defs", "definitions"]);

function compareRest(walk: Walk, { old, now, path }: Pair): void {
  for (const keyword of new Set([...Object.keys(old), ...Object.keys(now)])) {
    if (COMPARED.has(keyword) || canonicalJson(old[keyword]) === canonicalJson(now[keyword])) continue;
    const text = `${keyword} was ${shown(old[keyword])} and is ${shown(now[keyword])}`;
    if (WORDS.has(keyword)) tell(walk, "words", { path, text });
    // Left out, it stands for something else than before.
    else if (keyword === "default") tell(walk, "narrower", { path, text });
    else if (keyword === "writeOnly")
      tell(walk, now[keyword] === true ? "words" : "wider", {
        path,
        text: now[keyword] === true ? "it is not written down any more" : "it is written down from now on",
      });
    else if (keyword === "anyOf" || keyword === "oneOf") compareAlternatives(walk, { old, now, path }, keyword);
    else tell(walk, "unclear", { path, text });
  }
}

function compareAlternatives(walk: Walk, { old, now, path }: Pair, keyword: "anyOf" | "oneOf"): void {
  const [was, is] = [old[keyword], now[keyword]].map((list) => (Array.isArray(list) ? (list as unknown[]) : undefined));
  if (was === undefined || is === undefined) {
    return tell(walk, is === undefined ? "wider" : "narrower", {
      path,
      text: `${keyword} was ${shown(old[keyword])} and is ${shown(now[keyword])}`,
    });
  }
  if (was.length === is.length) {
    for (const [i, each] of was.entries()) compare(walk, { old: schemaOf(each), now: schemaOf(is[i]), path: `${path}/${keyword}/${i}` });
    return;
  }
  const [texts, others] = [was.map(canonicalJson), is.map(canonicalJson)];
  const side = texts.every((each) => others.includes(each))
    ? "wider"
    : others.every((each) => texts.includes(each))
      ? "narrower"
      : "unclear";
  tell(walk, side, { path, text: `${keyword} had ${was.length} alternatives and has ${is.length}` });
}
