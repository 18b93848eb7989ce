import { listWorkspaceMembers } from "./list-workspace-members.ts";
import { whoami } from "./whoami.ts";

export const workspaceTools = [whoami, listWorkspaceMembers];
