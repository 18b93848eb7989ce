/** What the extensions of MCP let a server offer beside tools: skills, and apps that hosts show. */
import type { CompiledResource, RegisteredSkill, SkillFolder } from "../registry.ts";
import type { ScopeDeclarations } from "../scopes.ts";
import { appResource, checkApp } from "./compile-app.ts";
import { compileSkill } from "./compile-skill.ts";
import type { AppDeclaration } from "./define-app.ts";
import type { SkillDeclaration } from "./define-skill.ts";

export { APP_MIME_TYPE, checkShown } from "./compile-app.ts";
export { defineApp, type AppDeclaration } from "./define-app.ts";
export { defineSkill, type SkillDeclaration } from "./define-skill.ts";

export interface Extras {
  readonly skills?: readonly SkillDeclaration[];
  readonly apps?: readonly AppDeclaration[];
}

export interface CompiledExtras {
  readonly problems: readonly string[];
  /** By the URI of their SKILL.md. */
  readonly skills: ReadonlyMap<string, RegisteredSkill>;
  readonly folders: ReadonlyMap<string, SkillFolder>;
  readonly resources: readonly CompiledResource[];
}

/** Compiles skills and apps. What they are made of becomes resources, which are then checked like any other. */
export function compileExtras({ skills: declared = [], apps = [] }: Extras, scopes: ScopeDeclarations): CompiledExtras {
  const problems: string[] = [];
  const skills = new Map<string, RegisteredSkill>();
  const folders = new Map<string, SkillFolder>();
  const resources: CompiledResource[] = [];
  for (const each of declared) {
    const compiled = compileSkill(each, scopes, skills.size);
    if (!("skill" in compiled) || skills.has(compiled.skill.uri)) {
      problems.push(...("skill" in compiled ? [`skill "${each.name}" is declared twice`] : compiled));
      continue;
    }
    skills.set(compiled.skill.uri, compiled.skill);
    for (const [uri, folder] of compiled.folders) folders.set(uri, folder);
    resources.push(...compiled.resources);
  }
  for (const app of apps) {
    problems.push(...checkApp(app));
    resources.push(appResource(app));
  }
  return { problems, skills, folders, resources };
}
