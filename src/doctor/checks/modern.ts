import { found, type Finding, type Step } from "../rules.ts";
import { errorOf, LEGACY, MODERN, outcomeOf, resultOf, type Answer, type Sending, type Wire } from "../wire.ts";
import { readTools, type ListedTool } from "./listed-tool.ts";

export interface Modern {
  readonly isSpoken: boolean;
  /** Undefined where there is no list. */
  readonly tools: readonly ListedTool[] | undefined;
  readonly step: Step;
}

const NO_VERSION = "1999-01-01";
const NO_METHOD = "remit-doctor/no-such-method";

/** The stateless revision of the protocol. */
export async function checkModern(wire: Wire): Promise<Modern> {
  const findings: Finding[] = [];
  const step: Step = { name: "modern", title: `Protocol ${MODERN}`, findings, skipped: [] };
  const send = (sending: Omit<Sending, "era" | "token">) => wire.send({ era: "modern", token: "own", ...sending });
  const discover = await send({ method: "server/discover" });
  const discovered = resultOf(discover);
  if (discovered === undefined) {
    const skipped = [`it is not spoken: server/discover is answered with ${outcomeOf(discover)}`];
    return { isSpoken: false, tools: undefined, step: { ...step, skipped } };
  }
  const lacking = [
    ...(Array.isArray(discovered["supportedVersions"]) ? [] : ["supportedVersions"]),
    ...(typeof discovered["capabilities"] === "object" ? [] : ["capabilities"]),
  ];
  if (lacking.length > 0) findings.push(found("discover-result", `It lacks ${lacking.join(", ")}.`));
  const list = await send({ method: "tools/list" });
  findings.push(...judgeResults({ "server/discover": discover, "tools/list": list }));
  const version = await send({ method: "server/discover", version: NO_VERSION, headers: { "mcp-protocol-version": NO_VERSION } });
  if (version.status !== 400 || errorOf(version)?.code !== -32022 || !namesVersions(version))
    findings.push(
      found(
        "version-error",
        `${NO_VERSION} is answered with ${outcomeOf(version)}${namesVersions(version) ? "" : ", without data.supported"}.`,
      ),
    );
  const method = await send({ method: NO_METHOD });
  if (method.status !== 404 || errorOf(method)?.code !== -32601)
    findings.push(found("method-error", `${NO_METHOD} is answered with ${outcomeOf(method)}.`));
  findings.push(...(await disagreements(send)));
  const batch = await send({ method: "tools/list", isBatch: true });
  if (resultOf(batch) !== undefined) findings.push(found("batch", `[tools/list] is answered with ${outcomeOf(batch)}.`));
  return { isSpoken: true, tools: readTools(list), step };
}

function namesVersions(answer: Answer): boolean {
  const data = errorOf(answer)?.data;
  return typeof data === "object" && data !== null && "supported" in data && Array.isArray(data.supported);
}

function judgeResults(answers: Readonly<Record<string, Answer>>): Finding[] {
  const results = Object.entries(answers).flatMap(([name, answer]) => {
    const result = resultOf(answer);
    return result === undefined ? [] : [{ name, result }];
  });
  const untyped = results.filter(({ result }) => typeof result["resultType"] !== "string").map(({ name }) => name);
  const unhinted = results
    .filter(({ result: { ttlMs, cacheScope } }) => typeof ttlMs !== "number" || (cacheScope !== "public" && cacheScope !== "private"))
    .map(({ name }) => name);
  return [
    ...(untyped.length === 0 ? [] : [found("result-type", `That of ${untyped.join(", ")} has none.`)]),
    ...(unhinted.length === 0 ? [] : [found("cache-hints", `${unhinted.join(", ")} lacks them.`)]),
  ];
}

/** Headers that say something else than the body, or nothing. All ask for the same harmless list. */
async function disagreements(send: (sending: Omit<Sending, "era" | "token">) => Promise<Answer>): Promise<Finding[]> {
  const cases = {
    "Mcp-Method of another method": { "mcp-method": "server/discover" },
    "no Mcp-Method": { "mcp-method": undefined },
    "MCP-Protocol-Version of another version": { "mcp-protocol-version": LEGACY },
  };
  const told: string[] = [];
  for (const [name, headers] of Object.entries(cases)) {
    const answer = await send({ method: "tools/list", headers });
    if (answer.status !== 400 || errorOf(answer)?.code !== -32020) told.push(`${name} is answered with ${outcomeOf(answer)}`);
  }
  return told.length === 0 ? [] : [found("header-body", `${told.join("; ")}.`)];
}
