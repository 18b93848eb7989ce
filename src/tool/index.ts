/** What a tool is: declarations, scopes and their hierarchy, and the registry compiled from them. No I/O. */
export * from "./content.ts";
export type * from "./context.ts";
export * from "./define-resource.ts";
export * from "./define-tool.ts";
export * from "./registry.ts";
export * from "./scopes.ts";
export type * from "./upstream.ts";
export { findHidden } from "./hidden-text.ts";
export type { HeaderParam } from "./header-params.ts";
export type { Issue } from "./validator.ts";
