import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StoreOptions } from "../../../src/store/index.ts";
import { createTestDatabase } from "../../support/postgres.ts";

/** A place for rows, empty at first, that stores can be opened on one after the other. */
export interface Place {
  readonly options: StoreOptions;
  remove(): Promise<void>;
}

export interface TestEngine {
  readonly name: string;
  createPlace(): Promise<Place>;
}

export const SQLITE: TestEngine = {
  name: "SQLite",
  async createPlace() {
    const dataDir = mkdtempSync(join(tmpdir(), "remit-store-"));
    return { options: { dataDir }, remove: async () => rmSync(dataDir, { recursive: true, force: true }) };
  },
};

export const POSTGRES: TestEngine = {
  name: "PostgreSQL",
  async createPlace() {
    const { url, drop } = await createTestDatabase();
    return { options: { dataDir: join(tmpdir(), "remit-store-unused"), databaseUrl: url }, remove: drop };
  },
};

/** Every rule of a store holds on each of these. */
export const ENGINES: readonly TestEngine[] = [SQLITE, POSTGRES];
