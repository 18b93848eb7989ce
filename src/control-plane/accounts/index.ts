import { createConnectedAccountMagicLink } from "./create-connected-account-magic-link.ts";
import { listConnectedAccounts } from "./list-connected-accounts.ts";

export const accountTools = [listConnectedAccounts, createConnectedAccountMagicLink];
