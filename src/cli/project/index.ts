/** Whose tools a command is about: those of the module that is named, of the project it is called in, or the control plane. */
import { readFile } from "node:fs/promises";
import { relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import * as z from "zod";
import { isRecord } from "../../lib/is-record.ts";
import type { ServerOptions } from "../../server/index.ts";
import { EXIT, ExitError } from "../exit.ts";
import { version } from "../version.ts";

export { DEFAULT_OWNER, firstStart, type FirstStart } from "./first-start.ts";

/** What a module declares, or the control plane. */
export interface Declared {
  /** Path of the module from here; undefined for the control plane. */
  readonly module: string | undefined;
  readonly options: Omit<ServerOptions, "config">;
}

/** What of `package.json` is about Remit. */
const packageSchema = z.object({ remit: z.object({ surface: z.string().min(1) }).optional() });

/** The module that `package.json` in this folder names as `remit.surface`, if any. Throws ExitError when it names none that can be. */
export async function findSurface(folder = "."): Promise<string | undefined> {
  const file = resolve(folder, "package.json");
  const text = await readFile(file, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const parsed = packageSchema.safeParse(parseJson(text));
  if (!parsed.success)
    throw new ExitError(EXIT.usage, `${file}: write "remit": { "surface": "src/surface.ts" }, the module of your tools.`);
  const { remit } = parsed.data;
  return remit === undefined ? undefined : relative(process.cwd(), resolve(folder, remit.surface));
}

/** What is served, linted or described: of the module given, else of this project, else the control plane. Throws ExitError. */
export async function loadDeclared(given?: string): Promise<Declared> {
  const module = given ?? (await findSurface());
  if (module !== undefined) return { module, options: await loadSurface(module) };
  const { controlPlane } = await import("../../control-plane/index.ts");
  return { module, options: { ...controlPlane, name: "remit", title: "Remit control plane", version } };
}

/** A module's default export, its `surface`, or its own exports: whichever has scopes and tools. Throws ExitError when none has. */
export async function loadSurface(file: string): Promise<Omit<ServerOptions, "config">> {
  const path = resolve(file);
  await readFile(path).catch(() => {
    throw new ExitError(EXIT.notFound, `There is no file ${file} that can be read.`);
  });
  const loaded = (await import(pathToFileURL(path).href).catch((error: unknown) => {
    throw new ExitError(EXIT.failed, `${file} cannot be imported: ${explain(error)}`);
  })) as Readonly<Record<string, unknown>>;
  const found = [loaded["default"], loaded["surface"], loaded].find(
    (each) => isRecord(each) && isRecord(each["scopes"]) && Array.isArray(each["tools"]),
  );
  if (found === undefined) throw new ExitError(EXIT.failed, `${file} exports no scopes and tools, nor an object "surface" that has them.`);
  // The rest of it is checked where a server is made of it.
  return found as unknown as Omit<ServerOptions, "config">;
}

/** What went wrong in a module and where: Node puts the line that does not parse in front of the stack, and what was thrown into its first frame. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { message, stack = "" } = error;
  const unparsed = /^(?:file:|\/|[A-Za-z]:)[^\n]*:\d+\n[^]*?(?=\n\n)/.exec(stack)?.[0];
  const thrownAt = /^\s+at .*?(file:\/\/[^\s()]+)/m.exec(stack)?.[1];
  return [message, unparsed ?? thrownAt].filter((part) => part !== undefined).join("\n");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
