import { writeFile } from "node:fs/promises";
import { escapeUnsafe } from "../../lib/escape-unsafe.ts";
import type { Manifest } from "../../manifest/index.ts";
import { table } from "../table.ts";
import { readManifest } from "./read-manifest.ts";

/** The manifest as text; as a file it is JSON that is good to compare line by line. */
export async function show(source: string | undefined, { out, json }: { readonly out?: string; readonly json?: boolean }): Promise<string> {
  const { manifest } = await readManifest(source);
  if (out !== undefined) await writeFile(out, `${escapeUnsafeJson(manifest)}\n`);
  if (json === true) return escapeUnsafe(JSON.stringify(manifest));
  return out === undefined ? describe(manifest) : `${manifest.surface.tools.length} tools are in ${out}.\nsha256 ${manifest.sha256}`;
}

/** Line ends are ours; all else that a terminal or an editor would act on is written out. */
function escapeUnsafeJson(manifest: Manifest): string {
  return JSON.stringify(manifest, null, 2)
    .split("\n")
    .map((line) => escapeUnsafe(line))
    .join("\n");
}

function describe({ surface, sha256, issuer, signature }: Manifest): string {
  const rows = surface.tools.map(({ name, effect, scopes }) => [name, effect, scopes.join(" ")].map((text) => escapeUnsafe(text)));
  const whose =
    issuer === undefined ? "" : `\nof ${escapeUnsafe(issuer)}, ${signature === undefined ? "not signed" : "signature not checked here"}`;
  return `${table(["tool", "effect", "scopes"], rows)}\n\nsha256 ${sha256}${whose}`;
}
