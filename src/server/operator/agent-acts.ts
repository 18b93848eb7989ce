import type { OperatorDeps, Acts } from "./operator.ts";
import { NO_WORKSPACE, problem, chooseWorkspace, killedProblem } from "./problems.ts";

export function agentActs(deps: OperatorDeps): Acts<"createAgent" | "listAgents" | "disableAgent" | "enableAgent" | "setChallenge"> {
  const { store, issuer, verifier, now, record } = deps;
  return {
    async createAgent({ workspaceId, ...agent }) {
      const chosen = await chooseWorkspace(store, workspaceId);
      if (chosen === undefined) return NO_WORKSPACE;
      const { redirectUris, mayIntrospect, challenge, createdBy, ...rest } = agent;
      const maker = createdBy === undefined ? undefined : await findMaker(store, createdBy);
      if (createdBy !== undefined && maker === undefined)
        return problem(`there is nobody with the email ${JSON.stringify(createdBy)}; remit account list shows them`);
      return issuer.createAgent({
        ...rest,
        createdBy: maker,
        workspaceId: chosen,
        ...(redirectUris === undefined ? {} : { redirectUris }),
        ...(mayIntrospect === undefined ? {} : { mayIntrospect }),
        ...(challenge === undefined ? {} : { challenge }),
      });
    },
    async listAgents() {
      const rows = await store.clients.list();
      return rows.map(({ id, kind, name, auth_method, scopes, challenge, created_at, used_at, disabled_at }) => {
        return { id, kind, name, auth_method, scopes, challenge, created_at, used_at, disabled_at };
      });
    },
    async disableAgent(clientId, by = "operator") {
      const client = await store.clients.find(clientId);
      if (client === undefined) return problem(`there is no agent ${JSON.stringify(clientId)}; remit agent list shows their ids`);
      if (client.disabled_at !== null) return problem("this agent is disabled already");
      await record({ event: "agent.disabled", agent: clientId, workspace: client.workspace_id, by });
      await store.clients.disable(clientId, now());
      await verifier.revoke("client", clientId);
      return true;
    },
    async enableAgent(clientId, by = "operator") {
      const client = await store.clients.find(clientId);
      if (client === undefined) return problem(`there is no agent ${JSON.stringify(clientId)}; remit agent list shows their ids`);
      const killed = await killedProblem(store, "agent", clientId);
      if (killed !== undefined) return killed;
      if (client.disabled_at === null) return problem("this agent is not disabled");
      await record({ event: "agent.enabled", agent: clientId, workspace: client.workspace_id, by });
      await store.clients.enable(clientId);
      return true;
    },
    async setChallenge(clientId, challenge) {
      const client = await store.clients.find(clientId);
      if (client === undefined) return problem(`there is no agent ${JSON.stringify(clientId)}; remit agent list shows their ids`);
      if (client.challenge === challenge) return true;
      await record({ event: "agent.challenge_set", agent: clientId, workspace: client.workspace_id, challenge });
      await store.clients.setChallenge(clientId, challenge);
      await verifier.refresh();
      return true;
    },
  };
}

/** The account that an email or an id names. */
async function findMaker({ db }: OperatorDeps["store"], named: string): Promise<string | undefined> {
  const query = db.selectFrom("account").select("id");
  const row = await query.where((eb) => eb.or([eb("email", "=", named.trim().toLowerCase()), eb("id", "=", named)])).executeTakeFirst();
  return row?.id;
}
