import { isRecord } from "../../lib/is-record.ts";
import { found, type Finding, type Step } from "../rules.ts";
import { documentIn, type Wire } from "../wire.ts";
import { isLoopback } from "./challenge.ts";
import type { Described } from "./resource-metadata.ts";

type Metadata = Readonly<Record<string, unknown>>;

export interface Issuers {
  /** Where their metadata was read. */
  readonly places: readonly string[];
  readonly step: Step;
}

const MAX_ISSUERS = 5;

/** What the authorization servers say of themselves (RFC 8414), as far as they are of the origin that was given. */
export async function checkIssuers(wire: Wire, described: Described): Promise<Issuers> {
  const findings: Finding[] = [];
  const skipped: string[] = [];
  const places: string[] = [];
  if (described.issuers.length === 0) skipped.push("no authorization server is known");
  if (described.issuers.length > MAX_ISSUERS)
    skipped.push(`all but the first ${MAX_ISSUERS} of ${described.issuers.length} authorization servers`);
  for (const issuer of described.issuers.slice(0, MAX_ISSUERS)) {
    if (!wire.isOwn(issuer)) {
      skipped.push(`${issuer} is of another origin, which is not contacted`);
      continue;
    }
    const read = await readMetadata(wire, new URL(issuer, wire.url));
    if (read === undefined) {
      findings.push(found("issuer-metadata", `${issuer} has none.`));
      continue;
    }
    places.push(read.at);
    const { metadata } = read;
    if (metadata["issuer"] !== issuer)
      findings.push(found("issuer-mismatch", `The resource names ${issuer}; ${read.at} says ${String(metadata["issuer"])}.`));
    findings.push(
      ...judgeFlows(metadata),
      ...(isForMachinesOnly(metadata) ? [] : [...judgeCodes(metadata), ...judgeClients(metadata)]),
      ...(await tryEndpoints(wire, metadata, skipped)),
    );
  }
  return { places, step: { name: "issuer", title: "Authorization server", findings, skipped } };
}

async function readMetadata(
  wire: Wire,
  { origin, pathname }: URL,
): Promise<{ readonly at: string; readonly metadata: Metadata } | undefined> {
  const path = pathname.replace(/\/$/, "");
  const forms = [
    `${origin}/.well-known/oauth-authorization-server${path}`,
    `${origin}/.well-known/openid-configuration${path}`,
    `${origin}${path}/.well-known/openid-configuration`,
  ];
  for (const at of new Set(forms)) {
    const metadata = documentIn(await wire.ask(at));
    if (metadata !== undefined) return { at, metadata };
  }
  return undefined;
}

/** Where no person is asked, there are no codes, no redirects and no clients that nobody made (RFC 8414 §2). */
function isForMachinesOnly({ grant_types_supported: grants }: Metadata): boolean {
  return Array.isArray(grants) && !grants.includes("authorization_code") && !grants.includes("implicit");
}

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

function judgeFlows(metadata: Metadata): Finding[] {
  const findings: Finding[] = [];
  const types = list(metadata["response_types_supported"]);
  const needed = isForMachinesOnly(metadata) ? ["token_endpoint"] : ["authorization_endpoint", "token_endpoint"];
  const missing = needed.filter((name) => typeof metadata[name] !== "string");
  if (!isForMachinesOnly(metadata) && !types.includes("code")) missing.push("response_types_supported with code");
  if (missing.length > 0) findings.push(found("issuer-endpoints", `It lacks ${missing.join(", ")}.`));
  const implicit = types.filter((type) => typeof type === "string" && type.split(" ").includes("token"));
  if (implicit.length > 0) findings.push(found("issuer-implicit", `response_types_supported has ${implicit.join(", ")}.`));
  const insecure = Object.entries(metadata).filter(([name, value]) => /_(?:endpoint|uri)$/.test(name) && isInsecure(value));
  if (insecure.length > 0) findings.push(found("issuer-insecure", `These are insecure: ${insecure.map(([name]) => name).join(", ")}.`));
  return findings;
}

function judgeCodes(metadata: Metadata): Finding[] {
  const findings: Finding[] = [];
  const methods = list(metadata["code_challenge_methods_supported"]);
  const told = `code_challenge_methods_supported is ${JSON.stringify(metadata["code_challenge_methods_supported"]) ?? "not there"}.`;
  if (!methods.includes("S256")) findings.push(found("pkce-missing", told));
  else if (methods.includes("plain")) findings.push(found("pkce-plain", told));
  if (metadata["authorization_response_iss_parameter_supported"] !== true)
    findings.push(found("issuer-identification", "authorization_response_iss_parameter_supported is not true."));
  return findings;
}

function isInsecure(value: unknown): boolean {
  const url = typeof value === "string" ? URL.parse(value) : null;
  return url !== null && url.protocol === "http:" && !isLoopback(url);
}

function judgeClients(metadata: Metadata): Finding[] {
  const hasDocuments = metadata["client_id_metadata_document_supported"] === true;
  const hasRegistration = typeof metadata["registration_endpoint"] === "string";
  if (!hasDocuments && !hasRegistration)
    return [found("registration-none", "There is no registration_endpoint, and client_id_metadata_document_supported is not true.")];
  const methods = list(metadata["token_endpoint_auth_methods_supported"]);
  if (!hasDocuments || methods.includes("none")) return [];
  return [found("registration-unused", `token_endpoint_auth_methods_supported is ${JSON.stringify(methods)}.`)];
}

/** Requests that cannot do anything: one without parameters, and one that is no JSON. */
async function tryEndpoints(wire: Wire, metadata: Metadata, skipped: string[]): Promise<Finding[]> {
  const findings: Finding[] = [];
  const { token_endpoint: token, registration_endpoint: registration, jwks_uri: keys } = metadata;
  const own = (url: unknown): url is string => {
    if (typeof url !== "string") return false;
    if (!wire.isOwn(url)) skipped.push(`${url} is of another origin, which is not contacted`);
    return wire.isOwn(url);
  };
  if (own(token)) {
    const answer = await wire.ask(token, { method: "POST", headers: { "content-type": "application/x-www-form-urlencoded" }, body: "" });
    const isOAuthError = (answer.status === 400 || answer.status === 401) && typeof parse(answer.text)?.["error"] === "string";
    if (!isOAuthError)
      findings.push(found("token-endpoint", `A request without parameters is answered with ${answer.status} and no error of OAuth.`));
  }
  if (own(registration)) {
    const answer = await wire.ask(registration, { method: "POST", headers: { "content-type": "application/json" }, body: "{" });
    if ([404, 405, 501].includes(answer.status))
      findings.push(found("registration-endpoint", `${registration} is answered with ${answer.status}.`));
  }
  if (own(keys)) {
    const published = list(documentIn(await wire.ask(keys))?.["keys"]);
    if (published.some((key) => isRecord(key) && ("d" in key || "k" in key)))
      findings.push(found("keys-private", `${keys} has private members.`));
  }
  return findings;
}

function parse(text: string): Metadata | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
