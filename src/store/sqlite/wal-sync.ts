import { type FileHandle, open } from "node:fs/promises";

/** Brings what was written to the write-ahead log to the disk. */
export interface WalSync {
  /** Resolves when everything that was committed before the call survives a power loss. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/**
 * The log is synchronized by a thread of the system's pool, so that no request waits while the disk is slow. SQLite holds no lock on this file, so
 * having it open twice does not disturb it; the file itself stays the same while a connection is open.
 */
export function createWalSync(databasePath: string): WalSync {
  let opening: Promise<FileHandle> | undefined;
  return {
    async sync() {
      opening ??= open(`${databasePath}-wal`, "r+");
      await (await opening).datasync();
    },
    async close() {
      await (await opening?.catch(() => undefined))?.close();
    },
  };
}
