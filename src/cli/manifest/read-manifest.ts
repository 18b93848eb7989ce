import { readFile } from "node:fs/promises";
import { parseConfig } from "../../config.ts";
import { createGuardedFetch, FetchRefusedError } from "../../lib/guarded-fetch.ts";
import { describeManifest, describeSurface, MANIFEST_PATH, parseManifest, type Manifest } from "../../manifest/index.ts";
import { EXIT, ExitError } from "../exit.ts";
import { loadDeclared } from "../project/index.ts";
import { reachOf } from "../wire/index.ts";

/** From where a manifest is read; `origin` is that of a URL. */
export interface ReadManifest {
  readonly manifest: Manifest;
  readonly origin: string | undefined;
}

/** The manifest of a server, of a file, of a module's declarations, or of those of this project or else the control plane. Throws ExitError when there is none. */
export async function readManifest(source: string | undefined): Promise<ReadManifest> {
  if (source === undefined) return { manifest: await ofDeclared(undefined), origin: undefined };
  if (/^https?:\/\//i.test(source)) return readFromServer(source);
  if (/\.[cm]?[jt]s$/.test(source)) return { manifest: await ofDeclared(source), origin: undefined };
  return { manifest: requireManifest(source, await readText(source)), origin: undefined };
}

export async function readText(file: string): Promise<string> {
  return readFile(file, "utf8").catch(() => {
    throw new ExitError(EXIT.notFound, `There is no file ${file} that can be read.`);
  });
}

async function readFromServer(source: string): Promise<ReadManifest> {
  const url = URL.parse(source);
  if (url === null) throw new ExitError(EXIT.usage, `${source} is no URL.`);
  const target = url.pathname.endsWith(".json") ? url : new URL(MANIFEST_PATH, url);
  return { manifest: requireManifest(String(target), await fetchText(target)), origin: url.origin };
}

const MAX_BYTES = 8 * 1024 * 1024;

/** A document of a server that the operator named, which may be on a network of their own. Throws ExitError. */
export async function fetchText(url: URL): Promise<string> {
  const get = createGuardedFetch(await reachOf(url, parseConfig()));
  try {
    const { status, text } = await get(url, { headers: { accept: "application/json" }, maxBodyBytes: MAX_BYTES });
    if (status === 200) return text;
    throw new ExitError(status === 404 ? EXIT.notFound : EXIT.unreachable, `${url} answers ${status}.`);
  } catch (error) {
    if (error instanceof FetchRefusedError) throw new ExitError(EXIT.unreachable, `${url} cannot be read: ${error.reason}.`);
    throw error;
  }
}

function requireManifest(from: string, text: string): Manifest {
  const manifest = parseManifest(text);
  if (typeof manifest === "string") throw new ExitError(EXIT.failed, `${from}: ${manifest}.`);
  return manifest;
}

async function ofDeclared(module: string | undefined): Promise<Manifest> {
  const { options } = await loadDeclared(module);
  const { createRegistry } = await import("../../tool/index.ts");
  return describeManifest(describeSurface(createRegistry(options)));
}
