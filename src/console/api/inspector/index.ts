/** The Inspector: what the server offers to whom, and calls as them. */
import type { Endpoint } from "../../endpoint.ts";
import { callAs, explainAs } from "./call.ts";
import { listIdentities } from "./identities.ts";
import { listSaved, removeSaved, saveCall } from "./saved-calls.ts";
import { showSurface } from "./surface.ts";

export const INSPECTOR_ENDPOINTS: readonly Endpoint[] = [
  { method: "GET", path: "identities", role: "viewer", run: listIdentities },
  { method: "GET", path: "surface", role: "viewer", run: showSurface },
  { method: "POST", path: "explain", role: "viewer", run: explainAs },
  { method: "POST", path: "call", role: "operator", run: callAs },
  { method: "GET", path: "saved-calls", role: "viewer", run: listSaved },
  { method: "POST", path: "saved-calls", role: "operator", run: saveCall },
  { method: "POST", path: "saved-calls/:id/remove", role: "operator", run: removeSaved },
];
