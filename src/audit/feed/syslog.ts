import { connect as connectTcp, type Socket } from "node:net";
import { hostname } from "node:os";
import { connect as connectTls } from "node:tls";
import type { FeedRecord } from "./feed-record.ts";

export interface SyslogOptions {
  readonly host: string;
  readonly port: number;
  readonly isTls: boolean;
  /** Certificate authorities (PEM) beside the system's. */
  readonly ca: string | undefined;
}

export interface SyslogSender {
  /** Resolves when the records were handed to the connection. Rejects when there is none; then they are to be sent again. */
  send(records: readonly FeedRecord[]): Promise<void>;
  close(): void;
}

const TIMEOUT_MS = 10_000;
/** Facility 13, "log audit"; severities 4 and 6 (RFC 5424 §6.2.1). */
const [WARNING, INFORMATIONAL] = [13 * 8 + 4, 13 * 8 + 6];
const HOSTNAME = hostname()
  .replace(/[^\x21-\x7e]/g, "")
  .slice(0, 255);

/** Sends records as syslog messages (RFC 5424) with their length in front, over TCP (RFC 6587 §3.4.1) or TLS (RFC 5425). */
export function createSyslogSender({ host, port, isTls, ca }: SyslogOptions): SyslogSender {
  let socket: Socket | undefined;

  function connect(): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const opened = isTls ? connectTls({ host, port, ...(ca === undefined ? {} : { ca }) }) : connectTcp({ host, port });
      opened.setTimeout(TIMEOUT_MS, () => opened.destroy(new Error("the collector does not answer")));
      opened.once(isTls ? "secureConnect" : "connect", () => {
        opened.setTimeout(0);
        resolve(opened);
      });
      opened.on("error", reject);
      // What a collector says is of no interest, but its end is.
      opened.resume();
      opened.once("close", () => {
        if (socket === opened) socket = undefined;
        reject(new Error("the connection was closed"));
      });
    });
  }

  return {
    async send(records) {
      socket ??= await connect();
      const to = socket;
      const bytes = Buffer.concat(records.map(frameOf));
      await new Promise<void>((resolve, reject) => {
        const gone = () => reject(new Error("the connection was closed"));
        to.once("close", gone);
        to.write(bytes, (error) => {
          to.off("close", gone);
          if (error) reject(error);
          else resolve();
        });
      });
    },
    close: () => void socket?.destroy(),
  };
}

function frameOf({ at, name, isWarning, line }: FeedRecord): Buffer {
  const priority = isWarning ? WARNING : INFORMATIONAL;
  const message = `<${priority}>1 ${new Date(at).toISOString()} ${HOSTNAME || "-"} remit - ${name.slice(0, 32)} - \u{feff}${line}`;
  return Buffer.from(`${Buffer.byteLength(message)} ${message}`);
}
