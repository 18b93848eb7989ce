import { found, type Finding, type Step } from "../rules.ts";
import { errorOf, outcomeOf, resultOf, type Answer, type Wire } from "../wire.ts";
import { parameter } from "./challenge.ts";
import type { Legacy } from "./legacy.ts";
import type { ListedTool } from "./listed-tool.ts";
import type { Modern } from "./modern.ts";

const NO_SUCH_TOOL = "remit-doctor-no-such-tool";
/** So many of the tools that only read are called. */
const MAX_CALLS = 5;

/** Whether what is listed can be called, and what is not listed cannot. No tool is called but such as say that they only read. */
export async function checkTools(wire: Wire, modern: Modern, legacy: Legacy): Promise<Step> {
  const findings: Finding[] = [];
  const skipped: string[] = [];
  const step: Step = { name: "tools", title: "List and call", findings, skipped };
  const tools = modern.isSpoken ? modern.tools : legacy.tools;
  if (tools === undefined) {
    skipped.push("no tools are listed");
    return step;
  }
  findings.push(...compareEras(modern.tools, legacy.tools));
  const call = (name: string): Promise<Answer> =>
    modern.isSpoken
      ? wire.send({ era: "modern", method: "tools/call", params: { name, arguments: {} }, token: "own" })
      : wire.send({ era: "legacy", method: "tools/call", params: { name, arguments: {} }, token: "own", headers: legacy.session });
  const unknown = await call(NO_SUCH_TOOL);
  const result = resultOf(unknown);
  if (result !== undefined && result["isError"] !== true)
    findings.push(found("unknown-tool", `${NO_SUCH_TOOL} is answered with ${outcomeOf(unknown)}.`));
  const callable = tools.filter(({ isReadOnly }) => isReadOnly).slice(0, MAX_CALLS);
  if (callable.length === 0) skipped.push("calls: no tool says that it only reads");
  const answers: { readonly tool: ListedTool; readonly answer: Answer }[] = [];
  for (const tool of callable) answers.push({ tool, answer: await call(tool.name) });
  findings.push(...judge(answers, unknown));
  return step;
}

function judge(answers: readonly { readonly tool: ListedTool; readonly answer: Answer }[], unknown: Answer): Finding[] {
  const absent = answers.filter(({ tool, answer }) => isAbsent(tool, answer, unknown)).map(({ tool }) => tool.name);
  const mute = answers.filter(({ answer }) => answer.status === 403 && !saysScopes(answer)).map(({ tool }) => tool.name);
  return [
    ...(absent.length === 0
      ? []
      : [found("list-call", `Called without arguments, ${absent.join(", ")} is answered as a tool that does not exist.`)]),
    ...(mute.length === 0 ? [] : [found("scope-challenge", `${mute.join(", ")} is answered with 403 and no scopes.`)]),
  ];
}

function saysScopes({ headers }: Answer): boolean {
  const challenge = headers.get("www-authenticate") ?? "";
  return parameter(challenge, "error") === "insufficient_scope" && parameter(challenge, "scope") !== undefined;
}

/** It is answered word for word as one that does not exist, and that cannot be because arguments are missing. */
function isAbsent(tool: ListedTool, answer: Answer, unknown: Answer): boolean {
  const [said, expected] = [wordsOf(answer), wordsOf(unknown)];
  if (said === undefined || expected === undefined || answer.status !== unknown.status || answer.status === 403) return false;
  const isSame = said.replaceAll(tool.name, "NAME") === expected.replaceAll(NO_SUCH_TOOL, "NAME");
  return isSame && (!tool.needsArguments || said.includes(tool.name));
}

/** What a refusal says; undefined for a success. */
function wordsOf(answer: Answer): string | undefined {
  const error = errorOf(answer);
  if (error !== undefined) return `${String(error.code)} ${error.message}`;
  const result = resultOf(answer);
  return result?.["isError"] === true ? JSON.stringify(result["content"]) : undefined;
}

function compareEras(modern: readonly ListedTool[] | undefined, legacy: readonly ListedTool[] | undefined): Finding[] {
  if (modern === undefined || legacy === undefined) return [];
  const only = (these: readonly ListedTool[], those: readonly ListedTool[]) =>
    these.filter(({ name }) => !those.some((other) => other.name === name)).map(({ name }) => name);
  const told = [...only(modern, legacy), ...only(legacy, modern)];
  return told.length === 0 ? [] : [found("era-lists", `Listed in one of them only: ${told.join(", ")}.`)];
}
