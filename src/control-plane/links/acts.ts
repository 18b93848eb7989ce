import type { Db } from "../access.ts";
import type { LinkRow } from "../tables/index.ts";
import { adminPortal } from "./admin-portal.ts";
import { connectedAccount } from "./connected-account.ts";
import { invitation } from "./invitation.ts";
import type { LinkView } from "./links.ts";

export interface Confirmation {
  readonly nowMs: number;
  readonly form: Readonly<Record<string, string>>;
}

/** What links of one kind say and do. */
export interface LinkAct {
  /** Undefined when what it is about is gone. */
  describe(db: Db, link: LinkRow): Promise<Pick<LinkView, "title" | "text" | "fields"> | undefined>;
  /** Does it, in the given transaction; answers what was done. Throws LinkProblem when it cannot be done. */
  apply(trx: Db, link: LinkRow, confirmation: Confirmation): Promise<string>;
}

export const ACTS: Readonly<Record<LinkRow["kind"], LinkAct>> = {
  invitation,
  admin_portal: adminPortal,
  connected_account: connectedAccount,
};
