import { escapeUnsafe } from "../../lib/escape-unsafe.ts";
import { diffSurfaces, KINDS, type ChangeKind, type SurfaceChange } from "../../manifest/index.ts";
import { readManifest } from "./read-manifest.ts";

/** The kinds of `--fail-on`, or what is wrong with it. */
export function parseKinds(text: string): readonly ChangeKind[] | string {
  if (text === "none") return [];
  const names = text.split(",").map((name) => name.trim());
  const kinds = KINDS.filter((kind) => names.includes(kind));
  return names.every((name) => KINDS.some((kind) => kind === name)) ? kinds : `--fail-on takes ${KINDS.join(", ")} or none.`;
}

export async function compare(
  old: string,
  now: string,
  { kinds, json }: { readonly kinds: readonly ChangeKind[]; readonly json: boolean },
): Promise<{ readonly text: string; readonly isFailed: boolean }> {
  const [before, after] = await Promise.all([readManifest(old), readManifest(now)]);
  const changes = diffSurfaces(before.manifest.surface, after.manifest.surface);
  const isFailed = changes.some(({ kind }) => kinds.includes(kind));
  const counts = Object.fromEntries(KINDS.map((kind) => [kind, changes.filter((change) => change.kind === kind).length]));
  const facts = { from: before.manifest.sha256, to: after.manifest.sha256, ...counts, failed: isFailed, changes };
  return { isFailed, text: json ? escapeUnsafe(JSON.stringify(facts)) : describe(changes) };
}

function describe(changes: readonly SurfaceChange[]): string {
  if (changes.length === 0) return "Nothing changed.";
  return KINDS.flatMap((kind) => {
    const some = changes.filter((change) => change.kind === kind);
    return some.length === 0 ? [] : [`${kind} (${some.length})`, ...some.map((change) => `  ${escapeUnsafe(sentence(change))}`)];
  }).join("\n");
}

const MAX_TEXT_CHARS = 400;

function sentence({ of, name, what, path, text }: SurfaceChange): string {
  const shown = text.length > MAX_TEXT_CHARS ? `${text.slice(0, MAX_TEXT_CHARS)} …` : text;
  return `${of} ${name}: ${what === "input" || what === "output" ? `${what}${path === "" ? "" : ` ${path}`}: ` : ""}${shown}`;
}
