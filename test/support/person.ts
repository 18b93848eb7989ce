/** A person who signs in at a running server and lets clients in, through the pages. */
import { createHash, randomBytes } from "node:crypto";
import { createVisitor, type Entries, type Visitor } from "./visitor.ts";

export interface Pkce {
  readonly verifier: string;
  readonly challenge: string;
}

export function createPkce(): Pkce {
  const verifier = randomBytes(32).toString("base64url");
  return { verifier, challenge: createHash("sha256").update(verifier).digest("base64url") };
}

/** A browser in which the person of this sign-in link is signed in. */
export async function signInByLink(origin: string, link: string): Promise<Visitor> {
  const visitor = createVisitor(origin);
  const page = await visitor.open(link);
  const done = await visitor.submit(page, {}, /link/);
  // The console answers 503 where nobody built its pages; who is sent there is signed in all the same.
  if (done.status !== 200 && done.url.pathname !== "/console") throw new Error(`sign-in failed: ${done.status} ${done.html}`);
  return visitor;
}

export interface Request {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly challenge: string;
  readonly more?: Readonly<Record<string, string>>;
}

export function authorizeUrl(origin: string, { clientId, redirectUri, challenge, more = {} }: Request): string {
  const query = new URLSearchParams({
    response_type: "code",
    client_id: clientId,
    redirect_uri: redirectUri,
    code_challenge: challenge,
    code_challenge_method: "S256",
    state: "the-state",
    ...more,
  });
  return `${origin}/authorize?${query}`;
}

export interface Consent {
  /** Scopes to tick; those suggested otherwise. */
  readonly scopes?: readonly string[];
  readonly entries?: Entries;
  readonly refuse?: boolean;
}

/** Opens the URL, decides, and gives the URL at the client to which the browser is sent. */
export async function decide(visitor: Visitor, url: string, { scopes, entries, refuse = false }: Consent = {}): Promise<URL> {
  const page = await visitor.open(url);
  if (page.left !== undefined) return page.left;
  const choose = { ...entries?.choose, ...(scopes === undefined ? {} : { scope: scopes }) };
  const press = refuse ? "Refuse" : "Allow what is ticked";
  const sent = await visitor.submit(page, { ...entries, choose, press }, /interaction/);
  if (sent.left !== undefined) return sent.left;
  const next = continuation(sent.html);
  if (next === undefined) throw new Error(`nobody was sent on: ${sent.status} ${sent.html}`);
  const { left } = await visitor.open(next);
  if (left === undefined) throw new Error("the browser was not sent to the client");
  return left;
}

/** Where a page sends the browser that may not be redirected by its form. */
function continuation(html: string): string | undefined {
  const target = /http-equiv="refresh" content="0; ?url=([^"]+)"/i.exec(html)?.[1];
  return target?.replaceAll("&amp;", "&");
}
