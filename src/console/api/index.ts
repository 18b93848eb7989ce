/** Every endpoint of `/console/api/`: the one table of who may do what. */
import { ACCESS_ENDPOINTS } from "./access/index.ts";
import { APPROVAL_ENDPOINTS } from "./approvals/index.ts";
import { CONNECT_ENDPOINTS } from "./connect.ts";
import { HEALTH_ENDPOINTS } from "./health.ts";
import { INSPECTOR_ENDPOINTS } from "./inspector/index.ts";
import { LEDGER_ENDPOINTS } from "./ledger/index.ts";
import { OVERVIEW_ENDPOINTS } from "./overview.ts";
import { SESSION_ENDPOINTS } from "./session.ts";
import { USAGE_ENDPOINTS } from "./usage/index.ts";
import type { Endpoint } from "../endpoint.ts";

export const ENDPOINTS: readonly Endpoint[] = [
  ...SESSION_ENDPOINTS,
  ...OVERVIEW_ENDPOINTS,
  ...INSPECTOR_ENDPOINTS,
  ...CONNECT_ENDPOINTS,
  ...USAGE_ENDPOINTS,
  ...LEDGER_ENDPOINTS,
  ...ACCESS_ENDPOINTS,
  ...APPROVAL_ENDPOINTS,
  ...HEALTH_ENDPOINTS,
];
