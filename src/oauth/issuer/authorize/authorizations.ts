import type { IncomingMessage } from "node:http";
import type { Clock } from "../../../lib/clock.ts";
import type { Limiter } from "../../../lib/limiter.ts";
import type { ClientRow, DeviceRow, GrantRow, RevocationKind, Store } from "../../../store/index.ts";
import type { EventSink } from "../../events.ts";
import type { ClientDirectory } from "../clients/index.ts";
import { createEngineRequest, type Engine } from "../engine/index.ts";
import { describeConsent, findConsent, memberships, widenedSince, type ConsentView, type ViewDeps } from "./consent-view.ts";
import { grantConsent, isOver } from "./grant-consent.ts";
import { listConnections, type Connection } from "./connections.ts";
import { addressOf } from "../../../lib/client-address/index.ts";

/** A request that waits for a person. */
export interface PendingAuthorization {
  /** Of the interaction, or of the device's row. */
  readonly id: string;
  readonly kind: "redirect" | "device";
  readonly client: ClientRow;
  readonly redirectUri: string | null;
  /** Scopes of this server, without those that the client added by habit. */
  readonly requested: readonly string[];
  /** The client wants the person to be asked, whatever was granted before (OpenID Connect Core §3.1.2.1, `prompt`). */
  readonly mustAsk: boolean;
}

/** The part of a person's session that a decision is bound to. */
export interface Decider {
  readonly idHash: string;
  readonly accountId: string;
}

export interface ConsentChoice {
  readonly workspaceId: string;
  readonly scopes: readonly string[];
  /** Null for all environments. */
  readonly environments: readonly string[] | null;
  readonly isReadOnly: boolean;
  /** Null for a grant without an end. */
  readonly lifeSeconds: number | null;
}

export type Decided = { readonly location: string } | { readonly done: true } | { readonly problem: string };

/** What people decide about agents: requests that wait, and grants that they gave. */
export interface Authorizations {
  /** The pending request with this id, when this browser began it; undefined when it is over. */
  pending(req: IncomingMessage, id: string): Promise<PendingAuthorization | undefined>;
  /** The device that shows this code; only the session that asked first gets it. */
  pendingDevice(userCode: string, session: Decider): Promise<PendingAuthorization | "too_many" | undefined>;
  view(pending: PendingAuthorization, accountId: string): Promise<ConsentView>;
  /** Grants at once what was granted before, to a client that proves who it is. Undefined when a person has to be asked. */
  approveKnown(req: IncomingMessage, pending: PendingAuthorization, session: Decider): Promise<Decided | undefined>;
  approve(
    req: IncomingMessage,
    pending: PendingAuthorization,
    decision: { readonly session: Decider; readonly choice: ConsentChoice },
  ): Promise<Decided>;
  deny(req: IncomingMessage, pending: PendingAuthorization, session: Decider): Promise<Decided>;
  /** Live grants of a person, newest first. */
  connections(accountId: string): Promise<readonly Connection[]>;
  /** False when this is no live grant of this person. */
  revokeConnection(accountId: string, grantId: string): Promise<boolean>;
}

export interface AuthorizationsDeps extends ViewDeps {
  readonly issuer: string;
  readonly store: Store;
  readonly directory: ClientDirectory;
  readonly now: Clock;
  readonly onEvent: EventSink;
  /** Guesses at user codes, per session. */
  readonly codeLimiter: Limiter;
  engine(): Promise<Engine>;
  revoke(kind: RevocationKind, value: string): Promise<void>;
}

const OVER = "This request has expired or was decided already. Start again from the application that asked.";

export function createAuthorizations(deps: AuthorizationsDeps): Authorizations {
  return {
    pending: (req, id) => findPending(deps, req, id),
    pendingDevice: (userCode, session) => findDevice(deps, userCode, session),
    view: (pending, accountId) => describeConsent(deps, pending, accountId),
    async approveKnown(req, pending, session) {
      if (pending.mustAsk || pending.kind !== "redirect" || pending.client.kind !== "operator" || pending.client.auth_method === "none")
        return undefined;
      const workspaceId = pending.client.workspace_id;
      if (workspaceId === null) return undefined;
      const present = await findConsent(deps.store, { pending, accountId: session.accountId, workspaceId });
      const held = deps.scopes.parse(present?.scopes ?? "").held;
      if (present === undefined || isOver(present, deps.now()) || !pending.requested.every((scope) => held.has(scope))) return undefined;
      if ((await widenedSince(deps, present, pending.requested)).length > 0) return undefined;
      return conclude(deps, req, { pending, session, grant: present, scopes: pending.requested, isFresh: false });
    },
    approve: (req, pending, { session, choice }) => approve(deps, req, { pending, session, choice }),
    async deny(req, pending, session) {
      await deps.onEvent({
        event: "consent_refused",
        accountId: session.accountId,
        clientId: pending.client.id,
        requested: pending.requested.join(" "),
      });
      if (pending.kind === "device") {
        return (await deps.store.devices.decide(pending.id, session.idHash, { state: "denied" })) ? { done: true } : { problem: OVER };
      }
      return finish(deps, req, { result: { error: "access_denied", error_description: "the person refused" } });
    },
    connections: (accountId) => listConnections(deps.store, accountId, deps.now()),
    async revokeConnection(accountId, grantId) {
      const grant = await deps.store.grants.find(grantId);
      if (grant?.subject !== accountId || grant.revoked_at !== null) return false;
      await endGrant(deps, grant, accountId);
      return true;
    },
  };
}

const ENGINE_COOKIE = /^_interaction(?:_resume)?(?:\.sig)?=/;

/** Only the cookies with which the engine knows the browser that began the request. */
export function engineCookies(req: IncomingMessage): string {
  const cookies = (req.headers.cookie ?? "").split(/; */);
  return cookies.filter((cookie) => ENGINE_COOKIE.test(cookie)).join("; ");
}

function interactionRequest({ issuer }: AuthorizationsDeps, req: IncomingMessage): IncomingMessage {
  return createEngineRequest({ issuer, url: "/", cookie: engineCookies(req), address: addressOf(req) });
}

async function findPending(deps: AuthorizationsDeps, req: IncomingMessage, id: string): Promise<PendingAuthorization | undefined> {
  const interaction = await (await deps.engine()).interaction(interactionRequest(deps, req));
  if (interaction === undefined || interaction.uid !== id || interaction.result !== undefined) return undefined;
  const { client_id: clientId, redirect_uri: redirectUri, scope, prompt } = interaction.params;
  const client = typeof clientId === "string" ? await deps.directory.find(clientId, addressOf(req)) : undefined;
  if (client === undefined || typeof redirectUri !== "string" || typeof scope !== "string") return undefined;
  return { id, kind: "redirect", client, redirectUri, requested: deps.scopes.parse(scope).granted, mustAsk: prompt !== undefined };
}

async function findDevice(
  deps: AuthorizationsDeps,
  userCode: string,
  session: Decider,
): Promise<PendingAuthorization | "too_many" | undefined> {
  if (deps.codeLimiter.take(session.accountId) > 0) return "too_many";
  const row = await deps.store.devices.findByUserCode(userCode);
  if (row === undefined || row.state !== "pending" || row.expires_at <= deps.now()) return undefined;
  if (!(await claim(deps, row, session))) return undefined;
  const client = await deps.directory.find(row.client_id);
  if (client === undefined) return undefined;
  return { id: row.id_hash, kind: "device", client, redirectUri: null, requested: deps.scopes.parse(row.scopes).granted, mustAsk: true };
}

async function claim({ store }: AuthorizationsDeps, row: DeviceRow, session: Decider): Promise<boolean> {
  return row.claimed_by === session.idHash || (row.claimed_by === null && (await store.devices.claim(row.id_hash, session.idHash)));
}

interface Approval {
  readonly pending: PendingAuthorization;
  readonly session: Decider;
  readonly choice: ConsentChoice;
}

/** What the person chose, cut down to what was asked for and to what they and the client may have; then it is on record, then it is so. */
async function approve(deps: AuthorizationsDeps, req: IncomingMessage, { pending, session, choice }: Approval): Promise<Decided> {
  const member = (await memberships(deps.store, session.accountId)).find(({ id }) => id === choice.workspaceId);
  const isElsewhere = pending.client.workspace_id !== null && pending.client.workspace_id !== choice.workspaceId;
  if (member === undefined || isElsewhere) return { problem: "You are not a member of this workspace. Choose one of yours." };
  const scopes = chosenScopes(deps, { pending, choice, role: member.role });
  if (scopes.length === 0) return { problem: "Choose at least one permission that your role allows, or refuse." };
  const environments = await chosenEnvironments(deps, choice);
  if (environments !== null && environments.length === 0) return { problem: "Choose at least one environment, or all of them." };

  const consent = { pending, accountId: session.accountId, workspaceId: choice.workspaceId, scopes, environments };
  const expiresAt = choice.lifeSeconds === null ? null : deps.now() + choice.lifeSeconds * 1000;
  const given = await grantConsent(deps, { ...consent, expiresAt });
  if ("problem" in given) return given;
  return conclude(deps, req, { pending, session, grant: given.grant, scopes, isFresh: given.isFresh });
}

function chosenScopes(
  deps: AuthorizationsDeps,
  { pending, choice, role }: Pick<Approval, "pending" | "choice"> & { readonly role: Parameters<ViewDeps["scopes"]["forRole"]>[0] },
): readonly string[] {
  const within = deps.scopes.parse(deps.scopes.forRole(role)).held;
  const allowed = deps.scopes.parse(deps.policyOf(pending.client)).held;
  const chosen = pending.requested.filter((scope) => choice.scopes.includes(scope) && within.has(scope) && allowed.has(scope));
  if (!choice.isReadOnly) return chosen;
  const held = deps.scopes.parse(chosen.join(" ")).held;
  return [...held].filter((scope) => deps.scopes.declarations[scope]?.access === "read");
}

async function chosenEnvironments(
  { store }: AuthorizationsDeps,
  { workspaceId, environments }: ConsentChoice,
): Promise<readonly string[] | null> {
  if (environments === null) return null;
  const rows = await store.db
    .selectFrom("environment")
    .select("id")
    .where("workspace_id", "=", workspaceId)
    .where("deleted_at", "is", null)
    .execute();
  return rows.map(({ id }) => id).filter((id) => environments.includes(id));
}

interface Conclusion {
  readonly pending: PendingAuthorization;
  readonly session: Decider;
  readonly grant: GrantRow;
  readonly scopes: readonly string[];
  /** The grant was made by this decision. */
  readonly isFresh: boolean;
}

async function conclude(deps: AuthorizationsDeps, req: IncomingMessage, conclusion: Conclusion): Promise<Decided> {
  const decided = await passOn(deps, req, conclusion);
  // What was decided otherwise in the same moment leaves nothing behind.
  if ("problem" in decided && conclusion.isFresh) await endGrant(deps, conclusion.grant, conclusion.session.accountId);
  return decided;
}

async function endGrant({ onEvent, revoke }: AuthorizationsDeps, grant: GrantRow, by: string): Promise<void> {
  await onEvent({ event: "grant_revoked", grantId: grant.id, clientId: grant.client_id, workspaceId: grant.workspace_id, by });
  await revoke("grant", grant.id);
}

async function passOn(deps: AuthorizationsDeps, req: IncomingMessage, { pending, session, grant, scopes }: Conclusion): Promise<Decided> {
  if (pending.kind === "device") {
    const decision = { state: "approved" as const, grantId: grant.id, scopes: scopes.join(" ") };
    return (await deps.store.devices.decide(pending.id, session.idHash, decision)) ? { done: true } : { problem: OVER };
  }
  const result = { login: { accountId: session.accountId, remember: false }, consent: { grantId: grant.id }, select_account: {} };
  return finish(deps, req, { result, scope: scopes.join(" ") });
}

interface Ending {
  readonly result: Parameters<Engine["finish"]>[1];
  readonly scope?: string;
}

async function finish(deps: AuthorizationsDeps, req: IncomingMessage, { result, scope }: Ending): Promise<Decided> {
  const location = await (await deps.engine()).finish(interactionRequest(deps, req), result, scope);
  return location === undefined ? { problem: OVER } : { location };
}
