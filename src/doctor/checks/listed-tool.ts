import { isRecord } from "../../lib/is-record.ts";
import { resultOf, type Answer } from "../wire.ts";

/** What of a tool matters to whether it may be called here. */
export interface ListedTool {
  readonly name: string;
  /** By its own word it changes nothing. */
  readonly isReadOnly: boolean;
  readonly needsArguments: boolean;
}

/** The first page of a list; undefined when the answer has none. */
export function readTools(answer: Answer): readonly ListedTool[] | undefined {
  const tools = resultOf(answer)?.["tools"];
  if (!Array.isArray(tools)) return undefined;
  return tools.filter(isRecord).flatMap(({ name, annotations, inputSchema }) => {
    if (typeof name !== "string") return [];
    const hints = isRecord(annotations) ? annotations : {};
    const required = isRecord(inputSchema) ? inputSchema["required"] : undefined;
    const isReadOnly = hints["readOnlyHint"] === true && hints["destructiveHint"] !== true;
    return [{ name, isReadOnly, needsArguments: Array.isArray(required) && required.length > 0 }];
  });
}
