/** Instructions and files for a model, under one name (Agent Skills; MCP extension `io.modelcontextprotocol/skills`). */
export type SkillDeclaration = {
  /** 1 to 64 of `a-z 0-9 -`, as in the frontmatter of SKILL.md. */
  readonly name: string;
  /** What it is for and when to use it, as in the frontmatter. At most 1,024 characters. */
  readonly description: string;
  /** All of these are needed to see and read it. At least one. */
  readonly scopes: readonly [string, ...string[]];
  /** List it, with what it needs, also to callers that may not read it yet. Default false. */
  readonly discoverable?: boolean;
} & (
  | {
      /** A folder with SKILL.md at its root. It is read once, when the server is created. */
      readonly directory: URL | string;
    }
  | {
      /** Contents by path, such as `SKILL.md` and `references/guide.md`. */
      readonly files: Readonly<Record<string, string | Uint8Array>>;
    }
);

/** Declares a skill. It is read and checked when a server is created from it. */
export function defineSkill(declaration: SkillDeclaration): SkillDeclaration {
  return declaration;
}
