import { createRequire } from "node:module";
import type * as Ajv from "ajv/dist/2020.js";

/** For the first JSON Schema: most tools are declared with Zod. A declaration is checked at once, so it cannot wait for an import. */
export function loadAjv(): Ajv.Ajv2020 {
  const { Ajv2020 } = createRequire(import.meta.url)("ajv/dist/2020.js") as typeof Ajv;
  // No loadSchema is given, so a remote $ref fails to compile instead of being fetched.
  return new Ajv2020({ allErrors: false, strict: false, validateFormats: false, useDefaults: true, addUsedSchema: false });
}
