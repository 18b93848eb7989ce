/** How events become records: in the words that all records use. */
import type { Ledger } from "../audit/index.ts";
import type { Clock } from "../lib/clock.ts";
import type { EventSink, IssuerEvent } from "../oauth/index.ts";

/** Something that happened and belongs on record. Members must hold no secret. */
export interface RecordedEvent {
  readonly event: string;
  readonly [member: string]: unknown;
}

export type EventRecorder = (event: RecordedEvent) => Promise<void>;

/** `heard` are told of each event once it is on record, by its name. */
export function createEventRecorder(ledger: Ledger, now: Clock, heard: readonly ((event: string) => void)[] = []): EventRecorder {
  return async (event) => {
    await ledger.append({ kind: "event", ref: null, body: JSON.stringify({ v: 1, kind: "event", at: now(), ...event }) });
    for (const tell of heard) tell(event.event);
  };
}

const EVENTS: Readonly<Record<IssuerEvent["event"], string>> = {
  account_created: "account.created",
  account_disabled: "account.disabled",
  account_enabled: "account.enabled",
  agent_created: "agent.created",
  client_registered: "client.registered",
  code_replayed: "code.replayed",
  consent_given: "consent.given",
  consent_outgrown: "consent.outgrown",
  consent_refused: "consent.refused",
  enterprise_granted: "grant.asserted",
  grant_revoked: "grant.revoked",
  identity_linked: "identity.linked",
  keys_rotated: "keys.rotated",
  passkey_added: "passkey.added",
  passkey_removed: "passkey.removed",
  password_set: "password.set",
  refresh_token_reused: "refresh_token.reused",
  sign_in_link_created: "sign_in_link.created",
  signed_in: "person.signed_in",
  signed_out: "person.signed_out",
  token_issued: "token.issued",
  token_repeated: "token.repeated",
  token_revoked: "token.revoked",
  upstream_credential_issued: "upstream.credential_issued",
  upstream_secret_set: "upstream.secret_set",
};

/** Members that records name otherwise; all others keep their name. */
const MEMBERS: Readonly<Record<string, string>> = {
  accountId: "subject",
  activeKid: "active",
  authMethod: "auth_method",
  clientId: "agent",
  expiresAt: "expires_at",
  familyId: "family",
  grantId: "grant",
  isEverywhere: "everywhere",
  // A record has a kind of its own.
  kind: "what",
  passkeyId: "passkey",
  pendingKid: "pending",
  redirectHosts: "redirect_hosts",
  scope: "scopes",
  tokenId: "token",
  workspaceId: "workspace",
};

const LISTS = new Set(["requested", "scope"]);

/** Puts on record what the authorization server does. */
export function createIssuerRecorder(record: EventRecorder): EventSink {
  return ({ event, ...members }) => {
    const renamed = Object.entries(members).map(([name, value]) => [MEMBERS[name] ?? name, toRecorded(name, value)]);
    return record({ ...Object.fromEntries(renamed), event: EVENTS[event] });
  };
}

/** Scopes are lists in records, also when there is none. */
function toRecorded(name: string, value: unknown): unknown {
  return LISTS.has(name) && typeof value === "string" ? value.split(" ").filter(Boolean) : value;
}
