import { found, type Finding, type Step } from "../rules.ts";
import { INITIALIZE, LEGACY, outcomeOf, resultOf, type Sending, type Wire } from "../wire.ts";
import { readTools, type ListedTool } from "./listed-tool.ts";

export interface Legacy {
  readonly isSpoken: boolean;
  readonly tools: readonly ListedTool[] | undefined;
  /** Headers of the session that was opened. */
  readonly session: Readonly<Record<string, string>>;
  readonly step: Step;
  close(): Promise<void>;
}

const NO_VERSION = "1999-01-01";
/** In the form of those that servers make, and of none of them. */
const NO_SESSION = "00000000-0000-4000-8000-000000000000";

/** The revisions with initialize, and sessions for those who want them. */
export async function checkLegacy(wire: Wire): Promise<Legacy> {
  const findings: Finding[] = [];
  const step: Step = { name: "legacy", title: `Protocol ${LEGACY}`, findings, skipped: [] };
  const opened = new Set<string>();
  const send = async (sending: Omit<Sending, "era" | "token">) => {
    const answer = await wire.send({ era: "legacy", token: "own", ...sending });
    const id = answer.headers.get("mcp-session-id");
    if (id !== null) opened.add(id);
    return answer;
  };
  const close = async () => {
    const authorization = wire.ownToken === undefined ? {} : { authorization: `Bearer ${wire.ownToken}` };
    for (const id of opened) await wire.ask(wire.url.href, { method: "DELETE", headers: { ...authorization, "mcp-session-id": id } });
  };
  const initialized = await send({ method: "initialize", params: INITIALIZE });
  const version = resultOf(initialized)?.["protocolVersion"];
  if (typeof version !== "string") {
    const skipped = [`it is not spoken: initialize is answered with ${outcomeOf(initialized)}`];
    return { isSpoken: false, tools: undefined, session: {}, step: { ...step, skipped }, close };
  }
  const id = initialized.headers.get("mcp-session-id");
  const session = { "mcp-protocol-version": version, ...(id === null ? {} : { "mcp-session-id": id }) };
  await send({ method: "notifications/initialized", isNotification: true, headers: session });
  const list = await send({ method: "tools/list", headers: session });
  const unknown = await send({ method: "initialize", params: { ...INITIALIZE, protocolVersion: NO_VERSION } });
  const agreed = resultOf(unknown)?.["protocolVersion"];
  if (typeof agreed !== "string" || agreed === NO_VERSION)
    findings.push(found("legacy-version", `${NO_VERSION} is answered with ${outcomeOf(unknown)}.`));
  if (id !== null) {
    const strange = await send({ method: "tools/list", headers: { ...session, "mcp-session-id": NO_SESSION } });
    if (resultOf(strange) !== undefined)
      findings.push(found("legacy-session", `tools/list in a made-up session is answered with ${outcomeOf(strange)}.`));
  }
  const batch = await send({ method: "tools/list", headers: session, isBatch: true });
  if (resultOf(batch) !== undefined && version > "2025-06")
    findings.push(found("batch", `[tools/list] is answered with ${outcomeOf(batch)}.`));
  return { isSpoken: true, tools: readTools(list), session, step, close };
}
