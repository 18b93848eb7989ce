import { eachTool, type Rule, type View } from "../rule.ts";
import { distance, verbKind, wordsOf } from "../words.ts";

const ALLOWED = /^[A-Za-z0-9_.-]{1,128}$/;
const MAX_CLIENT_CHARS = 64;
const MAX_EDITS = 2;
const GENERIC = new Set(
  "get list run execute do call query search fetch process handle tool action update create delete invoke send request helper main perform manage use read write data api".split(
    " ",
  ),
);

type Style = "snake_case" | "camelCase" | "kebab-case" | "dotted";

function styleOf(name: string): Style | undefined {
  if (name.includes(".")) return "dotted";
  if (name.includes("_")) return "snake_case";
  if (name.includes("-")) return "kebab-case";
  return /[a-z][A-Z]/.test(name) ? "camelCase" : undefined;
}

function* mixedStyles({ tools }: View) {
  const byStyle = Map.groupBy(tools, ({ name }) => styleOf(name));
  byStyle.delete(undefined);
  const [usual] = [...byStyle].toSorted(([, a], [, b]) => b.length - a.length)[0] ?? [];
  for (const [style, those] of byStyle) {
    if (style === usual) continue;
    for (const { name } of those) yield { tool: name, message: `"${name}" is in ${style} where most names here are in ${usual}.` };
  }
}

function* nearNames({ tools }: View) {
  for (const [i, { name: a }] of tools.entries()) {
    for (const { name: b } of tools.slice(i + 1)) {
      if (a === b || !isNear(a, b)) continue;
      yield { tool: a, other: b, message: `"${a}" and "${b}" are told apart by ${distance(a, b, MAX_EDITS)} characters.` };
    }
  }
}

/** Two names that a reader takes for each other. Words that are wholly different, or another kind of verb, do tell them apart. */
function isNear(a: string, b: string): boolean {
  if (distance(a, b, MAX_EDITS) > MAX_EDITS) return false;
  const [left, right] = [wordsOf(a), wordsOf(b)];
  if (left.length !== right.length) return true;
  const differing = left.flatMap((word, i) => (word === right[i] ? [] : [[word, right[i] ?? ""] as const]));
  return differing.every(([one, two]) => {
    const [kindOne, kindTwo] = [verbKind(one), verbKind(two)];
    if (kindOne !== undefined && kindTwo !== undefined && kindOne !== kindTwo) return false;
    return distance(one, two, MAX_EDITS) * 2 < Math.min(one.length, two.length);
  });
}

export const nameRules: readonly Rule[] = [
  {
    id: "name-charset",
    group: "name",
    severity: "error",
    about: "A tool name has 1 to 128 characters of A-Z a-z 0-9 _ - . (MCP tools); clients refuse others.",
    fix: "Rename the tool with letters, digits and underscores.",
    check: eachTool(({ name }) => (ALLOWED.test(name) ? undefined : `"${name}" is not of 1 to 128 characters of A-Z a-z 0-9 _ - .`)),
  },
  {
    id: "name-duplicate",
    group: "name",
    severity: "error",
    about: "Two tools of one name: a client keeps one of them, and which is not said.",
    fix: "Rename one of the two.",
    *check({ tools }) {
      for (const [name, those] of Map.groupBy(tools, ({ name }) => name)) {
        if (those.length > 1) yield { tool: name, message: `"${name}" is there ${those.length} times.` };
      }
    },
  },
  {
    id: "name-client-limit",
    group: "name",
    severity: "warning",
    about: "The protocol allows it, but model APIs take at most 64 characters and no dots, so clients rewrite or drop the tool.",
    fix: "Use at most 64 characters of A-Z a-z 0-9 _ -.",
    check: eachTool(({ name }) => {
      if (name.length > MAX_CLIENT_CHARS) return `"${name}" has ${name.length} characters; model APIs take ${MAX_CLIENT_CHARS}.`;
      return name.includes(".") ? `"${name}" has a dot, which model APIs refuse.` : undefined;
    }),
  },
  {
    id: "name-generic",
    group: "name",
    severity: "warning",
    about: "A name of one general word says nothing beside the tools of other servers, which a model sees in the same list.",
    fix: "Name the thing too: search_invoices, not search.",
    check: eachTool(({ name }) =>
      wordsOf(name).every((word) => GENERIC.has(word)) ? `"${name}" does not say what it is about.` : undefined,
    ),
  },
  {
    id: "name-mixed-style",
    group: "name",
    severity: "warning",
    about: "Names in several styles: models mistype the ones that differ from the rest.",
    fix: "Use one style for all names; snake_case is the usual one.",
    check: mixedStyles,
  },
  {
    id: "name-near",
    group: "name",
    severity: "warning",
    about: "Two names that differ by one or two characters are taken for each other.",
    fix: "Say the difference in a word of its own.",
    check: nearNames,
  },
];
