import { useLocation } from "preact-iso";
import { Icon } from "../kit/index.ts";
import { useSession } from "../data/index.ts";
import { SCREENS } from "../screens/index.ts";
import { addressOf, screenAt } from "./route.ts";
import { ThemeSwitch } from "./theme.tsx";

export function Nav({ isOpen, onGo }: { readonly isOpen: boolean; readonly onGo: () => void }) {
  const { path } = useLocation();
  const here = screenAt(SCREENS, path);
  return (
    <nav id="navigation" class={isOpen ? "nav open" : "nav"} aria-label="Screens" onKeyDown={(event) => event.key === "Escape" && onGo()}>
      <ul class="nav-list">
        {SCREENS.map((screen) => (
          <li key={screen.path}>
            <a class="nav-item" href={addressOf(screen)} aria-current={screen === here ? "page" : undefined} onClick={onGo}>
              <Icon name={screen.icon} />
              <span class="grow">{screen.title}</span>
              <kbd aria-hidden="true">g {screen.key}</kbd>
            </a>
          </li>
        ))}
      </ul>
      <div class="nav-foot">
        <Who />
        <ThemeSwitch />
      </div>
    </nav>
  );
}

function Who() {
  const { person, role, workspace, workspaces } = useSession();
  return (
    <div class="nav-who">
      <span class="wrap">{person.name}</span>
      <span class="muted small wrap">
        {role} in {workspaces.length > 1 ? "" : workspace.name}
      </span>
      {workspaces.length > 1 && (
        <select aria-label="Workspace" value={workspace.id} onChange={(event) => changeWorkspace(event.currentTarget.value)}>
          {workspaces.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      )}
      <a class="small" href="/account">
        Account and sign-out
      </a>
    </div>
  );
}

/** All that is shown is of one workspace, so the page begins anew. */
function changeWorkspace(id: string): void {
  document.cookie = `remit_workspace=${encodeURIComponent(id)}; path=/console; SameSite=Strict; max-age=31536000`;
  location.assign("/console");
}
