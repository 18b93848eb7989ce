import { isRefusal, type Refusal } from "../errors.ts";
import { escapeUnsafe } from "../lib/escape-unsafe.ts";
import type { VerifiedToken } from "../oauth/index.ts";
import type { Caller, ScopeSet } from "../tool/index.ts";
import {
  narrowed,
  NO_POLICY,
  parseNarrowing,
  UNNARROWED,
  type Authority,
  type Narrowing,
  type Policies,
  type Policy,
} from "./policy/index.ts";

declare const authenticated: unique symbol;

/**
 * A caller whose token was verified for this server. The key of the brand is exported nowhere, so the only way to one is
 * `authenticate`, or `principalOfPerson` for work that a person started at the console, and what needs a Principal cannot be reached without it.
 */
export interface Principal {
  readonly [authenticated]: true;
  readonly token: VerifiedToken;
  readonly caller: Caller;
  readonly scopes: ScopeSet;
  /** The policy of its workspace for it, when it was made. */
  readonly policy: Policy;
  /** What the address that it used takes away. */
  readonly narrowing: Narrowing;
  /** What decisions about it rest on: scopes and policy, narrowed. */
  readonly authority: Authority;
  /** The caller's part of every record: members of a JSON object without its braces. */
  readonly recordJson: string;
}

/** The principals of one token under one policy. */
interface Forms {
  readonly plain: Principal;
  /** By their narrowing. */
  narrowed: Map<string, Principal> | undefined;
}

const principals = new WeakMap<VerifiedToken, Forms>();
const MAX_NARROWED = 16;

/** The principal of a verified token: one object for the life of the token in the cache, for each narrowing, while the policy is the same. */
export function principalOf(token: VerifiedToken, policy: Policy = NO_POLICY, narrowing: Narrowing = UNNARROWED): Principal {
  let forms = principals.get(token);
  if (forms?.plain.policy !== policy) principals.set(token, (forms = { plain: make(token, policy, UNNARROWED), narrowed: undefined }));
  if (narrowing === UNNARROWED) return forms.plain;
  const known = (forms.narrowed ??= new Map());
  let principal = known.get(narrowing.search);
  if (principal === undefined) {
    if (known.size >= MAX_NARROWED) known.clear();
    known.set(narrowing.search, (principal = make(token, policy, narrowing)));
  }
  return principal;
}

/** A person at the console in one of their workspaces. */
export interface Person {
  readonly accountId: string;
  readonly workspaceId: string;
  /** What their role lets them have done by an agent. */
  readonly scopes: ScopeSet;
}

/** For so long the work of a person goes on. */
const PERSON_MS = 600_000;

/**
 * A person whose session the console has verified, in the place of a caller. Nothing of the protocol is asked for with it: code that was declared
 * for calls is only run for the person, such as what takes a change back.
 */
export function principalOfPerson({ accountId, workspaceId, scopes }: Person, now: number): Principal {
  const nobody = { tokenId: "", clientId: "console", grantId: "", issuedAt: now, expiresAt: now + PERSON_MS };
  return make({ ...nobody, subject: accountId, workspaceId, scopes }, NO_POLICY, UNNARROWED);
}

/** The principal under the policy that is in force now. */
export function currentPrincipal(policies: Pick<Policies, "of">, principal: Principal): Principal {
  const { token, policy, narrowing } = principal;
  const present = policies.of(token.workspaceId, token.clientId);
  return present === policy ? principal : principalOf(token, present, narrowing);
}

/** The principal as the query of a request narrows it; a query that says anything else is refused. `own` are the path's own parameters. */
export function narrow(principal: Principal, search: string, own: readonly string[]): Principal | Refusal {
  if (search === "") return principal;
  const narrowing = parseNarrowing(search, own);
  return isRefusal(narrowing) ? narrowing : principalOf(principal.token, principal.policy, narrowing);
}

function make(token: VerifiedToken, policy: Policy, narrowing: Narrowing): Principal {
  const { clientId, subject, workspaceId, grantId, scopes, expiresAt } = token;
  const { authority, environments } = narrowed(token, policy, narrowing);
  const limited = environments === undefined ? {} : { environments };
  const caller: Caller = { clientId, subject, workspaceId, ...limited, grantId, scopes: scopes.granted, held: scopes.held, expiresAt };
  return { token, caller, scopes, policy, narrowing, authority, recordJson: recordJson(token, narrowing) } as unknown as Principal;
}

function recordJson(
  { clientId, subject, actor, grantId, familyId, workspaceId, tokenId, scopes }: VerifiedToken,
  { environment, isReadOnly, search }: Narrowing,
): string {
  // The actor is JSON as the issuer made it; members that are undefined are left out.
  const act = actor === undefined ? undefined : (JSON.parse(actor) as unknown);
  const narrowed = search === "" ? undefined : { environment, read_only: isReadOnly };
  const members = {
    agent: clientId,
    subject,
    actor: act,
    grant: grantId,
    family: familyId,
    workspace: workspaceId,
    token: tokenId,
    narrowed,
  };
  return `${escapeUnsafe(JSON.stringify(members)).slice(1, -1)},"held":${scopes.heldJson}`;
}
