/** Where the messages go: a server that was named, the one that runs on the data folder, or one in this process. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Config } from "../../config.ts";
import { BootError } from "../../errors.ts";
import { createGuardedStream, type StreamedRequest, type StreamedResponse } from "../../lib/guarded-fetch.ts";
import { openChannel, sendMcp, type Channel } from "../channel.ts";
import { EXIT, ExitError } from "../exit.ts";
import { openDeclared } from "../load.ts";
import { requireStore } from "../order.ts";
import type { Server } from "../../server/index.ts";
import { reachOf } from "./reach.ts";

export type Send = (request: StreamedRequest) => Promise<StreamedResponse>;

export interface Destination {
  readonly send: Send;
  close(): Promise<void>;
}

const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** A server by the URL of its MCP endpoint. Throws ExitError for one that a token must not be sent to. */
export async function openRemote(given: string, config: Config): Promise<Destination> {
  const url = URL.parse(given);
  if (url === null || (url.protocol !== "https:" && !(url.protocol === "http:" && LOOPBACK.has(url.hostname))))
    throw new ExitError(EXIT.usage, `${given} must be an https URL; plain http is only for loopback addresses.`);
  const stream = createGuardedStream(await reachOf(url, config));
  return { send: (request) => stream(url, request), close: async () => {} };
}

/** How long a server that is about to run on the same folder gets to be there. */
const PATIENCE_MS = 5000;
const RETRY_MS = 100;

interface Own {
  readonly server: Server;
  readonly channel: Channel;
}

/**
 * The server on the data folder: the one that runs, reached over the local channel, or one in this process, which other commands reach in
 * turn. When the one that ran has gone, the next message starts another. `onAlone` hears of it when this process has become the server.
 */
export async function openLocal(config: Config, onAlone: (server: Server) => void): Promise<Destination> {
  if (config.url === undefined && config.port === 0)
    throw new ExitError(EXIT.usage, "With PORT=0 the URL that tokens are for is another one each time. Set REMIT_URL, or PORT.");
  requireStore(config);
  let own: Promise<Own> | undefined;
  let isClosed = false;

  async function becomeServer(): Promise<Own> {
    const opened = await openOwn(config);
    onAlone(opened.server);
    return opened;
  }

  async function reach(request: StreamedRequest): Promise<StreamedResponse> {
    const until = performance.now() + PATIENCE_MS;
    for (;;) {
      const running = own === undefined ? await sendMcp(config.dataDir, request) : undefined;
      if (running !== undefined) return running;
      request.signal.throwIfAborted();
      if (isClosed) throw new Error("the bridge is closed");
      try {
        own ??= becomeServer();
        return await sendOwn((await own).server, request);
      } catch (error) {
        if (!(error instanceof BootError)) throw error;
        // Another process was faster, and is about to listen to us.
        own = undefined;
        if (performance.now() > until) throw error;
        await sleep(RETRY_MS);
      }
    }
  }

  return {
    send: reach,
    async close() {
      isClosed = true;
      const opened = await own?.catch(() => undefined);
      const closed = opened?.server.close();
      if (closed !== undefined) await opened?.channel.close(closed);
      await closed;
    },
  };
}

async function openOwn(config: Config): Promise<Own> {
  const server = await openDeclared(config);
  try {
    return { server, channel: await openChannel(config.dataDir, server) };
  } catch (error) {
    await server.close();
    throw error;
  }
}

async function sendOwn(server: Server, { method, headers, body, signal }: StreamedRequest): Promise<StreamedResponse> {
  const given = body === undefined ? {} : { body };
  const response = await server.fetch(new Request(server.mcpUrl, { method, headers, signal, ...given }));
  return { status: response.status, headers: response.headers, body: response.body ?? EMPTY };
}

const EMPTY: AsyncIterable<Uint8Array> = {
  async *[Symbol.asyncIterator]() {},
};
