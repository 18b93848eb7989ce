import type { Kysely } from "kysely";
import { authorityOf, decide, type CallPath } from "../call/index.ts";
import type { Config } from "../config.ts";
import { isRefusal, type Refusal } from "../errors.ts";
import {
  createExternalVerifier,
  createIssuer,
  createPeople,
  createTokenVerifier,
  problemPage,
  type People,
  type IssuerOptions,
  type TokenVerifier,
} from "../oauth/index.ts";
import { openSurfaces } from "./open-surfaces.ts";
import type { Ground } from "./ground.ts";
import type { ServerOptions } from "./server-options.ts";

interface Opened {
  readonly ground: Ground;
  readonly path: CallPath;
  readonly closing: AsyncDisposableStack;
  readonly name: string;
  readonly accounts: ServerOptions["accounts"];
}

/** Who may call: tokens, people, and the authorization server. */
export async function openAuthorization({ ground, path, closing, name, accounts }: Opened) {
  const { config, url, shared } = ground;
  const verifier = closing.adopt(
    await openVerifier(config, { ...shared, issuer: url, onDead: (token) => ground.killWatch.refused(token) }),
    (opened) => opened.close(),
  );
  const people = createPeople({
    ...shared,
    external: config.signIn,
    own: accounts,
    onSignInRefused: ({ method, address }) => path.refusals.count(`sign_in_${method}`, address ?? "unknown"),
  });
  const surfaces = await openSurfaces(ground);
  const issuing: IssuerOptions = {
    ...shared,
    surfaces,
    issuer: url,
    handshakes: ground.connections,
    problemPage: (problem) => problemPage(name, problem),
    toolsOf: (scope, agent) => titlesOf(ground, scope, agent),
    sweep: () => sweepAll(ground, people),
    revoke: (kind, value) => verifier.revoke(kind, value),
    verifyAccessToken: async (token) => accepted(await verifier.verify(token)),
    onRefusal: ({ error, address }) => path.refusals.count(error, address ?? "unknown"),
  };
  const issuer = closing.adopt(await createIssuer(issuing), (opened) => opened.close());
  closing.defer(() => path.close(config.drainSeconds * 1000));
  return { verifier, people, issuer };
}

/** Once an hour: what is over for people, and in the tables of tools. */
async function sweepAll({ registry, store, now }: Ground, people: Pick<People, "sweep">): Promise<void> {
  await people.sweep();
  for (const module of registry.tables) await module.sweep?.(store.db as Kysely<unknown>, now());
}

/** The titles of the tools that a scope opens to an agent, as far as the policy of the workspace lets it use them. */
function titlesOf(
  { registry, policies }: Ground,
  scope: string,
  { workspaceId, clientId }: Parameters<IssuerOptions["toolsOf"]>[1],
): string[] {
  const authority = authorityOf(registry.scopes.parse(registry.scopes.names.join(" ")), policies.of(workspaceId, clientId));
  const opened = [...registry.tools.values()].filter((tool) => tool.scopes.includes(scope) && decide(authority, tool).allowed);
  return opened.map(({ tool }) => tool.title);
}

type VerifierOptions = Parameters<typeof createTokenVerifier>[0] & Omit<Parameters<typeof createExternalVerifier>[0], "external">;

function openVerifier({ external }: Config, options: VerifierOptions): Promise<TokenVerifier> {
  return external === undefined ? createTokenVerifier(options) : createExternalVerifier({ ...options, external });
}

function accepted<T>(result: T): Exclude<T, Refusal> | undefined {
  return isRefusal(result) ? undefined : (result as Exclude<T, Refusal>);
}
