import type { RevocationKind } from "../../../store/index.ts";
import type { IssuerEvent } from "../../events.ts";
import type { GrantDeps } from "./grant-deps.ts";
import { putOnRecord } from "./issue-tokens.ts";

export interface Ending {
  readonly kind: RevocationKind;
  readonly value: string;
  readonly event: IssuerEvent;
}

/** Revokes, on record. It takes effect even when it cannot be put on record; then this rejects all the same. */
export async function endOnRecord(deps: GrantDeps, { kind, value, event }: Ending): Promise<void> {
  try {
    await putOnRecord(deps, event);
  } finally {
    await deps.revoke(kind, value);
  }
}
