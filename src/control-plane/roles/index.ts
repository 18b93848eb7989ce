import { createEnvironmentRole } from "./create-environment-role.ts";
import { deleteEnvironmentRole } from "./delete-environment-role.ts";
import { listEnvironmentRoles } from "./list-environment-roles.ts";
import { updateEnvironmentRole } from "./update-environment-role.ts";

export { newRole } from "./create-environment-role.ts";
export { refuseUnknownScopes, scopesJson, scopesOf } from "./role.ts";

export const roleTools = [listEnvironmentRoles, createEnvironmentRole, updateEnvironmentRole, deleteEnvironmentRole];
