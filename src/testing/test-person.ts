import type { OpenedServer } from "../server/index.ts";
import type { Role } from "../tool/index.ts";
import type { TestCall } from "./test-call.ts";

/** What agents and people of a test stand on. */
export interface World extends OpenedServer {
  readonly workspaceId: string;
}

export interface PersonOptions {
  /** Their place in the workspace. Default: `owner`. */
  readonly role?: Role;
  readonly email?: string;
  readonly name?: string;
}

export interface TestPerson {
  readonly accountId: string;
  readonly email: string;
  readonly role: Role;
  /** Approves a call that is held, as they would on its page. Throws when they may not. */
  approve(held: TestCall<unknown>, reason?: string): Promise<void>;
  /** Refuses it. */
  refuse(held: TestCall<unknown>, reason?: string): Promise<void>;
}

export async function createTestPerson(world: World, { role = "owner", email, name }: PersonOptions): Promise<TestPerson> {
  const { inside, server } = world;
  const count = (await server.operator.listPeople()).length + 1;
  const address = email ?? `${role}-${count}@example.com`;
  const made = await server.operator.createPerson({ email: address, name: name ?? `The ${role}`, role, workspaceId: world.workspaceId });
  if ("problems" in made) throw new Error(made.problems.join("\n"));
  const { accountId } = made;

  async function decide({ record }: TestCall<unknown>, isApproved: boolean, reason: string | undefined): Promise<void> {
    const { approval } = record;
    if (typeof approval !== "string") throw new Error(`this call waits for nobody: its outcome is ${String(record["outcome"])}`);
    const view = await inside.approvals.view(approval, accountId);
    if (view === undefined) throw new Error(`${address}, ${role} of the workspace, may not decide about this call`);
    const decided = await inside.approvals.decide(approval, accountId, { isApproved, digest: view.digest, reason: reason ?? null });
    if ("problem" in decided) throw new Error(decided.problem);
  }

  return {
    accountId,
    email: address,
    role,
    approve: (held, reason) => decide(held, true, reason),
    refuse: (held, reason) => decide(held, false, reason),
  };
}
