/** All rules, in the order in which they are told. */
import type { Rule } from "../rule.ts";
import { accessRules } from "./access.ts";
import { annotationRules } from "./annotations.ts";
import { catalogueRules } from "./catalogue.ts";
import { descriptionRules } from "./descriptions.ts";
import { driftRules } from "./drift.ts";
import { nameRules } from "./names.ts";
import { parameterRules } from "./parameters.ts";
import { schemaRules } from "./schemas.ts";

export { listTokens, tokensOf } from "./catalogue.ts";
export { PLAIN_NAMES } from "./speaks-for-itself.ts";

export const RULES: readonly Rule[] = [
  ...nameRules,
  ...descriptionRules,
  ...driftRules,
  ...parameterRules,
  ...schemaRules,
  ...annotationRules,
  ...accessRules,
  ...catalogueRules,
];
