const LIST = /^export const tools = \[([^\]]*)\];?/m;
const MAX_LINE_CHARS = 120;

/** The text of `src/tools/index.ts` with a tool more; undefined when it is not of the form that `remit init` writes. */
export function listTool(text: string, { binding, stem }: { readonly binding: string; readonly stem: string }): string | undefined {
  const [found, names] = LIST.exec(text) ?? [];
  if (found === undefined || names === undefined) return undefined;
  const all = [...names.split(",").map((name) => name.trim()), binding].filter((name) => name !== "");
  const inLine = `export const tools = [${all.join(", ")}];`;
  const inLines = `export const tools = [\n${all.map((name) => `  ${name},\n`).join("")}];`;
  const lines = text.replace(found, inLine.length <= MAX_LINE_CHARS ? inLine : inLines).split("\n");
  const last = lines.findLastIndex((line) => line.startsWith("import "));
  return [...lines.slice(0, last + 1), `import { ${binding} } from "./${stem}.ts";`, ...lines.slice(last + 1)].join("\n");
}
