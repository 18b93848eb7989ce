import { createOrganizationUser } from "./create-organization-user.ts";
import { deleteOrganizationUser } from "./delete-organization-user.ts";
import { listOrganizationUsers } from "./list-organization-users.ts";
import { searchUsers } from "./search-users.ts";
import { updateOrganizationUser } from "./update-organization-user.ts";

export const userTools = [listOrganizationUsers, searchUsers, createOrganizationUser, updateOrganizationUser, deleteOrganizationUser];
