/** Signed checkpoints of the ledger: what was on record cannot be written anew unseen, by whoever holds the database. */
export { checkpointOf, newestCheckpoint, readCheckpoints, type CheckpointRecord } from "./checkpoint-records.ts";
export { createSigner, parseNote, parseVerifierKey, type Verifier } from "./note.ts";
export { openCheckpoints, type Checkpoints } from "./open-checkpoints.ts";
