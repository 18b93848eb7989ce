import { createId } from "../../lib/id.ts";
import type { Operator, Server, ServerOptions } from "../../server/index.ts";
import { EXIT, ExitError } from "../exit.ts";
import type { Declared } from "./index.ts";

/** What is shown once, by the first start only. */
export interface FirstStart {
  readonly clientId: string;
  readonly clientSecret?: string | undefined;
  /** Space-separated. */
  readonly scope: string;
  /** A one-time link that signs the owner in. */
  readonly signInUrl: string;
  readonly owner: string;
  readonly isDemo: boolean;
}

/** What the demo agent may do: enough to be useful, not enough for everything. */
const DEMO_SCOPES = ["wks:read", "env:write", "org:write", "docs:read"];

/** The demo's owner, whom the first start lets in. */
const DEMO_OWNER = "ada@acme.example";

export const DEFAULT_OWNER = "owner@example.com";

/**
 * On an empty store: a workspace with an owner, and an agent that may read. For the control plane it is the demo workspace. Undefined on every
 * later start.
 */
export async function firstStart(server: Server, { module, options }: Declared, owner: string): Promise<FirstStart | undefined> {
  return module === undefined ? startDemo(server.operator) : startOwn(server.operator, options, owner);
}

async function startDemo(operator: Operator): Promise<FirstStart | undefined> {
  const { seedDemo } = await import("../../control-plane/index.ts");
  const seeded = await operator.seed(seedDemo);
  if (seeded === undefined) return undefined;
  return letIn(operator, { name: "Demo agent", scopes: DEMO_SCOPES, workspaceId: seeded.workspaceId, owner: DEMO_OWNER, isDemo: true });
}

async function startOwn(
  operator: Operator,
  { scopes, name = "remit", title = name }: Declared["options"],
  owner: string,
): Promise<FirstStart | undefined> {
  const workspaceId = createId("wks");
  const isFirst = await operator.seed(async (db, now) => {
    await db.insertInto("workspace").values({ id: workspaceId, name: title, created_at: now }).execute();
    return true;
  });
  if (isFirst === undefined) return undefined;
  requireDone(await operator.createPerson({ email: owner, name: owner.slice(0, owner.indexOf("@")), role: "owner", workspaceId }));
  return letIn(operator, { name: "First agent", scopes: readScopes(scopes), workspaceId, owner, isDemo: false });
}

/** Those with which nothing can be changed. */
function readScopes(scopes: ServerOptions["scopes"]): string[] {
  return Object.entries(scopes).flatMap(([name, { access }]) => (access === "read" ? [name] : []));
}

interface First {
  readonly name: string;
  readonly scopes: readonly string[];
  readonly workspaceId: string;
  readonly owner: string;
  readonly isDemo: boolean;
}

async function letIn(operator: Operator, { owner, isDemo, ...agent }: First): Promise<FirstStart> {
  const created = requireDone(await operator.createAgent(agent));
  const link = requireDone(await operator.createSignInLink(owner));
  return { ...created, signInUrl: `${link.url}&return_to=/console`, owner, isDemo };
}

function requireDone<T extends object>(done: T | { readonly problems: readonly string[] }): T {
  if ("problems" in done) throw new ExitError(EXIT.internal, done.problems.join("\n"));
  return done;
}
