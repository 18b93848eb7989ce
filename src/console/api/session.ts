/** Who is signed in, and which of their workspaces they look at. */
import type { Session } from "../contract.ts";
import type { Endpoint } from "../endpoint.ts";

export const SESSION_ENDPOINTS: readonly Endpoint[] = [
  {
    method: "GET",
    path: "session",
    role: "viewer",
    async run({ by, store }): Promise<Session> {
      const workspaces = await store.db
        .selectFrom("member as m")
        .innerJoin("workspace as w", "w.id", "m.workspace_id")
        .where("m.account_id", "=", by.accountId)
        .select(["w.id", "w.name"])
        .orderBy("w.name")
        .orderBy("w.id")
        .execute();
      return { person: { name: by.name }, role: by.role, workspace: { id: by.workspaceId, name: by.workspaceName }, workspaces };
    },
  },
];
