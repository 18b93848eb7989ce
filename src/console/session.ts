/** Who sits at the browser: a person of the sign-in pages, in one of their workspaces, with what their membership lets them do. */
import type { IncomingMessage } from "node:http";
import type { People } from "../oauth/index.ts";
import type { Role } from "../tool/index.ts";
import type { ConsoleRole } from "./contract.ts";
import { ConsoleProblem, type ConsolePerson } from "./endpoint.ts";

export type SessionPeople = Pick<People, "session" | "findAccount" | "memberships">;

const ROLES: Readonly<Record<Role, ConsoleRole>> = { viewer: "viewer", member: "operator", admin: "admin", owner: "admin" };
const RANK: Readonly<Record<ConsoleRole, number>> = { viewer: 0, operator: 1, admin: 2 };
/** Which of their workspaces a person of several looks at. It opens nothing: membership is looked up each time. */
const WORKSPACE_COOKIE = /(?:^|;\s*)remit_workspace=([\w-]{1,64})(?:;|$)/;

const NOT_SIGNED_IN = new ConsoleProblem(401, {
  code: "not_signed_in",
  message: "Nobody is signed in at this browser.",
  next: "Sign in; you come back to this page.",
});

const NO_WORKSPACE = new ConsoleProblem(403, {
  code: "no_workspace",
  message: "You belong to no workspace of this server.",
  next: "Ask an owner or admin of a workspace to add you.",
});

/** Whether somebody is signed in completely; a session that still lacks its passkey is none. */
export async function isSignedIn(people: SessionPeople, req: IncomingMessage): Promise<boolean> {
  return (await people.session(req.headers.cookie))?.state === "full";
}

/** The person, looked up anew for each request, so that what was taken away is gone at once. */
export async function personOf(people: SessionPeople, req: IncomingMessage): Promise<ConsolePerson | ConsoleProblem> {
  const session = await people.session(req.headers.cookie);
  if (session?.state !== "full") return NOT_SIGNED_IN;
  const { accountId } = session;
  const [account, memberships] = await Promise.all([people.findAccount(accountId), people.memberships(accountId)]);
  if (account === undefined) return NOT_SIGNED_IN;
  const wanted = WORKSPACE_COOKIE.exec(req.headers.cookie ?? "")?.[1];
  const chosen = memberships.find(({ workspaceId }) => workspaceId === wanted) ?? memberships[0];
  if (chosen === undefined) return NO_WORKSPACE;
  const { workspaceId, name: workspaceName, role } = chosen;
  return { accountId, email: account.email, name: account.name, workspaceId, workspaceName, role: ROLES[role], member: role };
}

export function mayUse(role: ConsoleRole, least: ConsoleRole): boolean {
  return RANK[role] >= RANK[least];
}
