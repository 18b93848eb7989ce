import * as z from "zod";
import type { Db } from "../access.ts";
import type { LinkRow } from "../tables/index.ts";
import type { LinkAct } from "./acts.ts";
import { LinkProblem } from "./link-problem.ts";

const about = z.object({ connected_account_id: z.string() });

/** Connects somebody's account at another product, as that person agreed to. */
export const connectedAccount: LinkAct = {
  async describe(db, link) {
    const row = await accountOf(db, link);
    if (row === undefined) return undefined;
    return {
      title: `Connect your ${row.connector} account`,
      text: `Agents of this workspace may then act at ${row.connector} as ${row.identifier}.`,
      fields: [],
    };
  },
  async apply(trx, link, { nowMs }) {
    const row = await accountOf(trx, link);
    if (row === undefined) throw new LinkProblem("This account is not known any more.");
    await trx
      .updateTable("connected_account")
      .set({ connected_at: nowMs, version: row.version + 1 })
      .where("id", "=", row.id)
      .execute();
    return `Your ${row.connector} account is connected.`;
  },
};

async function accountOf(db: Db, link: LinkRow) {
  const { connected_account_id } = about.parse(JSON.parse(link.data));
  return db
    .selectFrom("connected_account")
    .selectAll()
    .where("workspace_id", "=", link.workspace_id)
    .where("id", "=", connected_account_id)
    .executeTakeFirst();
}
