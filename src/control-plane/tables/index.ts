import { defineTables } from "../../index.ts";
import { createOrganizationTable } from "./0001-organization.ts";
import { extendOrganizationTable } from "./0002-organization-details.ts";
import { createEnvironmentResources } from "./0003-environment-resources.ts";
import { createOrganizationResources } from "./0004-organization-resources.ts";
import type { ControlPlaneTables } from "./rows.ts";
import { sweep } from "./sweep.ts";

export type * from "./rows.ts";

export const controlPlaneTables = defineTables<ControlPlaneTables>({
  name: "control-plane",
  tables: [
    "organization",
    "environment_role",
    "environment_scope",
    "environment_uri",
    "connection",
    "organization_connection",
    "connected_account",
    "mcp_server",
    "organization_user",
    "organization_template",
    "link",
    "search_word",
  ],
  environmentColumns: {
    organization: "environment_id",
    environment_role: "environment_id",
    environment_scope: "environment_id",
    environment_uri: "environment_id",
    connection: "environment_id",
    organization_connection: "environment_id",
    connected_account: "environment_id",
    mcp_server: "environment_id",
    organization_user: "environment_id",
    organization_template: "environment_id",
    link: "environment_id",
    search_word: "environment_id",
  },
  migrations: {
    "0001-organization": createOrganizationTable,
    "0002-organization-details": extendOrganizationTable,
    "0003-environment-resources": createEnvironmentResources,
    "0004-organization-resources": createOrganizationResources,
  },
  sweep,
});
