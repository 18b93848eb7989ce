import type { RevocationKind, RevocationRow } from "../../store/index.ts";
import type { VerifiedToken } from "./verified-token.ts";

type Identified = Pick<VerifiedToken, "tokenId" | "familyId" | "grantId" | "clientId" | "subject" | "issuedAt">;

/** Revocations in memory, so that each use of a token can be compared with them. */
export interface RevocationList {
  add(row: Pick<RevocationRow, "kind" | "value" | "at">): void;
  /**
   * Whether the token, its family, its grant, its client or its subject was revoked. The last two end what was issued up to that instant;
   * times in tokens are whole seconds, so what is issued later within the same second ends too.
   */
  isRevoked(token: Identified): boolean;
  /** Leaves out what is older than any token that can still be valid. */
  forget(before: number): void;
}

export function createRevocationList(): RevocationList {
  const lists: Record<RevocationKind, Map<string, number>> = {
    token: new Map(),
    family: new Map(),
    grant: new Map(),
    client: new Map(),
    subject: new Map(),
  };
  const { token: tokens, family: families, grant: grants, client: clients, subject: subjects } = lists;
  return {
    add({ kind, value, at }) {
      const list = lists[kind];
      const known = list.get(value);
      if (known === undefined || known < at) list.set(value, at);
    },
    isRevoked(token) {
      if (tokens.size > 0 && tokens.has(token.tokenId)) return true;
      if (families.size > 0 && token.familyId !== undefined && families.has(token.familyId)) return true;
      if (grants.size > 0 && grants.has(token.grantId)) return true;
      return isCutOff(clients, token.clientId, token.issuedAt) || isCutOff(subjects, token.subject, token.issuedAt);
    },
    forget(before) {
      for (const list of Object.values(lists)) {
        for (const [value, at] of list) if (at < before) list.delete(value);
      }
    },
  };
}

function isCutOff(list: ReadonlyMap<string, number>, value: string, issuedAt: number): boolean {
  if (list.size === 0) return false;
  const at = list.get(value);
  return at !== undefined && issuedAt <= at;
}
