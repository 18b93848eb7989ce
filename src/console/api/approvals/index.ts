/** What waits for people, and what was changed and can be taken back. */
import type { Endpoint } from "../../endpoint.ts";
import { approve, listApprovals, refuse, showApproval } from "./approvals.ts";
import { listChanges, undoChange } from "./changes.ts";

export const APPROVAL_ENDPOINTS: readonly Endpoint[] = [
  { method: "GET", path: "approvals", role: "viewer", run: listApprovals },
  { method: "GET", path: "approvals/:id", role: "viewer", run: showApproval },
  { method: "POST", path: "approvals/:id/approve", role: "operator", run: approve },
  { method: "POST", path: "approvals/:id/refuse", role: "operator", run: refuse },
  { method: "GET", path: "changes", role: "viewer", run: listChanges },
  { method: "POST", path: "changes/:id/undo", role: "operator", run: undoChange },
];
