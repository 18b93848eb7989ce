import type { Place } from "../places.ts";
import type { ToolView, View } from "../rule.ts";
import { stem, verbKind, wordsOf } from "../words.ts";

/** Names that mean the same wherever a tool creates, changes or lists a thing. A description of them could only repeat them. */
export const PLAIN_NAMES: ReadonlySet<string> = new Set(
  "name display_name title description email uri url slug page page_size per_page limit offset cursor page_token locale timezone".split(
    " ",
  ),
);

/**
 * Whether a parameter needs no description: its values are listed, its name is a plain one, or it is the id of a thing that another tool here
 * lists, finds or gets, so that a model knows where the id comes from.
 */
export function speaksForItself({ name, schema }: Place, _tool: ToolView, view: View): boolean {
  if (Array.isArray(schema["enum"]) || schema["const"] !== undefined) return true;
  const words = wordsOf(name);
  if (PLAIN_NAMES.has(words.join("_"))) return true;
  const last = words.at(-1);
  if (words.length < 2 || (last !== "id" && last !== "ids")) return false;
  const thing = words.slice(0, -1).map(stem).join(" ");
  return listed(view).some((of) => ` ${of} `.includes(` ${thing} `));
}

const LISTED = new WeakMap<View, readonly string[]>();

/** What the tools that list, find or get things are about, as stems. */
function listed(view: View): readonly string[] {
  const known = LISTED.get(view);
  if (known !== undefined) return known;
  const found = view.tools.flatMap(({ name }) => {
    const [verb = "", ...things] = wordsOf(name);
    return ["many", "find"].includes(verbKind(verb) ?? "") ? [things.map(stem).join(" ")] : [];
  });
  LISTED.set(view, found);
  return found;
}
