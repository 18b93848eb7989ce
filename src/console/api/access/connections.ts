import type { ConnectionList } from "../../contract-evidence.ts";
import type { ConsoleContext } from "../../endpoint.ts";
import { visibleConnections } from "../../visible-connections.ts";

const MOST_SHOWN = 100;

/** How clients came to be connected, or did not; without the links that lead to a timeline without signing in. */
export async function listConnections(context: ConsoleContext): Promise<ConnectionList> {
  const connections = await visibleConnections(context, MOST_SHOWN);
  return { connections: connections.map(({ link: _link, ...shown }) => shown) };
}
