import { isRecord } from "../../../json/index.ts";
import type { CallLine, Explained } from "../../../../contract.ts";

export interface Summary {
  readonly look: "allow" | "deny" | "error";
  readonly word: string;
  readonly text: string;
  /** The answer to the call, when there is one. */
  readonly message: unknown;
}

/** What came of it, in a word and a line; undefined when nothing did yet. */
export function summaryOf(lines: readonly CallLine[], explained: Explained | undefined): Summary | undefined {
  // Of the older protocol the call is the last of several requests.
  const response = lines.findLast((line) => line.type === "response");
  const message = lines.findLast(
    (line) => line.type === "event" && isRecord(line.message) && ("result" in line.message || "error" in line.message),
  );
  const answer = message?.type === "event" ? message.message : undefined;
  if (explained !== undefined && !explained.allowed) {
    const status = response?.type === "response" ? ` ${response.status}` : "";
    return { look: "deny", word: `denied${status}`, text: explained.rule, message: answer };
  }
  if (response?.type !== "response") {
    return explained === undefined ? undefined : { look: "allow", word: "would be allowed", text: explained.rule, message: undefined };
  }
  const problem = problemOf(answer, response.status);
  const took = lines.findLast((line) => line.type === "end");
  const ms = took?.type === "end" ? `${Math.round(took.ms)} ms` : "";
  if (problem === undefined) return { look: "allow", word: `allowed ${response.status}`, text: ms, message: answer };
  return {
    look: "error",
    word: `error ${response.status}`,
    text: [problem, ms].filter(Boolean).join(" · "),
    message: answer,
  };
}

function problemOf(answer: unknown, status: number): string | undefined {
  if (!isRecord(answer)) return status >= 400 ? "The server refused it." : undefined;
  const { error, result } = answer;
  if (isRecord(error)) return String(error["message"]);
  return isRecord(result) && result["isError"] === true ? "The tool answered with an error." : undefined;
}
