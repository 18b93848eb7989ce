import { ColumnNode, IdentifierNode, type OperationNode, RawNode, ReferenceNode, SelectQueryNode, TableNode, ValueNode } from "kysely";
import { isCallable } from "./callable.ts";

/** Words that begin a statement, a clause or a source of rows: they belong to the query builder, which is confined. */
const CLAUSE_WORDS = new Set(
  (
    "select from join table with recursive values insert update delete merge replace into union intersect except where having set using only " +
    "lateral returning conflict limit offset fetch for window pragma attach detach vacuum analyze explain execute prepare deallocate call copy do lock " +
    "truncate alter create drop grant revoke begin start commit rollback savepoint release listen notify unlisten reset show discard reindex cluster"
  ).split(" "),
);

/** Words that may stand before an opening parenthesis without being a function. */
const WORDS_BEFORE_PARENS = new Set(
  "and or not in is like ilike between then when else case any all some over filter as by distinct exists partition order escape interval".split(
    " ",
  ),
);

const QUOTED = /'(?:[^']|'')*'|"(?:[^"]|"")*"/g;
const ALLOWED = /^(?:[\w\s().,+*/%<>=!|&~^-]|::|@>|<@)*$/;
const WORD = /[a-z_][\w]*/gi;
const QUOTED_CALL = /"\s*\(/;
const CALL = /([a-z_]\w*)\s*\(/gi;
/** SQLite reads `x in name` as a search in the table of that name. */
const SEARCH_IN_NAME = /\bin\b(?!\s*\()/i;

/** Stands for a query made with the builder, which is confined by itself. No fragment may contain it. */
const QUERY = "\u0001";
/** How Kysely's JSON helpers read from such a query, and from nothing else. */
const JSON_HELPER = new RegExp(`^\\(select (.*) from ${QUERY} as (?:agg|obj)\\)$`, "s");

/**
 * Why an `sql` fragment may not run on a confined handle, or undefined when it may: it must be an expression over the
 * columns at hand, with parentheses in balance, no source of rows, no comment, and only known functions.
 */
export function rawProblem(node: RawNode): string | undefined {
  const whole = textOf(node);
  if (whole === undefined) return "it names a table";
  const text = (JSON_HELPER.exec(whole)?.[1] ?? whole).replaceAll(QUERY, "(0)");
  if (QUOTED_CALL.test(text)) return "it calls a quoted function";
  // Quoted text cannot hide anything: it is taken out whole, and a quote left over is not allowed.
  const bare = text.replace(QUOTED, (quoted) => (quoted.startsWith('"') ? " x " : " 0 "));
  if (!ALLOWED.test(bare) || /--|\/\*|\*\//.test(bare)) return "it has a character that is not allowed";
  if (!isBalanced(bare)) return "its parentheses are not in balance";
  if (SEARCH_IN_NAME.test(bare)) return 'its "in" is not followed by a list';
  for (const [word] of bare.matchAll(WORD)) {
    if (CLAUSE_WORDS.has(word.toLowerCase())) return `it says "${word.toLowerCase()}"`;
  }
  for (const [, name = ""] of bare.matchAll(CALL)) {
    if (!isCallable(name) && !WORDS_BEFORE_PARENS.has(name.toLowerCase())) return `it calls "${name}"`;
  }
  return undefined;
}

/** The fragment with its nested fragments in place, as it will be read; undefined when it names a table. */
function textOf(node: OperationNode): string | undefined {
  if (RawNode.is(node)) {
    let text = "";
    for (const [i, fragment] of node.sqlFragments.entries()) {
      if (fragment.includes(QUERY)) return undefined;
      text += fragment;
      const parameter = node.parameters[i];
      if (parameter === undefined) continue;
      const inner = textOf(parameter);
      if (inner === undefined) return undefined;
      text += inner;
    }
    return text;
  }
  if (TableNode.is(node)) return undefined;
  if (SelectQueryNode.is(node)) return QUERY;
  if (IdentifierNode.is(node) || ReferenceNode.is(node) || ColumnNode.is(node)) return '"x"';
  // A bound value or an expression, which is checked by itself.
  return ValueNode.is(node) ? " 0 " : "(0)";
}

function isBalanced(text: string): boolean {
  let depth = 0;
  for (const character of text) {
    if (character === "(") depth++;
    else if (character === ")" && --depth < 0) return false;
  }
  return depth === 0;
}
