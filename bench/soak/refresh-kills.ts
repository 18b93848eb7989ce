/**
 * `npm run soak -- --refresh-kills N`: ends the server with `kill -9` while refreshes are between their request and their reply, N times. After
 * each restart every client goes on with what it has, and every authorization has exactly one refresh token that is not used.
 */
import { randomInt } from "node:crypto";
import http from "node:http";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import * as z from "zod";
import { authorizeUrl, createPkce, decide, signInByLink } from "../../test/support/person.ts";
import { makeDataDir, startProduct, type Listening } from "../product.ts";
import { freePort } from "../servers/announce.mjs";

/** Authorizations whose refreshes are under way at the same kill. */
const FAMILIES = 8;
const REDIRECT = "http://127.0.0.1:4711/callback";

const registration = z.object({ client_id: z.string() });
const tokenAnswer = z.object({ access_token: z.string(), refresh_token: z.string() });
const introspection = z.object({ active: z.boolean() });
const claims = z.object({ fid: z.string() });
const unusedRow = z.object({ unused: z.number() });

type Tokens = z.infer<typeof tokenAnswer>;

/** A client that was let in, with what it has. */
interface Session {
  readonly clientId: string;
  readonly familyId: string;
  tokens: Tokens;
  /** Every refresh token that was ever given to it, oldest first. */
  readonly given: string[];
}

interface Site {
  readonly port: number;
  readonly dataDir: string;
}

const tally = { refreshes: 0, unwritten: 0, writtenUnanswered: 0, answered: 0, retries: 0 };

/** Prints what it found; false when a session was lost or an authorization had two live generations. */
export async function killRefreshes(kills: number): Promise<boolean> {
  const site = { port: await freePort(), dataDir: makeDataDir() };
  let server = startProduct(site);
  const sessions = await openSessions(await server.listening);
  const problems: string[] = [];
  for (let kill = 1; kill <= kills; kill++) {
    // The first refresh of a process is slow, and it tells how long one takes.
    const tookMs = await rotateAll(site, sessions);
    const before = sessions.map(({ tokens }) => tokens);
    const answers = await killDuring(site, { server, sessions, tookMs });
    server = startProduct(site);
    await server.listening;
    for (const [i, session] of sessions.entries()) {
      const old = before[i];
      if (old === undefined) continue;
      const found = await goOn(site, session, { old, answer: answers[i] }).catch((error: unknown) => [String(error)]);
      problems.push(...found.map((problem) => `kill ${kill}, ${session.familyId}: ${problem}`));
    }
    if (kill % 20 === 0 || problems.length > 0) console.log(`${kill} kills: ${JSON.stringify(tally)}`);
    if (problems.length > 0) break;
  }
  for (const session of sessions) problems.push(...(await findLive(site, session)));
  await server.end("SIGTERM");
  for (const problem of problems) console.error(problem);
  console.log(`refresh-kills=${kills} ${JSON.stringify(tally)} problems=${problems.length}`);
  return problems.length === 0;
}

/** Clients that register, and that the owner lets in. */
async function openSessions({ issuer, sign_in: link }: Listening): Promise<readonly Session[]> {
  if (link === null) throw new Error("the first start on a new folder gave no sign-in link");
  const owner = await signInByLink(issuer, link);
  const sessions: Session[] = [];
  for (let i = 0; i < FAMILIES; i++) {
    const metadata = { client_name: `Soak ${i}`, redirect_uris: [REDIRECT], token_endpoint_auth_method: "none" };
    const grants = { grant_types: ["authorization_code", "refresh_token"] };
    const headers = { "content-type": "application/json" };
    const made = await fetch(`${issuer}/register`, { method: "POST", headers, body: JSON.stringify({ ...metadata, ...grants }) });
    const { client_id: clientId } = registration.parse(await made.json());
    const { challenge, verifier } = createPkce();
    const back = await decide(owner, authorizeUrl(issuer, { clientId, redirectUri: REDIRECT, challenge }));
    const form = { code: back.searchParams.get("code") ?? "", redirect_uri: REDIRECT, code_verifier: verifier };
    const body = new URLSearchParams({ grant_type: "authorization_code", client_id: clientId, ...form });
    const tokens = tokenAnswer.parse(await (await fetch(`${issuer}/token`, { method: "POST", body })).json());
    const { fid: familyId } = claims.parse(JSON.parse(Buffer.from(tokens.access_token.split(".")[1] ?? "", "base64url").toString()));
    sessions.push({ clientId, familyId, tokens, given: [tokens.refresh_token] });
  }
  return sessions;
}

/** A whole refresh for each. Returns how many milliseconds they took together, once the server was warm. */
async function rotateAll(site: Site, sessions: readonly Session[]): Promise<number> {
  let tookMs = 0;
  for (let round = 0; round < 2; round++) {
    const start = performance.now();
    await Promise.all(sessions.map(async (session) => keep(session, await refresh(site, session, session.tokens.refresh_token))));
    tookMs = performance.now() - start;
  }
  return tookMs;
}

interface Round {
  readonly server: ReturnType<typeof startProduct>;
  readonly sessions: readonly Session[];
  readonly tookMs: number;
}

/** Sends a refresh for each session and kills the server at a moment that nobody chose. Gives the answers that came whole. */
async function killDuring(site: Site, { server, sessions, tookMs }: Round): Promise<readonly (Tokens | undefined)[]> {
  let arrived = 0;
  const answers = sessions.map(async (session) => {
    const answer = await refresh(site, session, session.tokens.refresh_token).catch(() => undefined);
    arrived++;
    return answer;
  });
  // Half of the kills at a random time, half when so many answers are there: then others are most likely written and not yet sent.
  const killAt = performance.now() + (randomInt(1_000_000) / 1_000_000) * tookMs * 1.1;
  const enough = randomInt(2) === 0 ? randomInt(1, FAMILIES) : undefined;
  const isTime = () => (enough === undefined ? performance.now() >= killAt : arrived >= enough);
  // Turns of the event loop instead of a timer, which knows whole milliseconds only.
  while (!isTime()) await new Promise((resolve) => setImmediate(resolve));
  await server.end("SIGKILL");
  return Promise.all(answers);
}

/**
 * The client goes on after the restart, as a real one would: with the new token when it came, and with the old one when it did not, or another
 * process of it has not heard of the new one. Returns what is wrong.
 */
async function goOn(site: Site, session: Session, { old, answer }: { readonly old: Tokens; readonly answer: Tokens | undefined }) {
  const problems: string[] = [];
  const isOldLive = await isActive(site, session, old.refresh_token);
  tally.refreshes++;
  if (answer !== undefined) tally.answered++;
  else if (isOldLive) tally.unwritten++;
  else tally.writtenUnanswered++;
  if (answer !== undefined && isOldLive) problems.push("an answered refresh was forgotten");
  // Half of those that have an answer use it before the old token comes again.
  const next = answer !== undefined && randomInt(2) === 0 ? await refresh(site, session, answer.refresh_token) : undefined;
  const again = await refresh(site, session, old.refresh_token);
  const third = await refresh(site, session, old.refresh_token);
  tally.retries += 2;
  if (again.refresh_token !== third.refresh_token || again.access_token !== third.access_token)
    problems.push("the old token was answered with two successors");
  if (answer !== undefined && (answer.refresh_token !== again.refresh_token || answer.access_token !== again.access_token))
    problems.push("the old token was answered with another successor than before the kill");
  session.given.push(again.refresh_token);
  session.tokens = again;
  if (next !== undefined) keep(session, next);
  const unused = countUnused(site, session.familyId);
  if (unused !== 1) problems.push(`${unused} refresh tokens of the family are not used`);
  return problems;
}

/** Of all tokens that the session ever had only the last one is live, and it goes on to work. */
async function findLive(site: Site, session: Session): Promise<readonly string[]> {
  const active = await Promise.all(session.given.map((token) => isActive(site, session, token)));
  const live = session.given.filter((_, i) => active[i]);
  const problems =
    live.length === 1 && live[0] === session.tokens.refresh_token ? [] : [`${session.familyId} has ${live.length} live tokens`];
  const goesOn = await refresh(site, session, session.tokens.refresh_token).catch((error: unknown) => String(error));
  return typeof goesOn === "string" ? [...problems, `${session.familyId} is lost: ${goesOn}`] : problems;
}

function keep(session: Session, tokens: Tokens): void {
  session.given.push(tokens.refresh_token);
  session.tokens = tokens;
}

/** Rows of the store itself, so that a successor counts which nobody was ever given. */
function countUnused({ dataDir }: Site, familyId: string): number {
  const db = new DatabaseSync(join(dataDir, "remit.db"), { readOnly: true });
  try {
    const row = db.prepare("SELECT count(*) AS unused FROM refresh_token WHERE family_id = ? AND used_at IS NULL").get(familyId);
    return unusedRow.parse(row).unused;
  } finally {
    db.close();
  }
}

async function refresh(site: Site, { clientId }: Session, token: string): Promise<Tokens> {
  return tokenAnswer.parse(await post(site, "/token", { grant_type: "refresh_token", client_id: clientId, refresh_token: token }));
}

async function isActive(site: Site, { clientId }: Session, token: string): Promise<boolean> {
  return introspection.parse(await post(site, "/introspect", { client_id: clientId, token })).active;
}

/** A connection of its own for each, since a kill ends them. Rejects when the answer was not 200 or was cut short. */
function post({ port }: Site, path: string, form: Readonly<Record<string, string>>): Promise<unknown> {
  const body = new URLSearchParams(form).toString();
  const headers = { "content-type": "application/x-www-form-urlencoded", "content-length": Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const request = http.request({ host: "127.0.0.1", port, path, method: "POST", agent: false, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      response.once("end", () => {
        if (response.statusCode === 200 && response.complete) resolve(JSON.parse(text));
        else reject(new Error(`${path} answered ${response.statusCode}: ${text.slice(0, 300)}`));
      });
      response.once("error", reject);
    });
    request.once("error", reject);
    request.end(body);
  });
}
