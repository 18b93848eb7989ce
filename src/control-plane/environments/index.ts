import { createEnvironment } from "./create-environment.ts";
import { deleteEnvironment } from "./delete-environment.ts";
import { getEnvironmentCredentials } from "./get-environment-credentials.ts";
import { getEnvironmentDetails } from "./get-environment-details.ts";
import { listEnvironments } from "./list-environments.ts";
import { updateEnvironment } from "./update-environment.ts";

export const environmentTools = [
  listEnvironments,
  getEnvironmentDetails,
  getEnvironmentCredentials,
  createEnvironment,
  updateEnvironment,
  deleteEnvironment,
];
