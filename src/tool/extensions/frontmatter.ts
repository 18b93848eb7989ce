import { createRequire } from "node:module";
import type * as Yaml from "yaml";
import { isRecord } from "../../lib/is-record.ts";
import type { JsonSchema } from "../define-tool.ts";

/** The first line `---`, then YAML up to the next such line. */
const FRONTMATTER = /^---[ \t]*\r?\n(?:([\s\S]*?)\r?\n)?---[ \t]*(?:\r?\n|$)/;

/** The frontmatter of a SKILL.md as JSON, or a sentence that says what is wrong with it. */
export function parseFrontmatter(markdown: string): JsonSchema | string {
  const yaml = FRONTMATTER.exec(markdown)?.[1];
  if (yaml === undefined)
    return 'has a SKILL.md that does not begin with frontmatter; begin it with a line "---", name, description and a line "---"';
  // For the first skill: most servers have none. A declaration is checked at once, so it cannot wait for an import.
  const { parseDocument } = createRequire(import.meta.url)("yaml") as typeof Yaml;
  const document = parseDocument(yaml, { schema: "core", uniqueKeys: true, stringKeys: true });
  const [problem] = [...document.errors, ...document.warnings];
  if (problem !== undefined) return `has a SKILL.md whose frontmatter is not sound YAML: ${problem.message.split("\n")[0]}`;
  try {
    // No alias is followed: a few nested ones make a text of gigabytes.
    const value: unknown = document.toJS({ maxAliasCount: 0 });
    if (!isRecord(value)) return "has a SKILL.md whose frontmatter is not a mapping of names to values";
    return isJson(value) ? value : "has a SKILL.md whose frontmatter holds a value that JSON does not know; put it in quotes";
  } catch {
    return "has a SKILL.md whose frontmatter uses aliases; write the values out";
  }
}

function isJson(value: unknown): boolean {
  if (value === null || typeof value === "string" || typeof value === "boolean") return true;
  if (typeof value === "number") return Number.isFinite(value);
  if (Array.isArray(value)) return value.every(isJson);
  return isRecord(value) && !Object.hasOwn(value, "__proto__") && Object.values(value).every(isJson);
}
