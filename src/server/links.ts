import type { LinkPages } from "../tool/index.ts";
import type { Ground } from "./ground.ts";
import type { ServerOptions } from "./server-options.ts";

/** The links of this server's own, each use on record. */
export function linksOf({ links }: ServerOptions, { store, record, now }: Pick<Ground, "store" | "record" | "now">) {
  if (links === undefined) return undefined;
  const db = store.db as unknown as Parameters<LinkPages["find"]>[0];
  return {
    find: (token: string) => links.find(db, token, now()),
    async confirm(token: string, form: Readonly<Record<string, string>>) {
      const link = await links.find(db, token, now());
      // First the record: a link that was used must not be missing from it.
      if (link !== undefined) await record({ event: "link.confirming", what: link.kind, workspace: link.workspaceId });
      const outcome = await links.confirm(db, token, { nowMs: now(), form });
      if (link !== undefined && "done" in outcome) await record({ event: "link.confirmed", what: link.kind, workspace: link.workspaceId });
      return outcome;
    },
  };
}
