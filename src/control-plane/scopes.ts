import { defineScopes } from "../index.ts";

/**
 * What a holder of a token may do, in sentences that a person reads before consenting. The baseline is everything that only looks, since a
 * tool is hidden from who lacks its scope: with less, an agent would not learn what there is to ask for.
 */
export const scopes = defineScopes({
  "wks:read": { description: "See this workspace and the names, emails and roles of its members.", access: "read", baseline: true },
  "wks:write": {
    description: "Invite, change and remove members of this workspace.",
    access: "write",
    role: "admin",
    includes: ["wks:read"],
  },
  "env:read": { description: "See the environments of this workspace.", access: "read", baseline: true },
  "env:write": { description: "Create and change environments of this workspace.", access: "write", includes: ["env:read"] },
  "org:read": { description: "See the organizations in every environment of this workspace.", access: "read", baseline: true },
  "org:write": {
    description: "Create and change organizations in every environment of this workspace.",
    access: "write",
    includes: ["org:read"],
  },
});
