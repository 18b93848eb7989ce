import { pino, type Logger } from "pino";

export type Log = Logger;

/** A logger that writes one JSON object a line to stderr. Successful calls are not logged: the ledger has them. */
export function createLog(level: string): Log {
  return pino({ level, base: null, formatters: { level: (label) => ({ level: label }) } }, pino.destination({ fd: 2, sync: true }));
}
