/** Who may do what, and how it is stopped. */
import type { Endpoint } from "../../endpoint.ts";
import { createAgent, disableAgent, enableAgent, listClients } from "./clients.ts";
import { listConnections } from "./connections.ts";
import { adviseGrants, listGrants, narrowGrants, revokeGrant } from "./grants.ts";
import { kill, liftKill, listKills } from "./kills.ts";

export const ACCESS_ENDPOINTS: readonly Endpoint[] = [
  { method: "GET", path: "clients", role: "viewer", run: listClients },
  { method: "POST", path: "agents", role: "admin", run: createAgent },
  { method: "POST", path: "agents/:id/disable", role: "admin", run: disableAgent },
  { method: "POST", path: "agents/:id/enable", role: "admin", run: enableAgent },
  { method: "GET", path: "grants", role: "viewer", run: listGrants },
  { method: "POST", path: "grants/:id/revoke", role: "admin", run: revokeGrant },
  { method: "GET", path: "least-privilege", role: "viewer", run: adviseGrants },
  { method: "POST", path: "least-privilege/apply", role: "admin", run: narrowGrants },
  { method: "GET", path: "kills", role: "viewer", run: listKills },
  { method: "POST", path: "kill", role: "admin", run: kill },
  { method: "POST", path: "kill/:id/lift", role: "admin", run: liftKill },
  { method: "GET", path: "connections", role: "viewer", run: listConnections },
];
