import "./shell.css";
import { ErrorBoundary, lazy, LocationProvider, Route, Router, useLocation } from "preact-iso";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { SessionContext, stayIn, useQuery } from "../data/index.ts";
import type { Session } from "../../contract.ts";
import { Button, Empty, Failed, Icon, Toasts } from "../kit/index.ts";
import { SCREENS } from "../screens/index.ts";
import { KeySheet } from "./key-sheet.tsx";
import { Nav } from "./nav.tsx";
import { Palette } from "./palette.tsx";
import { addressOf, screenAt } from "./route.ts";
import { useKeys } from "./use-keys.ts";

const SESSION_EVERY_MS = 60_000;

export function Shell() {
  return (
    <LocationProvider scope="/console">
      <WithSession />
      <Toasts />
    </LocationProvider>
  );
}

/** The server sends a page without a session to the sign-in page; a session may also end while the page is open. */
function WithSession() {
  const session = useQuery<Session>("session", { everyMs: SESSION_EVERY_MS });
  if (session.error?.status === 401) return <SignedOut />;
  if (session.error?.code === "another_workspace") {
    return (
      <main class="alone">
        <Failed error={session.error} onRetry={() => location.reload()} />
      </main>
    );
  }
  if (session.data !== undefined) {
    stayIn(session.data.workspace.id);
    return (
      <SessionContext.Provider value={session.data}>
        <Frame />
      </SessionContext.Provider>
    );
  }
  return <main class="alone">{session.error === undefined ? null : <Failed error={session.error} onRetry={session.reload} />}</main>;
}

function SignedOut() {
  return (
    <main class="alone">
      <Empty icon="lock" title="Your session has ended">
        <p>Sign in again; you come back to this page.</p>
        <Button kind="primary" onClick={() => location.reload()}>
          Sign in
        </Button>
      </Empty>
    </main>
  );
}

type Overlay = "palette" | "keys" | undefined;

function Frame() {
  const [overlay, setOverlay] = useState<Overlay>();
  const [isNavOpen, setIsNavOpen] = useState(false);
  useKeys(useMemo(() => ({ onPalette: () => setOverlay("palette"), onHelp: () => setOverlay("keys") }), []));
  const close = (): void => setOverlay(undefined);
  return (
    <div class="frame">
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <TopBar
        isNavOpen={isNavOpen}
        onMenu={() => setIsNavOpen(!isNavOpen)}
        onSearch={() => setOverlay("palette")}
        onKeys={() => setOverlay("keys")}
      />
      <Nav isOpen={isNavOpen} onGo={() => setIsNavOpen(false)} />
      <Screens />
      {overlay === "palette" && <Palette onClose={close} />}
      {overlay === "keys" && <KeySheet onClose={close} />}
    </div>
  );
}

interface TopBarProps {
  readonly isNavOpen: boolean;
  readonly onMenu: () => void;
  readonly onSearch: () => void;
  readonly onKeys: () => void;
}

function TopBar({ isNavOpen, onMenu, onSearch, onKeys }: TopBarProps) {
  return (
    <header class="top">
      <button
        type="button"
        class="button quiet menu"
        aria-expanded={isNavOpen}
        aria-controls="navigation"
        aria-label="Menu"
        onClick={onMenu}
      >
        <Icon name="menu" />
      </button>
      <a class="brand" href="/console">
        <Icon name="shield" />
        Remit
      </a>
      <span class="grow" />
      <button type="button" class="button" onClick={onSearch}>
        <Icon name="search" />
        <span>Go to…</span>
        <kbd class="wide" aria-hidden="true">
          Ctrl K
        </kbd>
      </button>
      <button type="button" class="button quiet wide" aria-label="Keys" title="Keys" onClick={onKeys}>
        ?
      </button>
    </header>
  );
}

const ROUTES = SCREENS.map((screen) => ({ screen, component: lazy(screen.load) }));

function Screens() {
  const { path } = useLocation();
  const screen = screenAt(SCREENS, path);
  const main = useRef<HTMLElement>(null);
  const isFirst = useRef(true);
  const title = screen?.title ?? "Not here";
  useEffect(() => {
    document.title = `${title} · Remit console`;
    // A new screen is read from its beginning; the first one leaves the focus where the browser put it.
    if (!isFirst.current) main.current?.focus();
    isFirst.current = false;
  }, [title]);
  return (
    <main id="main" class="main" tabIndex={-1} ref={main}>
      <h1 class="screen-title">{title}</h1>
      <ErrorBoundary>
        <Router>
          {ROUTES.map(({ screen: { path: at }, component }) => (
            <Route key={at} path={at === "" ? "/console" : `${addressOf({ path: at })}/:below*`} component={component} />
          ))}
          <Route default component={NotHere} />
        </Router>
      </ErrorBoundary>
    </main>
  );
}

function NotHere() {
  return (
    <Empty icon="search" title="There is no such page">
      <p>
        Go to the <a href="/console">overview</a>, or press <kbd>Ctrl K</kbd>.
      </p>
    </Empty>
  );
}
