import { defineScopes } from "../index.ts";

/**
 * What a holder of a token may do, in sentences that a person reads before consenting. The baseline is everything that only looks, since a
 * tool is hidden from who lacks its scope: with less, an agent would not learn what there is to ask for.
 */
export const scopes = defineScopes({
  "change:undo": {
    description: "Take back changes that could have been made with the other permissions, within their time.",
    access: "write",
  },
  "wks:read": { description: "See this workspace and the names, emails and roles of its members.", access: "read", baseline: true },
  "wks:write": {
    description: "Invite, change and remove members of this workspace.",
    access: "write",
    role: "admin",
    includes: ["wks:read", "change:undo"],
  },
  "env:read": { description: "See the environments of this workspace and how they are set up.", access: "read", baseline: true },
  "env:write": {
    description: "Create, change and delete environments of this workspace and what they are set up with.",
    access: "write",
    includes: ["env:read", "change:undo"],
  },
  "org:read": {
    description: "See the organizations in every environment of this workspace, and their users.",
    access: "read",
    baseline: true,
  },
  "org:write": {
    description: "Create, change and delete organizations in every environment of this workspace, and their users.",
    access: "write",
    includes: ["org:read", "change:undo"],
  },
  "audit:read": {
    description: "See what every agent did in this workspace, with its arguments, and why it was allowed or refused.",
    access: "read",
    role: "admin",
  },
  "usage:read": {
    description: "See how much the agents and people of this workspace call, and how it goes.",
    access: "read",
    role: "admin",
  },
  "docs:read": { description: "Search the documentation of this server.", access: "read", baseline: true },
});
