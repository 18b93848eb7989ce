import type { People } from "../../oauth/index.ts";
import type { AccountRow } from "../../store/index.ts";
import type { Problems, OperatorDeps, Acts } from "./operator.ts";
import { NO_WORKSPACE, problem, chooseWorkspace, killedProblem } from "./problems.ts";

export function peopleActs(
  deps: OperatorDeps,
): Acts<"createPerson" | "listPeople" | "disablePerson" | "enablePerson" | "createSignInLink" | "setPassword"> {
  const { url, store, people, verifier, now, record } = deps;
  return {
    async createPerson({ email, name, role, workspaceId }) {
      const chosen = await chooseWorkspace(store, workspaceId);
      if (chosen === undefined) return NO_WORKSPACE;
      const created = await people.createAccount({ email, name });
      if ("problems" in created) return created;
      const id = `mem_${created.accountId.slice(created.accountId.indexOf("_") + 1)}`;
      await record({ event: "member.added", subject: created.accountId, workspace: chosen, role });
      await store.db
        .insertInto("member")
        .values({ id, workspace_id: chosen, account_id: created.accountId, role, created_at: now() })
        .execute();
      return created;
    },
    async listPeople() {
      const rows = await people.listAccounts();
      return rows.map(({ id, email, name, created_at, disabled_at }) => ({ id, email, name, created_at, disabled_at }));
    },
    async disablePerson(email) {
      const account = await findPerson(people, email);
      if (account === undefined || !(await people.disableAccount(account.id))) return noPerson(email);
      await verifier.revoke("subject", account.id);
      return true;
    },
    async enablePerson(email) {
      const wanted = email.trim().toLowerCase();
      const account = (await people.listAccounts()).find((each) => each.email === wanted);
      const killed = account === undefined ? undefined : await killedProblem(store, "user", account.id);
      if (killed !== undefined) return killed;
      if (account === undefined || !(await people.enableAccount(account.id)))
        return problem(`there is nobody with the email ${JSON.stringify(email)} who is disabled; remit account list shows them`);
      return true;
    },
    async createSignInLink(email) {
      const account = await findPerson(people, email);
      const secret = account === undefined ? undefined : await people.createSignInLink(account.id);
      return secret === undefined ? noPerson(email) : { url: `${url}/sign-in/link?secret=${secret}` };
    },
    async setPassword(email, password) {
      const account = await findPerson(people, email);
      if (account === undefined) return noPerson(email);
      const problems = await people.setPassword(account.id, password);
      return problems.length === 0 ? true : { problems };
    },
  };
}

function noPerson(email: string): Problems {
  return problem(`there is nobody with the email ${JSON.stringify(email)} who is not disabled; remit account list shows them`);
}

async function findPerson(people: People, email: string): Promise<AccountRow | undefined> {
  const wanted = email.trim().toLowerCase();
  return (await people.listAccounts()).find((account) => account.email === wanted && account.disabled_at === null);
}
