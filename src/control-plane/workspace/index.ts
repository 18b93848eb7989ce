import { explainAccess } from "./explain-access.ts";
import { inviteWorkspaceMember } from "./invite-workspace-member.ts";
import { listScopes } from "./list-scopes.ts";
import { listWorkspaceMembers } from "./list-workspace-members.ts";
import { removeWorkspaceMember } from "./remove-workspace-member.ts";
import { updateWorkspaceMemberRole } from "./update-workspace-member-role.ts";
import { undoChange } from "./undo-change.ts";
import { whoami } from "./whoami.ts";

export const workspaceTools = [
  undoChange,
  whoami,
  listScopes,
  explainAccess,
  listWorkspaceMembers,
  inviteWorkspaceMember,
  updateWorkspaceMemberRole,
  removeWorkspaceMember,
];
