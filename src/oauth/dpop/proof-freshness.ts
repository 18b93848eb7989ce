import type { Clock } from "../../lib/clock.ts";
import type { OidcPayloadStore } from "../../store/index.ts";
import { PROOF_WINDOW_SECONDS } from "./verify-proof.ts";

const MODEL = "DPoP";
/** A proof can be dated ahead by the window and stays good for the window. */
const KEPT_MS = (2 * PROOF_WINDOW_SECONDS + 1) * 1000;

/** Says of each digest of a proof whether it comes for the first time, to all processes together and over restarts. */
export function createProofFreshness(store: Pick<OidcPayloadStore, "insertIfAbsent">, now: Clock): (digest: string) => Promise<boolean> {
  return (digest) => {
    const at = now();
    const row = { payload: "{}", grant_id: null, uid: null, user_code: null, consumed_at: null, expires_at: at + KEPT_MS };
    return store.insertIfAbsent({ model: MODEL, id_hash: digest, ...row }, at);
  };
}
