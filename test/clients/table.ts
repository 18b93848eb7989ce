/** The matrix as a table of Markdown: what the page about clients has between its markers. */
import { CHECKS, type Row } from "./checks.ts";
import type { RealClient, RefusalShown, Skill } from "./real-client.ts";

export const PAGE = new URL("../../docs/reference/clients.md", import.meta.url);
export const HEAD = ["Client", "Version", "Set up", "Transport", "Authentication", "Revision", ...CHECKS.map(capitalize), "Date"] as const;
const BEGIN = "<!-- matrix: written by `npm run test:clients -- --write` -->";
const END = "<!-- end of matrix -->";

export function cellsOf({ name, version, mode = "", transport, auth }: RealClient): readonly string[] {
  return [name, version, mode, transport, auth];
}

/** Why a client cannot show something, each reason once, in the order of the rows. */
export function reasonsOf(clients: readonly RealClient[]): readonly string[] {
  return [...new Set(clients.flatMap(({ lacks }) => Object.values(lacks)))];
}

function lineOf({ client, protocol, marks }: Row, reasons: readonly string[]): readonly string[] {
  const cell = (check: Check) => (marks[check] === "FAIL" ? "FAIL" : goodCell(client, check, reasons));
  return [...cellsOf(client), protocol, ...CHECKS.map(cell)];
}

/** The row of a client in which nothing failed, without its date. */
export function expectedCells(client: RealClient, reasons: readonly string[]): readonly string[] {
  return [...cellsOf(client), client.protocol, ...CHECKS.map((check) => goodCell(client, check, reasons))];
}

type Check = (typeof CHECKS)[number];

function goodCell(client: RealClient, check: Check, reasons: readonly string[]): string {
  const reason = client.lacks[check as Skill];
  if (reason !== undefined) return dash(reasons.indexOf(reason));
  return check === "refused" ? SHOWN[client.refusal] : "ok";
}

/** What the user of a client sees of a refusal, in the table. */
const SHOWN: Readonly<Record<RefusalShown, string>> = {
  scope: "ok: names the scope",
  "403": "ok: 403",
  "sign-in": "ok: wants a sign-in",
  "time-out": "ok: times out",
};

const PEOPLE = "With a person who signs in and decides in a browser, up to a call in their name:";

/** Aligned, as a formatter of Markdown has it. */
export function markdown(rows: readonly Row[], signedIn: readonly string[], date: string): string {
  const reasons = reasonsOf(rows.map(({ client }) => client));
  const lines = [HEAD, ...rows.map((row) => [...lineOf(row, reasons), date])];
  const widths = HEAD.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const line = (cells: readonly string[]) => `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const [head = [], ...body] = lines;
  const table = [line(head), `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`, ...body.map(line)];
  const why = reasons.map((reason, at) => `- ${dash(at)}: ${reason}`);
  const people = signedIn.map((name) => `- ${name}: ok, ${date}`);
  return [table.join("\n"), "Why a client shows nothing there:", why.join("\n"), PEOPLE, people.join("\n")].join("\n\n");
}

function dash(at: number): string {
  return `– (${"abcdefghij"[at] ?? "?"})`;
}

/** What a page has between the markers. */
export function matrixIn(page: string): string {
  return page.slice(page.indexOf(BEGIN) + BEGIN.length, page.indexOf(END)).trim();
}

export function withMatrix(page: string, matrix: string): string {
  return `${page.slice(0, page.indexOf(BEGIN))}${BEGIN}\n\n${matrix}\n\n${page.slice(page.indexOf(END))}`;
}

/** The rows of a table of Markdown, a list of cells each, without its head. */
export function rowsIn(matrix: string): readonly (readonly string[])[] {
  const lines = matrix.split("\n").filter((line) => line.startsWith("|"));
  return lines.slice(2).map((line) =>
    line
      .slice(1, -1)
      .split("|")
      .map((cell) => cell.trim()),
  );
}

function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
