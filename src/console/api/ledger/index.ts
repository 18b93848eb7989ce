/** What is on record of the workspace: found, explained, proven, followed, verified and taken home. */
import type { Endpoint } from "../../endpoint.ts";
import { exportRecords } from "./export.ts";
import { followRecords } from "./follow.ts";
import { showRecord } from "./record.ts";
import { searchRecords } from "./search.ts";
import { verifyChain } from "./verify.ts";

export const LEDGER_ENDPOINTS: readonly Endpoint[] = [
  { method: "GET", path: "ledger", role: "viewer", run: searchRecords },
  { method: "GET", path: "ledger/tail", role: "viewer", run: followRecords },
  { method: "GET", path: "ledger/export", role: "viewer", run: exportRecords },
  { method: "POST", path: "ledger/verify", role: "viewer", run: verifyChain },
  { method: "GET", path: "ledger/:seq", role: "viewer", run: showRecord },
];
