import { createSecret, sha256Hex } from "../../../lib/secret.ts";
import { isRecord } from "../../../lib/is-record.ts";
import type { ClientRow, RefreshTokenRow } from "../../../store/index.ts";
import type { Authority } from "./effective-scopes.ts";
import type { GrantDeps } from "./grant-deps.ts";

const PREFIX = "rt_";
const FORM = /^rt_[A-Za-z0-9_-]{43}$/;

export interface RefreshTokenInput {
  readonly authority: Authority;
  readonly familyId: string;
  /** What the family may hold at most, space-separated. */
  readonly scope: string;
  readonly jkt: string | null;
  /** Epoch milliseconds; undefined for the first of its family. */
  readonly familyExpiresAt?: number;
}

/** A refresh token, to be stored before anyone has it. */
export interface NewRefreshToken {
  readonly value: string;
  readonly row: RefreshTokenRow;
}

export function createRefreshToken({ refresh, now }: GrantDeps, input: RefreshTokenInput): NewRefreshToken {
  const { grant } = input.authority;
  const at = now();
  const value = PREFIX + createSecret();
  const familyExpiresAt = Math.min(input.familyExpiresAt ?? at + refresh.maxSeconds * 1000, grant.expires_at ?? Number.POSITIVE_INFINITY);
  const row: RefreshTokenRow = {
    id_hash: sha256Hex(value),
    family_id: input.familyId,
    grant_id: grant.id,
    client_id: grant.client_id,
    scopes: input.scope,
    jkt: input.jkt,
    created_at: at,
    expires_at: Math.min(at + refresh.idleSeconds * 1000, familyExpiresAt),
    family_expires_at: familyExpiresAt,
    used_at: null,
    successor: null,
  };
  return { value, row };
}

export async function findRefreshToken({ store }: GrantDeps, value: string): Promise<RefreshTokenRow | undefined> {
  return FORM.test(value) ? store.refreshTokens.find(sha256Hex(value)) : undefined;
}

/** Clients of operators may; of all others those that said that they refresh (RFC 7591 §2), as what none would use is not left lying about. */
export function mayRefresh({ kind, metadata }: ClientRow): boolean {
  if (kind === "operator") return true;
  const parsed: unknown = JSON.parse(metadata);
  const grantTypes = isRecord(parsed) ? parsed["grant_types"] : undefined;
  return Array.isArray(grantTypes) && grantTypes.includes("refresh_token");
}
