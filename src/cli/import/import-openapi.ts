import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { escapeUnsafe } from "../../lib/escape-unsafe.ts";
import { EXIT, ExitError } from "../exit.ts";
import { table } from "../table.ts";
import { propose, type Proposal } from "./propose.ts";
import { readDocument } from "./read-document.ts";
import { renderFiles } from "./render-files.ts";

export interface ImportOrder {
  readonly out?: string;
  readonly server?: string;
  readonly json?: boolean;
}

/** What is proposed, and written when a folder was named. Throws ExitError when the document cannot be used at all. */
export async function importOpenapi(
  file: string,
  { out, server, json = false }: ImportOrder,
): Promise<{ readonly text: string; readonly isEmpty: boolean }> {
  if (out !== undefined && existsSync(out))
    throw new ExitError(EXIT.usage, `${out} is there already. Name a folder that is not, so that nothing is written over.`);
  const text = await readFile(file, "utf8").catch(() => {
    throw new ExitError(EXIT.notFound, `There is no file ${file} that can be read.`);
  });
  const document = readDocument(text);
  if (typeof document === "string") throw new ExitError(EXIT.failed, escapeUnsafe(`${file}: ${document}.`));
  const proposal = propose(document, server);
  if (typeof proposal === "string") throw new ExitError(EXIT.usage, escapeUnsafe(proposal));
  const files = renderFiles(proposal);
  if (out !== undefined && proposal.tools.length > 0) await writeAll(out, files);
  const isEmpty = proposal.tools.length === 0;
  return { isEmpty, text: json ? factsOf(proposal, [...files.keys()]) : describe(proposal, isEmpty ? undefined : out) };
}

async function writeAll(folder: string, files: ReadonlyMap<string, string>): Promise<void> {
  for (const [path, text] of files) {
    const target = join(folder, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, text, { flag: "wx" });
  }
}

function factsOf({ tools, scopes, notes, base }: Proposal, files: readonly string[]): string {
  const listed = tools.map(({ name, method, path, effect, scope }) => ({ name, method, path, effect, scopes: [scope] }));
  return escapeUnsafe(JSON.stringify({ base, tools: listed, scopes: Object.keys(scopes), notes, files }));
}

function describe({ tools, notes }: Proposal, out: string | undefined): string {
  const rows = tools.map(({ name, method, path, effect, scope }) => [name, `${method} ${path}`, effect, scope]);
  const told = notes.map(({ where, text }) => escapeUnsafe(`- ${where}: ${text}`));
  const place =
    out === undefined
      ? "Nothing is written. Name a folder with --out to get these as files."
      : `Written to ${out}. Review all of it: REVIEW.md says what to look at.`;
  return [table(["tool", "calls", "effect", "scope"], rows), ...(told.length === 0 ? [] : ["", ...told]), "", place].join("\n");
}
