import { found, type Finding, type Step } from "../rules.ts";
import { documentIn, type Answer, type Wire } from "../wire.ts";
import { parameter, type Gate } from "./challenge.ts";

export interface Described {
  /** The documents that were read, by their URLs. */
  readonly places: readonly string[];
  readonly issuers: readonly string[];
  readonly resource: string | undefined;
  readonly step: Step;
}

const WELL_KNOWN = "/.well-known/oauth-protected-resource";

interface Copy {
  readonly at: string;
  readonly answer: Answer;
  readonly document: Readonly<Record<string, unknown>> | undefined;
}

/** Whether clients find out what the resource is and who gives tokens for it (RFC 9728). */
export async function checkResourceMetadata(wire: Wire, gate: Gate): Promise<Described> {
  const findings: Finding[] = [];
  const skipped: string[] = [];
  const step: Step = { name: "metadata", title: "Protected-resource metadata", findings, skipped };
  if (!gate.isProtected) {
    skipped.push("nobody is asked for a token");
    return { places: [], issuers: [], resource: undefined, step };
  }
  const copies = await readCopies(wire, gate, { findings, skipped });
  const [first] = copies.filter(({ document }) => document !== undefined);
  if (first?.document === undefined) {
    if (skipped.length === 0)
      findings.push(found("metadata-missing", `None of ${copies.map(({ at }) => at).join(", ")} is a JSON object.`));
    return { places: [], issuers: [], resource: undefined, step };
  }
  const { document } = first;
  findings.push(...agreement(copies), ...judge(wire, first, gate));
  const issuers = Array.isArray(document["authorization_servers"])
    ? document["authorization_servers"].filter((each) => typeof each === "string")
    : [];
  const places = copies.flatMap(({ at, document: read }) => (read === undefined ? [] : [at]));
  const resource = typeof document["resource"] === "string" ? document["resource"] : undefined;
  return { places, issuers, resource, step };
}

async function readCopies(
  wire: Wire,
  gate: Gate,
  { findings, skipped }: { findings: Finding[]; skipped: string[] },
): Promise<readonly Copy[]> {
  const { origin, pathname, search } = wire.url;
  const suffix = pathname === "/" ? "" : pathname;
  const byPath = `${origin}${WELL_KNOWN}${suffix}${search}`;
  const root = `${origin}${WELL_KNOWN}`;
  const named = gate.metadataUrl === undefined ? undefined : URL.parse(gate.metadataUrl, wire.url.href)?.href;
  if (named !== undefined && !wire.isOwn(named)) skipped.push(`the challenge names ${named}, which is of another origin`);
  const places = new Set([...(named !== undefined && wire.isOwn(named) ? [named] : []), byPath, root]);
  const copies: Copy[] = [];
  for (const at of places) {
    const answer = await wire.ask(at);
    copies.push({ at, answer, document: documentIn(answer) });
  }
  const at = (place: string) => copies.find((copy) => copy.at === place);
  const isReadable = copies.some(({ document }) => document !== undefined);
  if (isReadable && named !== undefined && at(named) !== undefined && at(named)?.document === undefined)
    findings.push(found("metadata-unreadable", `${named} is answered with ${at(named)?.answer.status}.`));
  if (isReadable && named !== byPath && at(byPath)?.document === undefined)
    findings.push(found("metadata-path", `${byPath} is answered with ${at(byPath)?.answer.status}.`));
  if (isReadable && suffix !== "" && named !== root && at(root)?.document === undefined)
    findings.push(found("metadata-root", `${root} is answered with ${at(root)?.answer.status}.`));
  return copies;
}

function agreement(copies: readonly Copy[]): Finding[] {
  const read = copies.flatMap(({ at, document }) => (document === undefined ? [] : [{ at, document }]));
  const said = (document: Readonly<Record<string, unknown>>) => JSON.stringify([document["resource"], document["authorization_servers"]]);
  const [first, ...others] = read;
  const other = others.find(({ document }) => first !== undefined && said(document) !== said(first.document));
  if (first === undefined || other === undefined) return [];
  return [found("metadata-copies", `${first.at} says ${said(first.document)}, ${other.at} says ${said(other.document)}.`)];
}

function judge({ url }: Wire, { at, answer, document = {} }: Copy, gate: Gate): Finding[] {
  const findings: Finding[] = [];
  const { resource, authorization_servers: servers, bearer_methods_supported: methods } = document;
  if (resource !== url.href && !isSameUrl(resource, url))
    findings.push(found("resource-mismatch", `${at} is about ${String(resource)}, not ${url.href}.`));
  if (!Array.isArray(servers) || servers.length === 0)
    findings.push(found("issuers-missing", `authorization_servers in ${at} is ${JSON.stringify(servers) ?? "not there"}.`));
  if (Array.isArray(methods) && methods.includes("query"))
    findings.push(found("bearer-in-query", `bearer_methods_supported in ${at} is ${JSON.stringify(methods)}.`));
  const type = answer.headers.get("content-type") ?? "nothing";
  if (!/^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(type)) findings.push(found("metadata-type", `${at} is served as ${type}.`));
  const scopes = Array.isArray(document["scopes_supported"]) ? document["scopes_supported"] : [];
  const asked = parameter(gate.challenge, "scope")?.split(" ") ?? [];
  if ([...scopes, ...asked].includes("offline_access")) findings.push(found("offline-scope", `${at}, or the challenge, has it.`));
  return findings;
}

/** The same to a client, which compares URLs in their normal form; a bare origin has a slash there. */
function isSameUrl(given: unknown, url: URL): boolean {
  return typeof given === "string" && URL.parse(given)?.href === url.href;
}
