/** What is on record of the workspace: found, explained, proven, followed, verified and taken home. */
import type { Endpoint } from "../../endpoint.ts";
import { showRecord } from "./record.ts";
import { searchRecords } from "./search.ts";

export const LEDGER_ENDPOINTS: readonly Endpoint[] = [
  { method: "GET", path: "ledger", role: "viewer", run: searchRecords },
  { method: "GET", path: "ledger/:seq", role: "viewer", run: showRecord },
];
