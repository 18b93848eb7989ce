import { found, type Finding, type Step } from "../rules.ts";
import { INITIALIZE, outcomeOf, resultOf, type Answer, type Wire } from "../wire.ts";

/** What is known of how the server treats those without a token. */
export interface Gate {
  readonly isProtected: boolean;
  /** Of WWW-Authenticate on the 401. */
  readonly challenge: string;
  readonly metadataUrl: string | undefined;
  readonly step: Step;
}

const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

export function isLoopback({ hostname }: URL): boolean {
  return LOOPBACK.has(hostname);
}

const NO_SUCH_TOOL = "remit-doctor-no-such-tool";

/** Requests that clients begin with, each without a token. */
async function knock(wire: Wire): Promise<Readonly<Record<string, Answer>>> {
  const initialize = await wire.send({ era: "legacy", method: "initialize", params: INITIALIZE });
  const session = initialize.headers.get("mcp-session-id");
  if (session !== null) await wire.ask(wire.url.href, { method: "DELETE", headers: { "mcp-session-id": session } });
  return {
    "server/discover": await wire.send({ era: "modern", method: "server/discover" }),
    initialize,
    "tools/list": await wire.send({ era: "modern", method: "tools/list" }),
    "tools/call": await wire.send({ era: "modern", method: "tools/call", params: { name: NO_SUCH_TOOL, arguments: {} } }),
  };
}

/** Whether, when and how a token is asked for. */
export async function checkChallenge(wire: Wire): Promise<Gate> {
  const findings: Finding[] = [];
  if (wire.url.protocol !== "https:" && !isLoopback(wire.url))
    findings.push(found("url-insecure", `The URL begins with ${wire.url.protocol}//`));
  const answers = await knock(wire);
  const refused = Object.entries(answers).filter(([, { status }]) => status === 401);
  const [first] = refused;
  const step = { name: "challenge", title: "Asking for a token", skipped: [], findings };
  if (first === undefined) {
    findings.push(...withoutChallenge(answers));
    return { isProtected: false, challenge: "", metadataUrl: undefined, step };
  }
  findings.push(...(await lateOnes(wire, answers)));
  const challenge = first[1].headers.get("www-authenticate") ?? "";
  findings.push(...judge(challenge, first[0]));
  return { isProtected: true, challenge, metadataUrl: parameter(challenge, "resource_metadata"), step };
}

function withoutChallenge(answers: Readonly<Record<string, Answer>>): Finding[] {
  const forbidden = Object.entries(answers).find(([, { status }]) => status === 403 || status === 407);
  if (forbidden !== undefined && !Object.values(answers).some((answer) => resultOf(answer) !== undefined))
    return [found("challenge-status", `${forbidden[0]} without a token is answered with ${forbidden[1].status}.`)];
  const open = Object.entries(answers).find(([, answer]) => resultOf(answer) !== undefined);
  return open === undefined ? [] : [found("auth-none", `${open[0]} without a token is answered with ${outcomeOf(open[1])}.`)];
}

async function lateOnes(wire: Wire, answers: Readonly<Record<string, Answer>>): Promise<Finding[]> {
  const { "tools/call": call, ...others } = answers;
  const open =
    call !== undefined && call.status !== 401
      ? [found("call-open", `tools/call without a token is answered with ${outcomeOf(call)}.`)]
      : [];
  // A server that serves event streams to those without a token would keep this one open.
  const get = await wire.ask(wire.url.href, { headers: { accept: "application/json, text/event-stream" } });
  const late = Object.entries({ ...others, GET: get }).filter(([, { status }]) => status !== 401);
  if (late.length === 0) return open;
  const told = late.map(([name, answer]) => `${name} with ${outcomeOf(answer)}`).join(", ");
  return [...open, found("challenge-late", `Without a token these are answered otherwise: ${told}.`)];
}

function judge(challenge: string, method: string): Finding[] {
  if (!/(?:^|,\s*)(?:Bearer|DPoP)(?:\s|$)/i.test(challenge)) {
    const what = challenge === "" ? "no WWW-Authenticate header" : "a WWW-Authenticate header of another scheme";
    return [found("challenge-missing", `The 401 to ${method} has ${what}.`)];
  }
  const findings: Finding[] = [];
  if (parameter(challenge, "resource_metadata") === undefined)
    findings.push(found("challenge-metadata", `WWW-Authenticate is ${challenge}`));
  if (parameter(challenge, "scope") === undefined) findings.push(found("challenge-scope", `WWW-Authenticate is ${challenge}`));
  return findings;
}

/** A parameter of a challenge (RFC 9110 §11.2). */
export function parameter(challenge: string, name: string): string | undefined {
  const [, quoted, plain] = new RegExp(`(?:^|[\\s,])${name}=(?:"((?:[^"\\\\]|\\\\.)*)"|([^\\s",]+))`, "i").exec(challenge) ?? [];
  return quoted?.replace(/\\(.)/g, "$1") ?? plain;
}
