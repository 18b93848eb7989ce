export { checkValue, type Problem } from "./check-value.ts";
export { startArguments } from "./field-value.ts";
export { SchemaForm } from "./schema-form.tsx";
export type { Schema } from "./resolve.ts";
