import { createEnvironment } from "./create-environment.ts";
import { getEnvironmentDetails } from "./get-environment-details.ts";
import { listEnvironments } from "./list-environments.ts";

export { findEnvironment, NO_SUCH_ENVIRONMENT } from "./environment.ts";

export const environmentTools = [listEnvironments, getEnvironmentDetails, createEnvironment];
