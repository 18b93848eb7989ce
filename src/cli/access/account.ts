import type { Command } from "commander";
import * as z from "zod";
import { EXIT, ExitError } from "../exit.ts";
import { order } from "../order.ts";
import { readSecret } from "../secret-input.ts";
import { instant, table } from "../table.ts";

const listed = z.array(
  z.object({ id: z.string(), email: z.string(), name: z.string(), created_at: z.number(), disabled_at: z.number().nullable() }),
);
const created = z.object({ accountId: z.string() });
const link = z.object({ url: z.string() });
const roles = z.enum(["viewer", "member", "admin", "owner"]);

interface Json {
  readonly json?: boolean;
}

export function addAccountCommands(program: Command): void {
  const account = program.command("account").description("People: who may sign in and let agents in.");
  addCreate(account);
  account
    .command("list")
    .description("Show everybody.")
    .option("--json", "print JSON")
    .action(async (options: Json) => {
      const value = await order({ order: "account.list" });
      if (options.json === true) return console.log(JSON.stringify(value));
      const rows = listed.parse(value).map(({ email, name, created_at, disabled_at }) => {
        return [email, name, disabled_at === null ? "active" : "disabled", instant(created_at)];
      });
      console.log(table(["EMAIL", "NAME", "STATE", "SINCE"], rows));
    });
  account
    .command("disable")
    .description("End a person's sessions and everything that acts for them.")
    .argument("<email>", "whose")
    .option("--json", "print JSON")
    .action(async (email: string, options: Json) => {
      await order({ order: "account.disable", email });
      console.log(
        options.json === true ? '{"disabled":true}' : `${email} is disabled. Agents that acted for them are refused from now on.`,
      );
    });
  account
    .command("enable")
    .description("Let a disabled person sign in again.")
    .argument("<email>", "whom")
    .option("--json", "print JSON")
    .action(async (email: string, options: Json) => {
      await order({ order: "account.enable", email });
      console.log(options.json === true ? '{"enabled":true}' : `${email} may sign in again. Agents have to be let in anew.`);
    });
  account
    .command("link")
    .description("Make a one-time link that signs a person in, for 15 minutes.")
    .argument("<email>", "whom")
    .option("--json", "print JSON")
    .action(async (email: string, options: Json) => {
      const { url } = link.parse(await order({ order: "account.link", email }));
      console.log(options.json === true ? JSON.stringify({ url }) : url);
    });
  account
    .command("password")
    .description("Set a person's password. It is read from stdin or REMIT_PASSWORD.")
    .argument("<email>", "whose")
    .option("--json", "print JSON")
    .action(async (email: string, options: Json) => {
      await order({ order: "account.password", email, password: await readSecret("REMIT_PASSWORD", "New password") });
      console.log(options.json === true ? '{"set":true}' : "The password is set. All other sessions of this person have ended.");
    });
}

function addCreate(account: Command): void {
  account
    .command("create")
    .description("Let a person sign in, with a role in the workspace.")
    .argument("<email>", "their address")
    .requiredOption("--name <name>", "what others call them")
    .option("--role <role>", "viewer, member, admin or owner", "member")
    .option("--json", "print JSON")
    .action(async (email: string, options: Json & { readonly name: string; readonly role: string }) => {
      const role = roles.safeParse(options.role);
      if (!role.success)
        throw new ExitError(EXIT.usage, `There is no role ${JSON.stringify(options.role)}; use viewer, member, admin or owner.`);
      const { accountId } = created.parse(await order({ order: "account.create", email, name: options.name, role: role.data }));
      if (options.json === true) return console.log(JSON.stringify({ account_id: accountId }));
      console.log(`account  ${accountId}\nNext: npx remit account link ${email}`);
    });
}
