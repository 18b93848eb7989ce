import { BootError } from "../../errors.ts";
import type { Clock } from "../../lib/clock.ts";
import { deriveKey, seal, unseal } from "../../lib/secret.ts";
import type { Store } from "../../store/index.ts";
import type { Caller, UpstreamCredential, UpstreamDeclaration, UpstreamDeclarations } from "../../tool/index.ts";
import type { EventSink } from "../events.ts";

/** For whom, and in which call, a credential is asked for. */
export interface UpstreamUse {
  readonly caller: Caller;
  /** Id of the decision that let the call run. */
  readonly decision: string;
}

export interface Upstreams {
  /** On record before the tool has it. Rejects for a name that is not declared, and for a secret that nobody stored. */
  issue(name: string, use: UpstreamUse): Promise<{ readonly credential: UpstreamCredential; readonly secret: string }>;
  /** Stores the secret of a workspace, encrypted; a problem in a sentence when the name is none of a vault. */
  store(name: string, secret: string, workspaceId: string): Promise<string | undefined>;
}

/** What an exchanged token says beside issuer and times. */
export interface UpstreamClaims {
  readonly aud: string;
  readonly sub: string;
  readonly act: { readonly sub: string };
  readonly scope: string;
}

export interface UpstreamsDeps {
  readonly declarations: UpstreamDeclarations;
  /** Origin of this server; no upstream may be its own resource. */
  readonly url: string;
  readonly db: Store["db"];
  readonly masterKey: Uint8Array;
  readonly now: Clock;
  readonly onEvent: EventSink;
  /** Signs a token of this server that lives for `ttlSeconds`. */
  mint(claims: UpstreamClaims, ttlSeconds: number): string;
}

const TTL_SECONDS = 300;
const NAME = /^[a-z][a-z0-9_-]{0,39}$/;
const VISIBLE = /^[\x21-\x7E]{8,4096}$/;
const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** Throws BootError that names each declaration that cannot work. */
export function createUpstreams(deps: UpstreamsDeps): Upstreams {
  const { declarations, onEvent, now } = deps;
  const problems = Object.entries(declarations).flatMap(([name, upstream]) => problemsOf(deps, name, upstream));
  if (problems.length > 0) throw new BootError(problems);
  const sealKey = deriveKey(deps.masterKey, "upstream-secret");

  async function read(name: string, workspaceId: string): Promise<string> {
    const row = await deps.db
      .selectFrom("upstream_secret")
      .select("sealed")
      .where("workspace_id", "=", workspaceId)
      .where("name", "=", name)
      .executeTakeFirst();
    if (row === undefined)
      throw new Error(`No secret is stored for the upstream ${name}; an operator stores one with: remit upstream set ${name}`);
    return unseal(sealKey, row.sealed, sealContext(workspaceId, name));
  }

  return {
    async issue(name, { caller, decision }) {
      const upstream = Object.hasOwn(declarations, name) ? declarations[name] : undefined;
      if (upstream === undefined)
        throw new Error(`There is no upstream ${JSON.stringify(name)}; declare it in \`upstreams\` of createServer.`);
      const { audience, kind, scope = "" } = upstream;
      const isVault = kind === "vault";
      const secret = isVault
        ? await read(name, caller.workspaceId)
        : deps.mint({ aud: audience, sub: caller.subject, act: { sub: caller.clientId }, scope }, TTL_SECONDS);
      const { clientId, subject, workspaceId, grantId } = caller;
      await onEvent({ event: "upstream_credential_issued", clientId, subject, workspaceId, grantId, decision, name, audience, kind });
      const expiresAt = isVault ? undefined : now() + TTL_SECONDS * 1000;
      return { secret, credential: { authorization: `Bearer ${secret}`, audience, expiresAt } };
    },
    async store(name, secret, workspaceId) {
      const upstream = Object.hasOwn(declarations, name) ? declarations[name] : undefined;
      if (upstream?.kind !== "vault")
        return `there is no upstream ${JSON.stringify(name)} of kind vault; the server declares ${vaults(declarations)}`;
      if (!VISIBLE.test(secret)) return "the secret must be 8 to 4096 visible ASCII characters without spaces";
      await onEvent({ event: "upstream_secret_set", workspaceId, name });
      const row = { workspace_id: workspaceId, name, sealed: seal(sealKey, secret, sealContext(workspaceId, name)), created_at: now() };
      await deps.db
        .insertInto("upstream_secret")
        .values(row)
        .onConflict((oc) => oc.columns(["workspace_id", "name"]).doUpdateSet({ sealed: row.sealed, created_at: row.created_at }))
        .execute();
      return undefined;
    },
  };
}

/** Binds a sealed secret to its place, so that one cannot be put in the place of another. */
function sealContext(workspaceId: string, name: string): string {
  return `upstream ${workspaceId} ${name}`;
}

function vaults(declarations: UpstreamDeclarations): string {
  const names = Object.keys(declarations).filter((name) => declarations[name]?.kind === "vault");
  return names.length === 0 ? "none" : names.join(", ");
}

function problemsOf({ url }: UpstreamsDeps, name: string, { audience, kind, scope }: UpstreamDeclaration): string[] {
  const problems: string[] = [];
  const at = URL.parse(audience);
  if (!NAME.test(name)) problems.push(`upstream "${name}": use a name of a-z, 0-9, _ and -, of at most 40 characters`);
  if (at === null || (at.protocol !== "https:" && !(at.protocol === "http:" && LOOPBACK.has(at.hostname))))
    problems.push(`upstream "${name}": its audience must be an https URL, or http on loopback`);
  else if (at.origin === url)
    problems.push(`upstream "${name}": its audience is this server itself; a token for it would be a token for every tool`);
  if (kind === "exchange" && (scope ?? "").trim() === "")
    problems.push(`upstream "${name}": say in \`scope\` what its tokens may do there`);
  return problems;
}
