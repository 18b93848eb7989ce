import { readFile } from "node:fs/promises";
import { relative, resolve } from "node:path";
import { parseConfig } from "../../config.ts";
import { createGuardedFetch, FetchRefusedError } from "../../lib/guarded-fetch.ts";
import type { Catalogue, Source } from "../../lint/index.ts";
import { EXIT, ExitError } from "../exit.ts";
import { loadDeclared, loadSurface } from "../project/index.ts";
import { parseHeaders, reachOf } from "../wire/index.ts";

export interface Reading {
  readonly token?: string;
  readonly header: readonly string[];
  readonly baseline?: string;
}

export interface ReadCatalogue {
  readonly catalogue: Catalogue;
  readonly source: Source;
}

const TIMEOUT_MS = 30_000;

/** The tools of a URL, a file or the control plane, with the suppressions of the baseline. Throws ExitError when they cannot be read. */
export async function readCatalogue(given: string | undefined, reading: Reading): Promise<ReadCatalogue> {
  const read = await readFrom(given, reading);
  if (reading.baseline === undefined) return read;
  const { parseBaseline } = await import("../../lint/index.ts");
  const accepted = parseBaseline(await readText(reading.baseline));
  if (typeof accepted === "string") throw new ExitError(EXIT.usage, `${reading.baseline}: ${accepted}.`);
  const suppressions = [...(read.catalogue.suppressions ?? []), ...accepted];
  return { ...read, catalogue: { ...read.catalogue, suppressions } };
}

async function readFrom(given: string | undefined, reading: Reading): Promise<ReadCatalogue> {
  const { catalogueOfSurface } = await import("../../lint/index.ts");
  if (given === undefined) {
    const { module, options } = await loadDeclared();
    if (module === undefined) return { catalogue: catalogueOfSurface(options), source: { uri: "remit" } };
    return { catalogue: catalogueOfSurface(options), source: { uri: module.replaceAll("\\", "/"), text: await readText(module) } };
  }
  if (/^https?:\/\//i.test(given)) return { catalogue: await readServer(given, reading), source: { uri: given } };
  const text = await readText(given);
  const source = { uri: relative(process.cwd(), resolve(given)).replaceAll("\\", "/"), text };
  if (/\.[cm]?[jt]s$/.test(given)) return { catalogue: await readModule(given), source };
  return { catalogue: await readRecording(given, text), source };
}

async function readText(file: string): Promise<string> {
  return readFile(file, "utf8").catch(() => {
    throw new ExitError(EXIT.usage, `There is no file ${file} that can be read.`);
  });
}

/** Nothing that could be read is wrong usage here, since findings have the exit code that this would have elsewhere. */
async function readModule(file: string): Promise<Catalogue> {
  const { catalogueOfSurface } = await import("../../lint/index.ts");
  const surface = await loadSurface(file).catch((error: unknown) => {
    throw error instanceof ExitError ? new ExitError(EXIT.usage, error.message) : error;
  });
  return catalogueOfSurface(surface);
}

async function readRecording(file: string, text: string): Promise<Catalogue> {
  const { parseToolList } = await import("../../lint/index.ts");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ExitError(EXIT.usage, `${file} is no JSON, and no module by its name.`);
  }
  const catalogue = parseToolList(value);
  if (typeof catalogue === "string") throw new ExitError(EXIT.usage, `${file}: ${catalogue}.`);
  return catalogue;
}

/** The person named the URL, so an address that is not public is theirs to allow. */
async function readServer(given: string, { token = process.env["REMIT_TOKEN"], header }: Reading): Promise<Catalogue> {
  const { askServer } = await import("../../lint/index.ts");
  const url = URL.parse(given);
  if (url === null) throw new ExitError(EXIT.usage, `${given} is no URL.`);
  const guarded = createGuardedFetch({ ...(await reachOf(url, parseConfig())), timeoutMs: TIMEOUT_MS });
  const headers = { ...(token === undefined || token === "" ? {} : { authorization: `Bearer ${token}` }), ...parseHeaders(header) };
  try {
    const answer = await askServer({ url, guarded, headers });
    if (!("problem" in answer)) return answer;
    const hint = answer.status === 401 ? " Give an access token with --token or REMIT_TOKEN." : "";
    throw new ExitError(EXIT.usage, `${given} gives no list of tools: ${answer.problem}.${hint}`);
  } catch (error) {
    if (error instanceof FetchRefusedError) throw new ExitError(EXIT.usage, `${given} cannot be read: ${error.reason}.`);
    throw error;
  }
}
