import { defineSkill } from "../../index.ts";

const description =
  "Set up a new customer (organization) from an organization template (check the template, preview, create, add users, and see later whether it still follows).";

/** What an agent reads when it is to set up customers: the order of the tools, and what to do when one of them says no. */
const setUpOrganization = defineSkill({
  name: "set-up-organization",
  description,
  scopes: ["org:read"],
  files: {
    "SKILL.md": `---
name: set-up-organization
description: ${description}
---

# Set up an organization from a template

Use this when somebody asks for a new customer, tenant or organization, or for several that are alike.

1. **Find the environment.** Call \`list_environments\`. When there is more than one and nobody said which, ask: production is not a place to try things.
2. **Find the template.** Call \`list_organization_templates\` with that \`environment_id\`. When none fits, say so and offer to make one with
   \`create_organization_template\` (it needs \`env:write\`); \`get_organization_template\` shows what one holds.
3. **Preview.** Call \`preview_organization_from_template\` and tell the person what will be made. Do not go on when something in it is not what they asked for.
4. **Create.** Call \`create_organization_from_template\`. Send \`external_id\` (the customer's id in the person's own systems) if there is one: then a call
   that is sent again makes no second organization.
5. **Add users.** Call \`create_organization_user\` for each. The role must be one of the template; never choose a stronger one than was asked for.
6. **Check.** Call \`get_organization_details\` and report the \`organization_id\`.

## Later

\`get_template_drift\` says what differs from the template. \`reconcile_organization\` brings it back; it is destructive, so it waits for the
approval of a person: give them the link that the answer shows, and call again with exactly the same arguments when they have approved.

## When something says no

- A scope is missing: \`explain_access\` names it. Tell the person which one and what it allows; do not try other tools to get around it.
- Something was deleted by mistake: the answer showed a change id. \`undo_change\` takes it back within its time.
- The same answer comes twice: the call was taken for one that was sent again. Nothing was done twice.
`,
  },
});

export const skills = [setUpOrganization];
