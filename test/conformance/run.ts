/**
 * `npm run conformance`: the official suite against the fixture behind Remit's own authorization, with a token from its own issuer.
 * `npm run conformance -- --scenario NAME [--revision REVISION]` runs one scenario and prints all the suite says.
 */
import { parseArgs } from "node:util";
import { startServer, type TestServer } from "../support/remit.ts";
import { runAuthorization } from "./authorization.ts";
import { FIXTURE_SCOPE, fixture } from "./fixture.ts";
import { createProxy } from "./proxy.ts";
import { runEvery, runExtensions, runRequired, runScenario, type Outcome } from "./suite.ts";

/** How many scored scenarios each revision has: all must pass, and those that are not scored too. */
const REQUIRED = { "2026-07-28": 37, "2025-11-25": 30 } as const;

/** Revisions for which the suite scores nothing; what it has for them must pass all the same. */
const OLDER = ["2025-06-18", "2025-03-26"] as const;

/** Of extensions, which the suite runs only by name. */
const EXTENSIONS = ["sep-2640-skills-enumeration", "sep-2640-skills-manifest", "sep-2640-skills-directory"] as const;

/** Of the suite for an authorization server. */
const SCENARIOS = 2;

const { values } = parseArgs({ options: { scenario: { type: "string" }, revision: { type: "string", default: "2026-07-28" } } });

const closing: (() => unknown)[] = [];
try {
  // Streams are closed early, so that the suite comes back for the rest of a call.
  const env = { REMIT_STREAM_SECONDS: "0.5" };
  const server = await startServer({ after: (close) => closing.unshift(close as () => unknown) }, fixture, env);
  const proxy = await createProxy(server.url, await server.token(FIXTURE_SCOPE));
  closing.unshift(proxy.close);
  const isGood =
    values.scenario === undefined
      ? (await runAll(`${proxy.origin}/mcp`)) && (await runAuthorizationServer(server))
      : await runOne(`${proxy.origin}/mcp`, values.scenario);
  process.exitCode = isGood ? 0 : 1;
} finally {
  for (const close of closing) await close();
}

async function runAuthorizationServer({ url, mcpUrl, operator }: TestServer): Promise<boolean> {
  const email = "person@example.com";
  const person = await operator.createPerson({ email, name: "A person", role: "owner" });
  if ("problems" in person) throw new Error(person.problems.join("\n"));
  const { passed, scored, output, walker } = await runAuthorization({
    url,
    mcpUrl,
    async register(redirectUri) {
      const body = JSON.stringify({ client_name: "Suite", redirect_uris: [redirectUri], token_endpoint_auth_method: "none" });
      const response = await fetch(`${url}/register`, { method: "POST", headers: { "content-type": "application/json" }, body });
      return ((await response.json()) as { readonly client_id: string }).client_id;
    },
    async signInUrl() {
      const link = await operator.createSignInLink(email);
      if ("problems" in link) throw new Error(link.problems.join("\n"));
      return link.url;
    },
  });
  if (passed !== scored || scored !== SCENARIOS) console.log(output);
  console.log(`authorization: ${passed}/${scored} scored, sign-in and consent in ${walker}`);
  return passed === scored && scored === SCENARIOS;
}

async function runOne(url: string, name: string): Promise<boolean> {
  const { code, output } = await runScenario(url, name, values.revision);
  console.log(output);
  return code === 0;
}

async function runAll(url: string): Promise<boolean> {
  const lines: string[] = [];
  let isGood = true;
  for (const [revision, least] of Object.entries(REQUIRED)) {
    const outcome = await runRequired(url, revision);
    report(revision, outcome);
    const scored = outcome.scenarios.filter(({ isScored }) => isScored);
    const passed = scored.filter(({ hasPassed }) => hasPassed);
    // Counted here and judged by the suite: both must say the same.
    if ((passed.length === scored.length) !== outcome.isConformant)
      throw new Error(`${revision}: the results and the verdict of the suite disagree`);
    const others = outcome.scenarios.filter(({ isScored }) => !isScored);
    const othersPassed = others.filter(({ hasPassed }) => hasPassed);
    isGood &&= passed.length === least && othersPassed.length === others.length;
    lines.push(`${revision}: ${passed.length}/${scored.length} scored, ${othersPassed.length}/${others.length} not scored`);
  }
  for (const revision of OLDER) {
    const { scenarios } = await runEvery(url, revision);
    report(revision, { scenarios });
    const passed = scenarios.filter(({ hasPassed }) => hasPassed);
    isGood &&= passed.length === scenarios.length;
    lines.push(`${revision}: ${passed.length}/${scenarios.length}`);
  }
  const { scenarios } = await runExtensions(url, "2026-07-28", EXTENSIONS);
  report("2026-07-28", { scenarios });
  const passed = scenarios.filter(({ hasPassed }) => hasPassed);
  isGood &&= passed.length === EXTENSIONS.length;
  lines.push(`skills: ${passed.length}/${EXTENSIONS.length}`);
  console.log(lines.join("\n"));
  return isGood;
}

/** Everything that did not pass without a complaint. */
function report(revision: string, { scenarios }: Pick<Outcome, "scenarios">): void {
  for (const { name, isScored, hasPassed, complaints } of scenarios) {
    if (hasPassed && complaints.length === 0) continue;
    console.log(`${revision} ${hasPassed ? "warns" : "fails"}: ${name}${isScored ? "" : " (not scored)"}`);
    for (const complaint of complaints) console.log(`    ${complaint}`);
  }
}
