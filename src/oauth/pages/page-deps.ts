/**
 * What the pages need of the rest: people and their sessions, and requests that wait for a person's decision. They are described here by
 * their shape, so that pages depend on nothing but what they show and pass on.
 */
import type { IncomingHttpHeaders } from "node:http";
import type { IncomingMessage } from "node:http";
import type { Handshakes } from "../../audit/index.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { Role } from "../../tool/index.ts";

/** A person signed in at this browser. */
export interface PageSession {
  readonly idHash: string;
  readonly accountId: string;
  /** `password`: the account's passkey is still to be shown. */
  readonly state: "password" | "full";
  /** Sent back in a hidden field of each form. */
  readonly csrf: string;
}

export interface PageAccount {
  readonly email: string;
  readonly name: string;
}

export interface PageProblem {
  /** A sentence for the person. */
  readonly problem: string;
  readonly retryAfterSeconds?: number;
}

export interface PageSignedIn {
  /** The value of Set-Cookie. */
  readonly cookie: string;
  readonly session: PageSession;
}

export type PageSignIn = PageSignedIn | PageProblem;

/** Instants are epoch milliseconds. */
export interface PagePasskey {
  readonly id: string;
  readonly name: string;
  readonly createdAt: number;
  readonly usedAt: number | null;
}

export interface PagePasskeys {
  /** Options for `navigator.credentials.create`, as JSON (WebAuthn Level 3 §5.1.9); binary values are base64url. */
  registerOptions(session: PageSession): Promise<object>;
  register(session: PageSession, response: unknown, name: string): Promise<PageProblem | { readonly id: string }>;
  /** Options for `navigator.credentials.get`. With a session that a password began, for that account's passkeys. */
  signInOptions(session?: PageSession): Promise<object>;
  signIn(input: {
    readonly response: unknown;
    readonly address: string | undefined;
    readonly session: PageSession | undefined;
  }): Promise<PageSignIn>;
  list(accountId: string): Promise<readonly PagePasskey[]>;
  remove(accountId: string, id: string): Promise<boolean>;
}

/** Sign-in at another provider. */
export interface PageExternal {
  /** What the button says it is, such as `login.example.com`. */
  readonly name: string;
  start(returnTo: string): Promise<{ readonly location: string; readonly cookie: string }>;
  /** `url` is the address that the provider sent the browser to. */
  finish(
    url: URL,
    cookie: string | undefined,
    address: string | undefined,
  ): Promise<(PageSignedIn & { readonly returnTo: string }) | PageProblem>;
}

/** Sign-in by the application in which this server is mounted. */
export interface PageOwn {
  /** What the button says it is. */
  readonly name: string;
  /** Undefined when nobody is signed in there. */
  signIn(headers: IncomingHttpHeaders, address: string | undefined): Promise<PageSignIn | undefined>;
  /** Where to send who is not, and to come back to `path`. */
  elsewhere(path: string): string;
}

export interface PagePeople {
  /** From the Cookie header. */
  session(cookie: string | undefined): Promise<PageSession | undefined>;
  findAccount(id: string): Promise<PageAccount | undefined>;
  signInWithPassword(input: {
    readonly email: string;
    readonly password: string;
    readonly address: string | undefined;
  }): Promise<PageSignIn>;
  /** Whose link it is; looking does not use it up. Undefined when it is used, expired or none. */
  findLinkAccount(secret: string): Promise<PageAccount | undefined>;
  signInWithLink(secret: string, address: string | undefined): Promise<PageSignIn>;
  readonly passkeys: PagePasskeys;
  readonly external?: PageExternal | undefined;
  readonly own?: PageOwn | undefined;
  /** The value of Set-Cookie that ends the session at the browser too. */
  signOut(session: PageSession): Promise<string>;
  signOutEverywhere(session: PageSession): Promise<string>;
}

export interface PagePending {
  readonly id: string;
  readonly kind: "redirect" | "device";
}

export interface PageScope {
  readonly name: string;
  readonly sentence: string;
  readonly access: "read" | "write";
  /** Titles of the tools that it opens. */
  readonly tools: readonly string[];
  readonly state: "granted" | "widened" | "new" | "beyond_role";
  /** What it opens that it did not when it was granted, a sentence each. */
  readonly since: readonly string[];
  readonly isTicked: boolean;
}

export interface PageWorkspace {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly environments: readonly { readonly id: string; readonly name: string }[];
  readonly scopes: readonly PageScope[];
  /** The environments that it was limited to before; null for no limit. */
  readonly limitedTo: readonly string[] | null;
}

/** Names come from the client and are not to be trusted. */
export interface PageConsent {
  readonly clientId: string;
  readonly clientName: string;
  readonly clientKind: "operator" | "document" | "registered";
  readonly askingHost: string;
  readonly redirectHost: string | null;
  readonly isLoopbackOnly: boolean;
  readonly workspaces: readonly PageWorkspace[];
}

export interface PageChoice {
  readonly workspaceId: string;
  readonly scopes: readonly string[];
  /** Ids; null for all, also later ones. */
  readonly environments: readonly string[] | null;
  readonly isReadOnly: boolean;
  /** Null for until it is revoked. */
  readonly lifeSeconds: number | null;
}

export type PageDecided = { readonly location: string } | { readonly done: true } | { readonly problem: string };

/** An agent that a person let in. Instants are epoch milliseconds. */
export interface PageConnection {
  readonly grantId: string;
  readonly clientId: string;
  readonly clientName: string;
  readonly workspaceName: string;
  readonly scopes: readonly string[];
  readonly environments: readonly string[] | null;
  readonly redirectHost: string | null;
  readonly createdAt: number;
  readonly expiresAt: number | null;
  readonly usedAt: number | null;
}

/** `P` is what the implementation knows of a pending request; pages hand it back as they got it. */
export interface PageAuthorizations<P extends PagePending = PagePending> {
  pending(req: IncomingMessage, id: string): Promise<P | undefined>;
  pendingDevice(userCode: string, session: PageSession): Promise<P | "too_many" | undefined>;
  view(pending: P, accountId: string): Promise<PageConsent>;
  /** Undefined when the person has to be asked. */
  approveKnown(req: IncomingMessage, pending: P, session: PageSession): Promise<PageDecided | undefined>;
  approve(req: IncomingMessage, pending: P, decision: { readonly session: PageSession; readonly choice: PageChoice }): Promise<PageDecided>;
  deny(req: IncomingMessage, pending: P, session: PageSession): Promise<PageDecided>;
  connections(accountId: string): Promise<readonly PageConnection[]>;
  revokeConnection(accountId: string, grantId: string): Promise<boolean>;
}

export interface PagePlan {
  readonly summary: string;
  readonly changes: readonly {
    readonly change: "create" | "update" | "delete";
    readonly resource: string;
    readonly before?: object;
    readonly after?: object;
  }[];
  readonly rows: number;
  readonly losesAccess: readonly string[];
}

/** A call that waits for a person, or waited. Instants are epoch milliseconds. */
export interface PageApproval {
  readonly id: string;
  readonly state: "pending" | "approved" | "refused" | "used" | "void" | "expired";
  readonly clientId: string;
  readonly clientName: string;
  readonly actsFor: string | null;
  readonly workspaceName: string;
  readonly tool: string;
  readonly toolTitle: string;
  readonly effect: string;
  readonly arguments: unknown;
  readonly plan: PagePlan;
  /** Of what is shown; a decision names it. */
  readonly digest: string;
  readonly approversNeeded: number;
  readonly approvedBy: readonly string[];
  readonly hasApproved: boolean;
  readonly reason: string | null;
  readonly requestedAt: number;
  readonly expiresAt: number;
}

export interface PageApprovals {
  /** Undefined when there is none of this id that this person may decide. */
  view(id: string, accountId: string): Promise<PageApproval | undefined>;
  queue(accountId: string): Promise<readonly PageApproval[]>;
  decide(
    id: string,
    accountId: string,
    decision: { readonly isApproved: boolean; readonly digest: string; readonly reason: string | null },
  ): Promise<{ readonly state: string } | { readonly problem: string }>;
}

/** What a link does, and for how long. */
export interface PageLink {
  readonly state: "open" | "used" | "expired";
  readonly title: string;
  readonly text: string;
  readonly fields: readonly { readonly name: string; readonly label: string; readonly kind: "text" | "checkbox"; readonly value: string }[];
}

export interface PageLinks {
  find(token: string): Promise<PageLink | undefined>;
  confirm(token: string, form: Readonly<Record<string, string>>): Promise<{ readonly done: string } | { readonly problem: string }>;
}

/** How the connection of a client went. Instants are epoch milliseconds; names come from the client and are not to be trusted. */
export interface PageTimeline {
  readonly client: string;
  readonly finding: {
    readonly state: "connected" | "stopped" | "under_way";
    readonly says: string;
    readonly remedy: string;
    readonly quirk: { readonly says: string; readonly remedy: string } | null;
  };
  readonly steps: readonly { readonly step: string; readonly outcome: string; readonly at: number; readonly times: number }[];
}

export interface PageTimelines extends Handshakes {
  /** By the last segment of its link. */
  findByToken(token: string): Promise<PageTimeline | undefined>;
}

export interface PagesDeps<P extends PagePending = PagePending> {
  readonly people: PagePeople;
  readonly authorizations: PageAuthorizations<P>;
  readonly approvals: PageApprovals;
  /** Undefined when this server has no links of its own. */
  readonly links?: PageLinks | undefined;
  /** Undefined when none are kept. */
  readonly timelines?: PageTimelines | undefined;
  /** What people know this server by. */
  readonly issuerName: string;
  /** The public origin. */
  readonly url: string;
  readonly masterKey: Uint8Array;
  readonly now: Clock;
  readonly log: Log;
}
