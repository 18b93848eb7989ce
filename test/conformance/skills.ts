/** Skills for the suite: one from a folder that has folders itself, one from the declaration. */
import { defineSkill, type SkillDeclaration } from "../../src/index.ts";

const scopes = ["fixture:read"] as const;

export const skills: readonly SkillDeclaration[] = [
  defineSkill({
    name: "refund-policy",
    description: "Decide whether an order may be refunded, and answer the customer. Use when somebody asks for their money back.",
    scopes,
    directory: new URL("skills/refund-policy", import.meta.url),
  }),
  defineSkill({
    name: "plain-words",
    description: "Rewrite a text so that everybody understands it.",
    scopes,
    files: {
      "SKILL.md":
        "---\nname: plain-words\ndescription: Rewrite a text so that everybody understands it.\n---\n\nShort sentences. No jargon.\n",
    },
  }),
];
