/** Descriptions and schemas that were one once: a description that names parameters which are not there. */
import { placesIn, textOf, valuesOf } from "../places.ts";
import type { Rule, ToolView, View } from "../rule.ts";
import { distance, mentions, plain, stem } from "../words.ts";
import { speaksForItself } from "./speaks-for-itself.ts";

/** Words that a text writes as code, or speaks of as a parameter. */
const CODE = /[`'"]([A-Za-z][\w-]*)[`'"]/g;
const SNAKE = /(?<![\w/.:-])[a-z][a-z0-9]*(?:_[a-z0-9]+)+(?![\w(/]|\.\w)/g;
const CAMEL = /(?<![\w/.:-])[a-z][a-z0-9]+(?:[A-Z][a-z0-9]*)+(?![\w(/]|\.\w)/g;
const BEFORE = /\b(?:parameters?|arguments?|fields?|params?)\s*[:,]?\s+(?:called\s+|named\s+)?[`'"]?([a-z][\w-]*)/gi;
const AFTER = /\b([a-z]\w*)[`'"]?\s+(?:is|are|must be)\s+(?:required|optional|mandatory)\b/gi;
const OF = /\b([a-z]\w*)[`'"]?\s+(?:parameter|argument|field)s?\b/gi;
const LISTED = /(?:^|\n)\s*(?:[-*]\s+)?([A-Za-z]\w*)\s*(?:\([^)\n]*\))?\s*:\s/g;
/** Where a text tells what comes back, names are of that. */
const ABOUT_RESULT = /\b(?:returns?|responds?|response|answers?|outputs?|results?)\b/i;
const NO_NAMES = new Set(
  "it this that they which what all none both either value values name is are and or for to of in the a an as by with called named required optional note example examples args arguments parameters params returns return raises usage".split(
    " ",
  ),
);

const MAX_EDITS = 2;

interface Named {
  readonly word: string;
  /** Whether it is written as a name, and the text says that it is a parameter. */
  readonly isCalledParameter: boolean;
}

/** What a description names as if callers could send it. */
function namesIn(description: string): readonly Named[] {
  const named = new Map<string, boolean>();
  for (const sentence of description.split(/(?<=[.;!?])\s+|\n/)) {
    const isResult = ABOUT_RESULT.test(sentence);
    const add = (pattern: RegExp, isCalledParameter: boolean): void => {
      for (const match of sentence.matchAll(pattern)) {
        const word = match[1] ?? match[0];
        if (NO_NAMES.has(word.toLowerCase())) continue;
        named.set(word, (isCalledParameter && /_|[a-z][A-Z]/.test(word)) || (named.get(word) ?? false));
      }
    };
    if (!isResult) for (const pattern of [CODE, SNAKE, CAMEL]) add(pattern, false);
    for (const pattern of [BEFORE, AFTER, OF]) add(pattern, true);
    if (/^\s*(?:[-*]\s+)?\w+\s*(?:\([^)]*\))?\s*:\s/.test(sentence) && !isResult) add(LISTED, false);
  }
  return [...named].map(([word, isCalledParameter]) => ({ word, isCalledParameter }));
}

/** Everything that a description may name: its own parameters and values, what comes back, other tools, scopes. */
function knownTo(tool: ToolView, { tools, scopes = {} }: View): ReadonlySet<string> {
  const values = [tool.inputSchema, tool.outputSchema].flatMap((schema) => [
    ...valuesOf(schema, "enum").flat(),
    ...valuesOf(schema, "const"),
  ]);
  const members = tool.outputSchema === undefined ? [] : placesIn(tool.outputSchema);
  return new Set([
    ...tools.map(({ name }) => name),
    ...Object.keys(scopes),
    ...[...tool.places, ...members].map(({ name }) => name),
    ...values.filter((value) => typeof value === "string"),
  ]);
}

/** The parameter that was meant: the same but for its style, one of which the name is a part, or one that is nearly written so. */
function meant(word: string, { places }: ToolView): string | undefined {
  const wanted = plain(word);
  const near = places.filter(({ name }) => {
    const there = plain(name);
    return stem(there) === stem(wanted) || isPart(wanted, name) || isMistyped(wanted, there);
  });
  return near.toSorted((a, b) => a.name.length - b.name.length)[0]?.name;
}

function isMistyped(wanted: string, there: string): boolean {
  const edits = distance(wanted, there, MAX_EDITS);
  return edits <= MAX_EDITS && edits * 4 <= there.length;
}

function isPart(wanted: string, name: string): boolean {
  return wanted.length >= 3 && plain(name).endsWith(wanted) && /[A-Z_-]/.test(name.slice(1));
}

function* unknownNames(view: View) {
  for (const tool of view.tools) {
    const known = knownTo(tool, view);
    for (const { word, isCalledParameter } of namesIn(tool.description)) {
      if (known.has(word) || known.has(word.toLowerCase())) continue;
      const there = meant(word, tool);
      if (there === undefined && !isCalledParameter) continue;
      const hint = there === undefined ? "" : `; did you mean ${there}?`;
      yield { tool: tool.name, message: `The description names "${word}", which is no parameter${hint}` };
    }
  }
}

function* unmentioned(view: View) {
  for (const tool of view.tools) {
    if (namesIn(tool.description).length === 0) continue;
    for (const place of tool.places) {
      if (place.depth > 1 || !place.isRequired || textOf(place.schema["description"]).trim() !== "") continue;
      if (mentions(tool.description, place.name) || speaksForItself(place, tool, view)) continue;
      // Under another name it is told by the other rule.
      if (namesIn(tool.description).some(({ word }) => meant(word, tool) === place.name)) continue;
      yield {
        tool: tool.name,
        parameter: place.path,
        message: `The description names parameters but not "${place.name}", which is required and described nowhere.`,
      };
    }
  }
}

export const driftRules: readonly Rule[] = [
  {
    id: "desc-unknown-parameter",
    group: "description",
    severity: "error",
    about: "The description names a parameter that the schema does not have, so a model sends what is refused.",
    fix: "Write the name as the schema has it. In a declaration, describe the parameter in the schema and not in the description.",
    check: unknownNames,
  },
  {
    id: "desc-omits-required",
    group: "description",
    severity: "error",
    about: "The description names some parameters and leaves out a required one that has no description of its own.",
    fix: "Describe the parameter in the schema.",
    check: unmentioned,
  },
];
