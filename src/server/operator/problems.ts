import type { Store } from "../../store/index.ts";
import type { Problems } from "./operator.ts";

export const NO_WORKSPACE: Problems = { problems: ["say which workspace it belongs to; there is none, or more than one"] };

export function problem(text: string): Problems {
  return { problems: [text] };
}

/** Why an agent or person may not be enabled: they go on when their kill is lifted. */
export async function killedProblem({ db }: Store, kind: "agent" | "user", value: string): Promise<Problems | undefined> {
  const kill = await db
    .selectFrom("kill")
    .select("id")
    .where("kind", "=", kind)
    .where("value", "=", value)
    .where("lifted_at", "is", null)
    .executeTakeFirst();
  return kill === undefined ? undefined : problem(`this was killed; lift that instead: remit kill lift ${kill.id}`);
}

export async function chooseWorkspace({ db }: Store, given: string | undefined): Promise<string | undefined> {
  if (given !== undefined) return given;
  const workspaces = await db.selectFrom("workspace").select("id").limit(2).execute();
  return workspaces.length === 1 ? workspaces[0]?.id : undefined;
}
