import { createConnection } from "./create-connection.ts";
import { enableEnvironmentConnection } from "./enable-environment-connection.ts";
import { listEnvironmentConnections, listOrganizationConnections } from "./list-connections.ts";
import { testConnection } from "./test-connection.ts";

export const connectionTools = [
  listEnvironmentConnections,
  listOrganizationConnections,
  createConnection,
  testConnection,
  enableEnvironmentConnection,
];
