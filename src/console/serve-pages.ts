/** The built pages: what Vite made of `ui/`, from memory. */
import { readdir, readFile, stat } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { extname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { ASSET_HEADERS, PAGE_HEADERS } from "./security-headers.ts";

/** The same from the source and from the published build. */
const BUILT_DIR = fileURLToPath(new URL("../../dist/console/ui", import.meta.url));

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
  ".json": "application/json",
};
/** Vite names these by their content. */
const HASHED = /^assets\/.+-[\w-]{8}\.\w+$/;
const YEAR_SECONDS = 31_536_000;
const BROTLI_QUALITY = 9;
/** What is smaller fits into the first packet anyway. */
const MIN_COMPRESSED_BYTES = 1024;

interface File {
  readonly type: string;
  readonly caching: string;
  readonly identity: Buffer;
  readonly br: Buffer | undefined;
  readonly gzip: Buffer | undefined;
}

interface Build {
  readonly madeMs: number;
  readonly files: ReadonlyMap<string, File>;
}

export interface PageServer {
  /** A file of the build by its name; false when there is none. */
  serveFile(ends: Ends, name: string): Promise<boolean>;
  /** The one page, which shows every path; says how to build it while it is missing. */
  servePage(ends: Ends): Promise<void>;
}

export interface Ends {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
}

export function createPageServer(dir: string = BUILT_DIR): PageServer {
  let build: Promise<Build | undefined> | undefined;

  /** Read again when it was built anew. */
  async function current(): Promise<Build | undefined> {
    const madeMs = (await stat(join(dir, "index.html")).catch(() => undefined))?.mtimeMs;
    if (madeMs === undefined) return undefined;
    if ((await build)?.madeMs !== madeMs) build = readBuild(dir, madeMs);
    return build;
  }

  return {
    async serveFile(ends, name) {
      const file = (await (build ?? current()))?.files.get(name) ?? (await current())?.files.get(name);
      if (file === undefined || name === "index.html") return false;
      send(ends, file, { ...ASSET_HEADERS, "Cache-Control": file.caching });
      return true;
    },
    async servePage(ends) {
      const file = (await current())?.files.get("index.html");
      if (file === undefined) return sendMissing(ends);
      send(ends, file, { ...PAGE_HEADERS, "Cache-Control": "no-cache" });
    },
  };
}

async function readBuild(dir: string, madeMs: number): Promise<Build> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const files = await Promise.all(
    paths.map(async (path) => [relative(dir, path).replaceAll("\\", "/"), await readOne(dir, path)] as const),
  );
  return { madeMs, files: new Map(files) };
}

async function readOne(dir: string, path: string): Promise<File> {
  const identity = await readFile(path);
  const name = relative(dir, path).replaceAll("\\", "/");
  const isSmall = identity.length < MIN_COMPRESSED_BYTES;
  const params = { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY };
  return {
    type: TYPES[extname(path)] ?? "application/octet-stream",
    caching: HASHED.test(name) ? `public, max-age=${YEAR_SECONDS}, immutable` : "no-cache",
    identity,
    br: isSmall ? undefined : await promisify(brotliCompress)(identity, { params }),
    gzip: isSmall ? undefined : await promisify(gzip)(identity),
  };
}

function send({ req, res }: Ends, file: File, headers: Readonly<Record<string, string>>): void {
  const accepted = req.headers["accept-encoding"] ?? "";
  const encoding = file.br !== undefined && /\bbr\b/.test(accepted) ? "br" : /\bgzip\b/.test(accepted) ? "gzip" : "identity";
  const body = file[encoding] ?? file.identity;
  res.writeHead(200, {
    ...headers,
    "Content-Type": file.type,
    "Content-Length": body.length,
    Vary: "Accept-Encoding",
    ...(body === file.identity ? {} : { "Content-Encoding": encoding }),
  });
  res.end(req.method === "HEAD" ? undefined : body);
}

const MISSING = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>The console is not built</title>
<h1>The console is not built</h1>
<p>The server runs; the pages of its console were not built.</p>
<p>In the folder of the source: <code>npm run build</code>, then reload this page. <code>npm start</code> does it by itself.</p>
</html>
`;

function sendMissing({ req, res }: Ends): void {
  res.writeHead(503, {
    ...PAGE_HEADERS,
    "Cache-Control": "no-store",
    "Content-Type": "text/html; charset=utf-8",
    "Content-Length": Buffer.byteLength(MISSING),
  });
  res.end(req.method === "HEAD" ? undefined : MISSING);
}
