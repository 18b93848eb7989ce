import type { Catalogue, LintTool } from "./catalogue.ts";
import { placesIn, type Place } from "./places.ts";

export type Severity = "error" | "warning" | "info";
export type Group = "name" | "description" | "parameters" | "schema" | "annotations" | "access" | "catalogue";

/** What a rule says of one place. */
export interface Hit {
  readonly message: string;
  readonly tool?: string;
  /** Dotted path of a property of the input schema. */
  readonly parameter?: string;
  readonly scope?: string;
  /** The second tool of a pair. */
  readonly other?: string;
  /** When it is not that of the rule. */
  readonly severity?: Severity;
}

/** A tool with its properties, found once for all rules. */
export interface ToolView extends LintTool {
  readonly places: readonly Place[];
}

export interface View extends Catalogue {
  readonly tools: readonly ToolView[];
}

export interface Rule {
  readonly id: string;
  readonly group: Group;
  readonly severity: Severity;
  /** What it finds and why that matters, in a sentence or two. */
  readonly about: string;
  readonly fix: string;
  check(view: View): Iterable<Hit>;
}

export function viewOf(catalogue: Catalogue): View {
  return { ...catalogue, tools: catalogue.tools.map((tool) => ({ ...tool, places: placesIn(tool.inputSchema) })) };
}

/** What is said of a tool; nothing when undefined or empty. */
type Said = string | undefined;

/** A check of one tool after the other. */
export function eachTool(check: (tool: ToolView, view: View) => Said): Rule["check"] {
  return function* (view) {
    for (const tool of view.tools) {
      const message = check(tool, view);
      if (message !== undefined) yield { tool: tool.name, message };
    }
  };
}

/** A check of one property after the other, at any depth. */
export function eachPlace(check: (place: Place, tool: ToolView, view: View) => Said): Rule["check"] {
  return function* (view) {
    for (const tool of view.tools) {
      for (const place of tool.places) {
        const message = check(place, tool, view);
        if (message !== undefined) yield { tool: tool.name, parameter: place.path, message };
      }
    }
  };
}

/** Only for what lies at the root: the arguments themselves. */
export function eachParameter(check: (place: Place, tool: ToolView, view: View) => Said): Rule["check"] {
  return eachPlace((place, tool, view) => (place.depth === 1 ? check(place, tool, view) : undefined));
}
