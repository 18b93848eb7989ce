import { createEnvironmentScope } from "./create-environment-scope.ts";
import { deleteEnvironmentScope } from "./delete-environment-scope.ts";
import { listEnvironmentScopes } from "./list-environment-scopes.ts";
import { updateEnvironmentScope } from "./update-environment-scope.ts";

export const scopeTools = [listEnvironmentScopes, createEnvironmentScope, updateEnvironmentScope, deleteEnvironmentScope];
