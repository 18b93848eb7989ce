import type { Rule, ToolView, View } from "../rule.ts";
import { verbKind, wordsOf } from "../words.ts";
import { overlapsIn } from "./overlap.ts";
import { eachTool } from "../rule.ts";

const CHARS_PER_TOKEN = 4.3;
const MAX_TOOLS = 40;
const MAX_LIST_TOKENS = 8000;
const MAX_TOOL_TOKENS = 1200;

/** About how many tokens a text costs a model; 6 to 8 % off for lists of tools. */
export function tokensOf(chars: number): number {
  return Math.round(chars / CHARS_PER_TOKEN);
}

export function listTokens(tools: readonly { readonly listedChars: number }[]): number {
  return tokensOf(tools.reduce((chars, { listedChars }) => chars + listedChars + 1, 0));
}

interface Shown {
  /** Who sees it, to be said after a number. */
  readonly to: string;
  readonly tools: readonly ToolView[];
}

/**
 * The longest list that one grant shows. Where scopes are declared a caller sees what these open, so a list is as long as what the widest of
 * them opens with all that it includes; a list from elsewhere is what it is.
 */
function longest({ tools, scopes }: View, size: (tools: readonly ToolView[]) => number): Shown {
  if (scopes === undefined) return { to: "", tools };
  const lists = Object.keys(scopes).map((scope) => {
    const held = new Set<string>();
    const hold = (name: string): void => {
      if (held.has(name)) return;
      held.add(name);
      for (const each of scopes[name]?.includes ?? []) hold(each);
    };
    hold(scope);
    return {
      to: ` to who holds ${scope}`,
      tools: tools.filter(({ declared }) => declared?.scopes.every((each) => held.has(each)) ?? true),
    };
  });
  return lists.toSorted((a, b) => size(b.tools) - size(a.tools))[0] ?? { to: "", tools };
}

const PAGING =
  /^(?:page|limit|cursor|offset|count|first|last|size|max|top|per_page|next|after|before|start)(?:_|$)|_(?:limit|cursor|token|size|page|results)$/;

function hasPaging({ places, outputSchema }: ToolView): boolean {
  if (places.some(({ name }) => PAGING.test(wordsOf(name).join("_")))) return true;
  return JSON.stringify(outputSchema ?? null).includes('"maxItems"');
}

export const catalogueRules: readonly Rule[] = [
  {
    id: "tokens-catalog",
    group: "catalogue",
    severity: "warning",
    about: `The list costs more than ${MAX_LIST_TOKENS.toLocaleString("en")} tokens (characters ÷ ${CHARS_PER_TOKEN}), paid in every conversation. Where scopes are declared, the list that the widest one shows is measured.`,
    fix: "Shorten schemas and descriptions, divide scopes, or serve fewer tools.",
    *check(view) {
      const { to, tools } = longest(view, listTokens);
      const tokens = listTokens(tools);
      if (tokens > MAX_LIST_TOKENS) yield { message: `The list of tools costs ≈${tokens} tokens${to}.` };
    },
  },
  {
    id: "tokens-tool",
    group: "catalogue",
    severity: "warning",
    about: `One tool costs more than ${MAX_TOOL_TOKENS.toLocaleString("en")} tokens (characters ÷ ${CHARS_PER_TOKEN}).`,
    fix: "Shorten its schemas and description, or divide it.",
    check: eachTool(({ listedChars }) => {
      const tokens = tokensOf(listedChars);
      return tokens > MAX_TOOL_TOKENS ? `It costs ≈${tokens} tokens in the list.` : undefined;
    }),
  },
  {
    id: "catalog-count",
    group: "catalogue",
    severity: "warning",
    about: `More than ${MAX_TOOLS} tools in one list: models choose worse from long lists. Where scopes are declared, the list that the widest one shows is measured.`,
    fix: "Join tools that are used together, divide scopes, or serve several lists.",
    *check(view) {
      const { to, tools } = longest(view, ({ length }) => length);
      if (tools.length > MAX_TOOLS) yield { message: `${tools.length} tools are listed${to}.` };
    },
  },
  {
    id: "list-no-paging",
    group: "catalogue",
    severity: "warning",
    about:
      "A tool lists or searches without a limit or a cursor: one day its answer fills the context. Tools declared with Remit are not asked, as their results come in parts by themselves.",
    fix: "Add a limit with a default, and a cursor.",
    check: eachTool((tool) =>
      tool.declared === undefined && ["many", "find"].includes(verbKind(wordsOf(tool.name)[0] ?? "") ?? "") && !hasPaging(tool)
        ? `"${tool.name}" takes neither a limit nor a cursor.`
        : undefined,
    ),
  },
  {
    id: "overlap",
    group: "catalogue",
    severity: "warning",
    about:
      "Two tools whose names, descriptions and parameters are so alike that a model cannot choose. Pairs that differ only in what their verb does (get and list, add and remove) are left out.",
    fix: "Join them, or say in each description when to use it rather than the other.",
    *check({ tools }) {
      for (const { a, b, score } of overlapsIn(tools)) {
        yield { tool: a.name, other: b.name, message: `"${a.name}" and "${b.name}" are alike (${score.toFixed(2)}).` };
      }
    },
  },
  {
    id: "order-unstable",
    group: "catalogue",
    severity: "error",
    about: "Two lists, asked for one after the other, differ in their order: no cache of a prompt that begins with them can be used again.",
    fix: "List the tools in a fixed order.",
    *check({ tools, orderAgain }) {
      if (orderAgain === undefined) return;
      const at = tools.findIndex(({ name }, i) => name !== orderAgain[i]);
      if (at >= 0) yield { message: `The second list has "${orderAgain[at] ?? "nothing"}" where the first has "${tools[at]?.name}".` };
      else if (orderAgain.length !== tools.length)
        yield { message: `The second list has ${orderAgain.length} tools, the first ${tools.length}.` };
    },
  },
];
