/** What a tool is: declarations, scopes and their hierarchy, and the registry compiled from them. No I/O but one: files that are named in declarations are read when a server is created. */
export * from "./content.ts";
export type * from "./context.ts";
export type * from "./evidence/index.ts";
export * from "./define-resource.ts";
export * from "./define-tool.ts";
export * from "./plan.ts";
export * from "./registry.ts";
export * from "./scopes.ts";
export type * from "./surroundings.ts";
export type * from "./link-pages.ts";
export type * from "./upstream.ts";
export * from "./extensions/index.ts";
export type { IconFile } from "./icons/index.ts";
export { iconEntry } from "./icons/index.ts";
export { findHidden } from "./hidden-text.ts";
export { collectHeaderParams, createValidator, REDACTED, type HeaderParam, type Issue } from "./schema/index.ts";
