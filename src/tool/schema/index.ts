/** What the schemas of tools accept, and which of their arguments clients mirror into headers. */
export { collectHeaderParams, type HeaderParam } from "./header-params.ts";
export { createConcealer, REDACTED, type Concealer } from "./concealer.ts";
export { createValidator, type Issue, type Validator } from "./validator.ts";
