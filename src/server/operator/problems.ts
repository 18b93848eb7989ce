import type { Store } from "../../store/index.ts";
import type { Problems } from "./operator.ts";

export const NO_WORKSPACE: Problems = { problems: ["say which workspace it belongs to; there is none, or more than one"] };

export function problem(text: string): Problems {
  return { problems: [text] };
}

export async function chooseWorkspace({ db }: Store, given: string | undefined): Promise<string | undefined> {
  if (given !== undefined) return given;
  const workspaces = await db.selectFrom("workspace").select("id").limit(2).execute();
  return workspaces.length === 1 ? workspaces[0]?.id : undefined;
}
