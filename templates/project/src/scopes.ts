import { defineScopes } from "remit";

/** What people can allow an agent. The descriptions are what they read before they decide. */
export const scopes = defineScopes({
  "note:read": { description: "Read the notes of this workspace.", access: "read", baseline: true },
  "note:write": { description: "Add notes to this workspace.", access: "write", includes: ["note:read"] },
  "note:delete": { description: "Delete notes of this workspace.", access: "write", role: "admin", includes: ["note:read"] },
});
