/** A verifier of another server's tokens over rows that the test writes. */
import type { TestContext } from "node:test";
import type { ExternalIssuer } from "../../../src/config.ts";
import { createGuardedFetch } from "../../../src/lib/guarded-fetch.ts";
import { createLog } from "../../../src/lib/log.ts";
import { createExternalVerifier, type TokenVerifier } from "../../../src/oauth/resource/index.ts";
import type { Store } from "../../../src/store/index.ts";
import { OTHER_CLIENT, type OtherIssuer } from "./other-issuer.ts";
import { CATALOGUE, createRows, RESOURCE, type Rows } from "./resource-rows.ts";

export interface ExternalRows extends Rows {
  /** One that does not refresh by itself. */
  external(more?: Partial<ExternalIssuer>): Promise<TokenVerifier>;
  /** Makes the account known as this subject of the other server. */
  link(subject: string, accountId: string): Promise<void>;
}

export async function createExternalRows(t: Pick<TestContext, "after">, other: OtherIssuer): Promise<ExternalRows> {
  const rows = await createRows(t);
  const fetch = createGuardedFetch({ allowedHosts: [other.host] });
  const options = { resource: RESOURCE, store: rows.store, scopes: CATALOGUE, now: rows.now, log: createLog("silent"), fetch };
  return {
    ...rows,
    async external(more = {}) {
      const verifier = await createExternalVerifier({ ...options, external: { ...settingsOf(other), ...more } });
      verifier.close();
      return verifier;
    },
    async link(subject, accountId) {
      await link(rows.store, { issuer: other.issuer, subject, account_id: accountId, created_at: 1 });
    },
  };
}

async function link({ db }: Store, row: { issuer: string; subject: string; account_id: string; created_at: number }): Promise<void> {
  await db.insertInto("identity").values(row).execute();
}

function settingsOf({ issuer }: OtherIssuer): ExternalIssuer {
  return {
    issuer,
    jwksUri: undefined,
    introspection: undefined,
    audience: undefined,
    tokenType: "at+jwt",
    scopeClaim: "scope",
    clientClaim: "client_id",
  };
}

/** How the stub's introspection endpoint is asked. */
export function introspectionOf({ issuer }: OtherIssuer): NonNullable<ExternalIssuer["introspection"]> {
  return { uri: `${issuer}/token/introspection`, ...OTHER_CLIENT };
}
