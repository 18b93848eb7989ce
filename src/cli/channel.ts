/**
 * The local channel: how a command reaches the server that runs on the same data folder. A socket that only the owner can open; what
 * comes through it acts with the owner's authority.
 */
import { createHash } from "node:crypto";
import { chmod, mkdir, rm } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { tmpdir, userInfo } from "node:os";
import { join, resolve } from "node:path";
import type { Operator, Server } from "../index.ts";
import type { StreamedRequest, StreamedResponse } from "../lib/guarded-fetch.ts";
import { carryOut, orderSchema, type Done, type Order } from "./orders.ts";
import { EXIT, ExitError } from "./exit.ts";

// See src/http/listen.ts.
const { createServer, request } = process.getBuiltinModule("node:http");

/** Operating systems cut socket paths at about 104 bytes. */
const MAX_SOCKET_PATH_BYTES = 100;
const MAX_BODY_BYTES = 256 * 1024;

function answerOrder(operator: Operator, text: string): Done | Promise<Done> {
  const order = orderSchema.safeParse(JSON.parse(text));
  if (order.success) return carryOut(operator, order.data);
  return { ok: false, problems: ["the server did not understand the command; is it the same version?"] };
}

/** The path that leads to the MCP endpoint; all else is an order. */
const MCP_PATH = "/mcp";

export interface Channel {
  /** Takes nothing more; cuts what is still open once `ended` settles. */
  close(ended: Promise<unknown>): Promise<void>;
}

export async function openChannel(dataDir: string, site: Pick<Server, "operator" | "log" | "handle" | "url">): Promise<Channel> {
  const { operator, log, handle } = site;
  const { host } = new URL(site.url);
  const path = await socketPath(dataDir);
  await rm(path, { force: true });
  const server = createServer((req, res) => {
    if (req.url === MCP_PATH) {
      // No page of the web can reach this socket, so the name is not asked for; the token is, as everywhere.
      req.headers.host = host;
      return handle(req, res);
    }
    readText(req)
      .then((text) => answerOrder(operator, text))
      .catch((error: unknown) => {
        log.error({ err: error }, "a command could not be carried out");
        return { ok: false, problems: ["the server could not do it and put it on record; its log says why"] } satisfies Done;
      })
      .then((done) => res.end(JSON.stringify(done)))
      .catch(() => res.destroy());
  });
  await new Promise<void>((done, fail) => server.once("error", fail).listen(path, done));
  await chmod(path, 0o600);
  return {
    async close(ended) {
      const closed = new Promise<void>((done) => server.close(() => done()));
      server.closeIdleConnections();
      await ended.catch(() => undefined);
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Sends a request to the MCP endpoint of the running server. Undefined when none runs on this data folder. */
export async function sendMcp(dataDir: string, sending: StreamedRequest): Promise<StreamedResponse | undefined> {
  const { method, headers, body = "", signal } = sending;
  const socket = await socketPath(dataDir);
  return new Promise((done, fail) => {
    const sent = request({ socketPath: socket, method, path: MCP_PATH, headers: { ...headers }, signal, agent: false }, (res) => {
      done({ status: res.statusCode ?? 0, headers: new Headers(headersOf(res)), body: res });
    });
    sent.on("error", (error: NodeJS.ErrnoException) => (isNobody(error) ? done(undefined) : fail(error)));
    sent.end(body);
  });
}

function headersOf({ headersDistinct }: IncomingMessage): [string, string][] {
  return Object.entries(headersDistinct).flatMap(([name, values = []]) => values.map((value): [string, string] => [name, value]));
}

function isNobody({ code }: NodeJS.ErrnoException): boolean {
  return code === "ENOENT" || code === "ECONNREFUSED";
}

/** Sends an order to the running server. Undefined when none runs on this data folder. */
export async function sendOrder(dataDir: string, order: Order): Promise<Done | undefined> {
  const path = await socketPath(dataDir);
  return new Promise((done, fail) => {
    const sent = request({ socketPath: path, method: "POST", path: "/" }, (res) => {
      readText(res)
        .then((text) => done(JSON.parse(text) as Done))
        .catch(fail);
    });
    sent.on("error", (error: NodeJS.ErrnoException) => {
      if (isNobody(error)) done(undefined);
      else
        fail(
          new ExitError(
            EXIT.unreachable,
            `The running server cannot be reached over ${path}: ${error.message}. Run the command as the user that runs the server.`,
          ),
        );
    });
    sent.end(JSON.stringify(order));
  });
}

async function socketPath(dataDir: string): Promise<string> {
  const folder = resolve(dataDir);
  const inFolder = join(folder, "control.sock");
  if (process.platform === "win32") return `\\\\.\\pipe\\remit-${nameOf(folder)}`;
  if (Buffer.byteLength(inFolder) <= MAX_SOCKET_PATH_BYTES) return inFolder;
  const short = join(tmpdir(), `remit-${userInfo().uid}`);
  await mkdir(short, { recursive: true, mode: 0o700 });
  return join(short, `${nameOf(folder)}.sock`);
}

function nameOf(folder: string): string {
  return createHash("sha256").update(folder).digest("hex").slice(0, 16);
}

async function readText(from: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of from as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > MAX_BODY_BYTES) throw new Error("too large");
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}
