import { readdir, readFile } from "node:fs/promises";

/** A part of a page under one heading. */
export interface Section {
  /** Path of the page below `docs/`. */
  readonly page: string;
  /** Title of the page and the headings that lead here. */
  readonly heading: string;
  readonly text: string;
}

/** Where the pages are, in the source tree and in the published package alike. */
const FOLDER = new URL("../../../docs/", import.meta.url);
const MAX_SECTION_CHARS = 1_500;

/** All sections of all pages, in the order of their paths. */
export async function readSections(folder: URL = FOLDER): Promise<readonly Section[]> {
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith(".md")).toSorted();
  const pages = names.map(async (name) => sectionsOf(name, await readFile(new URL(name, folder), "utf8")));
  return (await Promise.all(pages)).flat();
}

/** The page cut at its headings, and long parts between blank lines. What is in code blocks is no heading. */
export function sectionsOf(page: string, markdown: string): readonly Section[] {
  const sections: Section[] = [];
  const headings: string[] = [];
  let lines: string[] = [];
  let isCode = false;
  const close = (): void => {
    for (const text of pieces(lines.join("\n"))) sections.push({ page, heading: headings.filter(Boolean).join(" › "), text });
    lines = [];
  };
  for (const line of markdown.split("\n")) {
    if (line.startsWith("```")) isCode = !isCode;
    const heading = isCode ? null : /^(#{1,4}) (.+)$/.exec(line);
    if (heading === null) lines.push(line);
    else {
      close();
      headings.length = (heading[1] ?? "").length - 1;
      headings.push(heading[2] ?? "");
    }
  }
  close();
  return sections;
}

function pieces(text: string): string[] {
  const found: string[] = [];
  for (const paragraph of text.split(/\n{2,}/)) {
    const last = found.at(-1);
    if (paragraph.trim() === "") continue;
    if (last !== undefined && last.length + paragraph.length < MAX_SECTION_CHARS)
      found[found.length - 1] = `${last}\n\n${paragraph.trim()}`;
    else found.push(paragraph.trim().slice(0, MAX_SECTION_CHARS));
  }
  return found;
}
