import "./access.css";
import { useQueryState } from "../../data/index.ts";
import { Tabs } from "../../kit/index.ts";
import { Clients } from "./clients.tsx";
import { Connections } from "./connections.tsx";
import { Grants } from "./grants.tsx";
import { Kills } from "./kills.tsx";
import { LeastPrivilege } from "./least-privilege.tsx";
import { ScopeMatrix } from "./scope-matrix.tsx";

const TABS = [
  { id: "clients", label: "Agents", part: Clients },
  { id: "grants", label: "Grants", part: Grants },
  { id: "scopes", label: "Scopes", part: ScopeMatrix },
  { id: "least", label: "Least privilege", part: LeastPrivilege },
  { id: "kill", label: "Kill switch", part: Kills },
  { id: "connections", label: "Connections", part: Connections },
] as const;

export function Screen() {
  const [chosen, setTab] = useQueryState("tab");
  const tab = TABS.find(({ id }) => id === chosen) ?? TABS[0];
  return (
    <section class="panel" aria-label="Agents and access">
      <Tabs label="Agents and access" tabs={TABS} selected={tab.id} onSelect={setTab}>
        <tab.part />
      </Tabs>
    </section>
  );
}
