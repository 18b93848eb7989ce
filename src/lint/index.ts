/** Whether tools are ones that agents get right: rules over what they say of themselves. Nothing is called, and no model is asked. */
export { askServer } from "./ask-server.ts";
export type { Catalogue } from "./catalogue.ts";
export { parseToolList } from "./from-list.ts";
export { catalogueOfSurface } from "./from-surface.ts";
export { lintTools, type LintReport } from "./lint-tools.ts";
export * from "./report/index.ts";
export { PLAIN_NAMES, RULES, tokensOf } from "./rules/index.ts";
export { baselineOf, parseBaseline, problemsOf } from "./suppressions.ts";
