import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseConfig } from "../../config.ts";
import { createGuardedFetch, FetchRefusedError } from "../../lib/guarded-fetch.ts";
import { isRecord } from "../../lib/is-record.ts";
import { describeManifest, describeSurface, MANIFEST_PATH, parseManifest, type Manifest } from "../../manifest/index.ts";
import type { Surface } from "../../tool/index.ts";
import { EXIT, ExitError } from "../exit.ts";

/** From where a manifest is read; `origin` is that of a URL. */
export interface ReadManifest {
  readonly manifest: Manifest;
  readonly origin: string | undefined;
}

/** The manifest of a server, of a file, of a module's declarations, or of the control plane. Throws ExitError when there is none. */
export async function readManifest(source: string | undefined): Promise<ReadManifest> {
  if (source === undefined) return { manifest: await ofControlPlane(), origin: undefined };
  if (/^https?:\/\//i.test(source)) return readFromServer(source);
  if (/\.[cm]?[jt]s$/.test(source)) return { manifest: await ofModule(source), origin: undefined };
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
  const { fetchAllowedHosts, fetchCaFile } = parseConfig();
  const usual = url.protocol === "https:" ? "443" : "80";
  const ca = fetchCaFile === undefined ? {} : { ca: await readText(fetchCaFile) };
  const get = createGuardedFetch({ ...ca, allowedHosts: [...fetchAllowedHosts, `${url.hostname}:${url.port === "" ? usual : url.port}`] });
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

async function ofControlPlane(): Promise<Manifest> {
  const { controlPlane } = await import("../../control-plane/index.ts");
  return ofSurface(controlPlane);
}

/** A module's default export, its `surface`, or its own exports: whichever has scopes. */
async function ofModule(file: string): Promise<Manifest> {
  await readText(file);
  const loaded = (await import(pathToFileURL(resolve(file)).href)) as Record<string, unknown>;
  const found = [loaded["default"], loaded["surface"], loaded].find(
    (each) => isRecord(each) && isRecord(each["scopes"]) && Array.isArray(each["tools"]),
  );
  if (found === undefined) throw new ExitError(EXIT.failed, `${file} exports no scopes and tools, nor an object "surface" that has them.`);
  return ofSurface(found as unknown as Surface);
}

async function ofSurface(surface: Surface): Promise<Manifest> {
  const { createRegistry } = await import("../../tool/index.ts");
  return describeManifest(describeSurface(createRegistry(surface)));
}
