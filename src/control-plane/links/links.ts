/**
 * Links that do one thing once. The token is 256 random bits and stored as a SHA-256, so that neither the database nor a backup of it opens
 * anything. The page at `/links/<token>` looks a link up, says what it does, and confirms it when the person agrees.
 */
import { createHash, randomBytes } from "node:crypto";
import type { Context, Db } from "../access.ts";
import { instant } from "../parameters.ts";
import type { LinkRow } from "../tables/index.ts";
import { ACTS } from "./acts.ts";
import { LinkProblem } from "./link-problem.ts";

/** What a page shows before the person confirms. */
export interface LinkView {
  readonly kind: LinkRow["kind"];
  readonly state: "open" | "used" | "expired";
  readonly workspaceId: string;
  /** A sentence, as a heading. */
  readonly title: string;
  /** What confirming it does. */
  readonly text: string;
  /** What the person may fill in. */
  readonly fields: readonly LinkField[];
}

export interface LinkField {
  readonly name: string;
  readonly label: string;
  readonly kind: "text" | "checkbox";
  /** Of a checkbox: `true` or `false`. */
  readonly value: string;
}

/** What became of it, in a sentence for the person. */
export type Confirmed = { readonly done: string; readonly link: LinkRow } | { readonly problem: string };

const TOKEN = /^[A-Za-z0-9_-]{43}$/;
const GONE = { problem: "This link was used or has expired. Ask for a new one." };

interface NewLink extends Pick<LinkRow, "kind" | "environment_id"> {
  readonly data: object;
  readonly ttlSeconds: number;
}

/** Makes a link in the caller's workspace. The URL exists nowhere else. */
export async function createLink({ caller, db, now, publicUrl }: Context, { kind, environment_id, data, ttlSeconds }: NewLink) {
  const token = randomBytes(32).toString("base64url");
  const created_at = now();
  const times = { created_at, expires_at: created_at + ttlSeconds * 1000, used_at: null };
  const place = { workspace_id: caller.workspaceId, environment_id };
  await db
    .insertInto("link")
    .values({ token_hash: hashOf(token), ...place, kind, data: JSON.stringify(data), created_by: caller.subject, ...times })
    .execute();
  return { url: `${publicUrl}/links/${token}`, expires_at: instant(times.expires_at) };
}

/** What a link would do; undefined for one that never was. Takes a handle that is not confined to a workspace. */
export async function findLink(db: Db, token: string, nowMs: number): Promise<LinkView | undefined> {
  const row = await readLink(db, token);
  if (row === undefined) return undefined;
  const described = await ACTS[row.kind].describe(db, row);
  if (described === undefined) return undefined;
  const expired = row.expires_at <= nowMs ? "expired" : "open";
  return { kind: row.kind, workspaceId: row.workspace_id, state: row.used_at === null ? expired : "used", ...described };
}

/**
 * Does what the link says, once: of any number of parallel callers exactly one. When it cannot be done the link stays as it was, and the
 * problem is told. Takes a handle that is not confined to a workspace.
 */
export async function confirmLink(
  db: Db,
  token: string,
  { nowMs, form }: { readonly nowMs: number; readonly form: Readonly<Record<string, string>> },
): Promise<Confirmed> {
  if (!TOKEN.test(token)) return GONE;
  try {
    return await db.transaction().execute(async (trx) => {
      const link = await trx
        .updateTable("link")
        .set({ used_at: nowMs })
        .where("token_hash", "=", hashOf(token))
        .where("used_at", "is", null)
        .where("expires_at", ">", nowMs)
        .returningAll()
        .executeTakeFirst();
      if (link === undefined) return GONE;
      return { done: await ACTS[link.kind].apply(trx, link, { nowMs, form }), link };
    });
  } catch (error) {
    if (error instanceof LinkProblem) return { problem: error.message };
    throw error;
  }
}

async function readLink(db: Db, token: string): Promise<LinkRow | undefined> {
  if (!TOKEN.test(token)) return undefined;
  return db.selectFrom("link").selectAll().where("token_hash", "=", hashOf(token)).executeTakeFirst();
}

function hashOf(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}
