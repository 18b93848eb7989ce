import type { OperatorDeps, Acts } from "./operator.ts";
import { problem } from "./problems.ts";

const MAX_TTL_SECONDS = 3600;

export function tokenActs({
  store,
  issuer,
  verifier,
  now,
  record,
}: OperatorDeps): Acts<"issueToken" | "revokeToken" | "listGrants" | "revokeGrant"> {
  return {
    async issueToken({ clientId, scope, ttlSeconds = MAX_TTL_SECONDS }) {
      if (ttlSeconds < 1 || ttlSeconds > MAX_TTL_SECONDS) return problem(`a token may live 1 to ${MAX_TTL_SECONDS} seconds`);
      const client = await store.clients.find(clientId);
      if (client === undefined || client.disabled_at !== null)
        return problem(`there is no agent ${JSON.stringify(clientId)} that is not disabled; remit agent list shows them`);
      return issuer.issueToken({ client, scope, ttlSeconds });
    },
    async revokeToken(token) {
      const verified = await verifier.verify(token);
      if ("refused" in verified) return problem("this is no live access token of this server; nothing was done");
      await record({ event: "token.revoked", agent: verified.clientId, grant: verified.grantId, token: verified.tokenId, by: "operator" });
      await verifier.revoke("token", verified.tokenId);
      return true;
    },
    listGrants: () =>
      store.db
        .selectFrom("access_grant")
        .select(["id", "kind", "client_id", "subject", "scopes", "created_at", "expires_at"])
        .where("revoked_at", "is", null)
        .where((eb) => eb.or([eb("expires_at", "is", null), eb("expires_at", ">", now())]))
        .orderBy("created_at", "desc")
        .orderBy("id")
        .execute(),
    async revokeGrant(grantId, by = "operator") {
      const grant = await store.grants.find(grantId);
      if (grant === undefined) return problem(`there is no grant ${JSON.stringify(grantId)}; remit grant list shows their ids`);
      if (grant.revoked_at !== null) return problem("this grant is revoked already");
      await record({ event: "grant.revoked", agent: grant.client_id, grant: grantId, workspace: grant.workspace_id, by });
      await verifier.revoke("grant", grantId);
      return true;
    },
  };
}
