import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { ConsoleRole, Session } from "../../contract.ts";

export const SessionContext = createContext<Session | undefined>(undefined);

const RANK: Readonly<Record<ConsoleRole, number>> = { viewer: 0, operator: 1, admin: 2 };

/** Who is signed in. A screen is shown only when somebody is. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === undefined) throw new Error("There is no session here.");
  return session;
}

/** Whether the person may do what asks for `role`. The server decides; this only spares a button that would be refused. */
export function useMay(role: ConsoleRole): boolean {
  return RANK[useSession().role] >= RANK[role];
}
