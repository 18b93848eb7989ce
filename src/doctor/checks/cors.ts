import { found, type Finding, type Step } from "../rules.ts";
import { resultOf, type Answer, type Wire } from "../wire.ts";
import { isLoopback, type Gate } from "./challenge.ts";

/** Where a client in a browser would come from: a tool on this machine, or a site. */
const LOCAL_CLIENT = "http://localhost:6274";
const CLIENT = "https://client.example";
const STRANGER = "https://stranger.invalid";

const NEEDED = ["content-type", "mcp-protocol-version", "mcp-method", "mcp-name"];

interface Examined {
  readonly gate: Gate;
  /** Documents that clients read. */
  readonly documents: readonly string[];
}

/** Whether clients in browsers can come in, and pages that are none cannot. */
export async function checkCors(wire: Wire, { gate, documents }: Examined): Promise<Step> {
  const findings: Finding[] = [];
  const skipped: string[] = [];
  const step: Step = { name: "cors", title: "Browsers", findings, skipped };
  const origin = isLoopback(wire.url) ? LOCAL_CLIENT : CLIENT;
  const preflight = await askBefore(wire, origin);
  const refusal = await wire.send({ era: "modern", method: "server/discover", headers: { origin } });
  findings.push(...(await strangers(wire, gate)));
  if (refusal.status === 403 || preflight.status === 403) skipped.push(`${origin} is not let in`);
  else if (preflight.status === 401) findings.push(found("cors-preflight", "OPTIONS is answered with 401."));
  else if (!isLetIn(preflight, origin)) skipped.push("clients in browsers are not served: OPTIONS has no Access-Control-Allow-Origin");
  else {
    findings.push(...judgeHeaders(preflight, gate));
    if (gate.isProtected && refusal.status === 401) findings.push(...judgeRefusal(refusal, origin));
    const hidden: string[] = [];
    for (const at of documents) if (!isLetIn(await wire.ask(at, { headers: { origin } }), origin)) hidden.push(at);
    if (hidden.length > 0) findings.push(found("cors-metadata", `There is no Access-Control-Allow-Origin at ${hidden.join(", ")}.`));
  }
  return step;
}

function askBefore(wire: Wire, origin: string): Promise<Answer> {
  const headers = {
    origin,
    "access-control-request-method": "POST",
    "access-control-request-headers": ["authorization", ...NEEDED].sort().join(","),
  };
  return wire.ask(wire.url.href, { method: "OPTIONS", headers });
}

function isLetIn({ headers }: Answer, origin: string): boolean {
  const allowed = headers.get("access-control-allow-origin");
  return allowed === "*" || allowed === origin;
}

const listed = (value: string | null): readonly string[] => (value ?? "").toLowerCase().split(/\s*,\s*/);

function judgeHeaders({ headers }: Answer, { isProtected }: Gate): Finding[] {
  const allowed = listed(headers.get("access-control-allow-headers"));
  const missing = NEEDED.filter((name) => !allowed.includes(name) && !allowed.includes("*"));
  if (isProtected && !allowed.includes("authorization")) missing.unshift("authorization");
  return missing.length === 0 ? [] : [found("cors-headers", `Access-Control-Allow-Headers lacks ${missing.join(", ")}.`)];
}

function judgeRefusal(refusal: Answer, origin: string): Finding[] {
  if (!isLetIn(refusal, origin)) return [found("cors-challenge", "The 401 has no Access-Control-Allow-Origin.")];
  const exposed = listed(refusal.headers.get("access-control-expose-headers"));
  if (exposed.includes("www-authenticate") || exposed.includes("*")) return [];
  return [found("cors-challenge", "Access-Control-Expose-Headers of the 401 lacks WWW-Authenticate.")];
}

async function strangers(wire: Wire, gate: Gate): Promise<Finding[]> {
  const preflight = await askBefore(wire, STRANGER);
  const { headers } = preflight;
  if (headers.get("access-control-allow-origin") === STRANGER && headers.get("access-control-allow-credentials") === "true")
    return [found("cors-credentials", `${STRANGER} is let in with credentials.`)];
  if (!isLoopback(wire.url)) return [];
  const token = gate.isProtected && wire.hasToken ? { token: "own" as const } : {};
  const answer = await wire.send({ era: "modern", method: "server/discover", headers: { origin: STRANGER }, ...token });
  const older = await wire.send({ era: "legacy", method: "ping", headers: { origin: STRANGER }, ...token });
  const isAnswered = [answer, older].some((each) => resultOf(each) !== undefined);
  return isAnswered ? [found("origin-unchecked", `A request with Origin: ${STRANGER} is answered.`)] : [];
}
