import { isRecord } from "../../lib/is-record.ts";
import { found, type Finding, type Step } from "../rules.ts";
import { INITIALIZE, outcomeOf, resultOf, type Answer, type Sending, type Wire } from "../wire.ts";
import { parameter, type Gate } from "./challenge.ts";
import type { Described } from "./resource-metadata.ts";

export interface Admission {
  /** Whether the examiner may ask more than strangers may. */
  readonly isAdmitted: boolean;
  readonly step: Step;
}

const MADE_UP = "remit-doctor-made-up-token";
const GIVE = "give an access token with --token or REMIT_TOKEN";

/** Which tokens are taken, and from where. */
export async function checkTokens(wire: Wire, gate: Gate, described: Described): Promise<Admission> {
  const findings: Finding[] = [];
  const skipped: string[] = [];
  const step: Step = { name: "tokens", title: "Tokens", findings, skipped };
  if (!gate.isProtected) {
    skipped.push("nobody is asked for a token");
    return { isAdmitted: true, step };
  }
  findings.push(...(await madeUp(wire, gate)), ...(await inQuery(wire, gate)));
  const { ownToken } = wire;
  if (ownToken === undefined) {
    skipped.push(`audience: ${GIVE}`);
    return { isAdmitted: false, step };
  }
  const isAdmitted = (await enter(wire, { token: "own" })).some(({ status }) => status !== 401 && status !== 403);
  if (!isAdmitted) skipped.push("audience: the token that was given is not accepted");
  else findings.push(...audience(ownToken, { wire, described, skipped }));
  return { isAdmitted, step };
}

/** By the one era and by the other: a server may speak one of them only. */
async function enter(wire: Wire, how: Pick<Sending, "token" | "query">): Promise<readonly Answer[]> {
  const modern = await wire.send({ era: "modern", method: "server/discover", ...how });
  if (resultOf(modern) !== undefined || modern.status === 401) return [modern];
  const legacy = await wire.send({ era: "legacy", method: "initialize", params: INITIALIZE, ...how });
  const session = legacy.headers.get("mcp-session-id");
  if (session !== null) await wire.send({ era: "legacy", method: "ping", headers: { "mcp-session-id": session }, ...how });
  return [modern, legacy];
}

async function isRefused(wire: Wire, how: Pick<Sending, "token" | "query">): Promise<boolean> {
  const answers = await enter(wire, how);
  return !answers.some((answer) => resultOf(answer) !== undefined);
}

async function madeUp(wire: Wire, gate: Gate): Promise<Finding[]> {
  for (const [name, text] of [["A made-up text", MADE_UP] as const, ["A JWT without a signature", unsigned(wire.url)] as const]) {
    if (!(await isRefused(wire, { token: { text } }))) return [found("token-unchecked", `${name} is taken for a token.`)];
  }
  const answer = await wire.send({ era: "modern", method: "server/discover", token: { text: MADE_UP } });
  if (answer.status !== 401) return [found("token-status", `A made-up token is answered with ${outcomeOf(answer)}.`)];
  const challenge = answer.headers.get("www-authenticate") ?? "";
  // Where no refusal has a challenge, that is one fault, and told already.
  if (parameter(challenge, "error") === "invalid_token" || gate.challenge === "") return [];
  return [found("token-error", challenge === "" ? "The 401 has no WWW-Authenticate header." : `WWW-Authenticate is ${challenge}`)];
}

function unsigned({ href, origin }: URL): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "none", typ: "at+jwt" })}.${part({ iss: origin, aud: href, sub: "doctor", client_id: "doctor", exp: 4_102_444_800, scope: "" })}.`;
}

/** A token that counts from the query; without one to try, that the query is read shows in another refusal. */
async function inQuery(wire: Wire, gate: Gate): Promise<Finding[]> {
  const { ownToken } = wire;
  if (ownToken !== undefined) {
    const isRead = !(await isRefused(wire, { query: { access_token: ownToken } }));
    return isRead ? [found("token-in-query", "The token is accepted as ?access_token=….")] : [];
  }
  const answer = await wire.send({ era: "modern", method: "server/discover", query: { access_token: MADE_UP } });
  const error = parameter(answer.headers.get("www-authenticate") ?? "", "error");
  const isRead = answer.status === 401 && error === "invalid_token" && parameter(gate.challenge, "error") !== "invalid_token";
  return isRead ? [found("token-in-query", "A made-up token as ?access_token=… is refused as one that is not valid, so it is read.")] : [];
}

interface Known {
  readonly wire: Wire;
  readonly described: Described;
  readonly skipped: string[];
}

/** The token was accepted: it should have been made for this resource. */
function audience(token: string, { wire, described, skipped }: Known): Finding[] {
  const claims = claimsOf(token);
  if (claims === undefined) {
    skipped.push("audience: the token is no JWT, so it does not say what it was made for");
    return [];
  }
  const named = [claims["aud"]].flat().filter((each) => typeof each === "string");
  const ours = [described.resource, wire.url.href].flatMap((url) => (url === undefined ? [] : [URL.parse(url)?.href]));
  if (named.some((each) => ours.includes(URL.parse(each)?.href ?? ""))) return [];
  return [found("audience-unchecked", `A token for ${named.length === 0 ? "nobody in particular" : named.join(", ")} is accepted.`)];
}

function claimsOf(token: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
    return isRecord(claims) ? claims : undefined;
  } catch {
    return undefined;
  }
}
