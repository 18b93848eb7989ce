import type * as z from "zod";
import { ConsoleProblem } from "../endpoint.ts";

/** What a query says, as the schema has it; what is empty is left out. Throws ConsoleProblem. */
export function readQuery<T>(schema: z.ZodType<T>, query: URLSearchParams): T {
  const given = Object.fromEntries([...query].filter(([, value]) => value !== ""));
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const message = result.error.issues.map(({ path, message: text }) => `${path.join(".") || "query"}: ${text}`).join("; ");
  throw new ConsoleProblem(400, { code: "bad_query", message });
}

/** What a room of evidence found; throws a 400 with what is wrong with the question. */
export function found<T>(answer: T | { readonly problems: readonly string[] }): T {
  if (!isProblems(answer)) return answer;
  throw new ConsoleProblem(400, { code: "bad_query", message: answer.problems.map(sentence).join(" ") });
}

function isProblems(answer: unknown): answer is { readonly problems: readonly string[] } {
  return typeof answer === "object" && answer !== null && "problems" in answer;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.?!]$/.test(text) ? "" : "."}`;
}
