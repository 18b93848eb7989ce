/** Every screen of the console: its address, its `g` key and where its code is. A screen is loaded when somebody goes there. */
import type { ComponentType } from "preact";
import type { IconName } from "../kit/index.ts";

export interface Screen {
  /** Below `/console`; "" is the first screen. */
  readonly path: string;
  readonly title: string;
  /** Pressed after `g`. */
  readonly key: string;
  readonly icon: IconName;
  readonly load: () => Promise<{ default: ComponentType }>;
}

export const SCREENS: readonly Screen[] = [
  { path: "", title: "Overview", key: "o", icon: "home", load: () => import("./overview/index.ts") },
  { path: "inspector", title: "Inspector", key: "i", icon: "play", load: () => import("./inspector/index.ts") },
  { path: "usage", title: "Usage", key: "u", icon: "chart", load: () => import("./usage/index.ts") },
  { path: "ledger", title: "Ledger", key: "l", icon: "list", load: () => import("./ledger/index.ts") },
  { path: "access", title: "Agents and access", key: "a", icon: "key", load: () => import("./access/index.ts") },
  { path: "approvals", title: "Approvals", key: "p", icon: "inbox", load: () => import("./approvals/index.ts") },
  { path: "connect", title: "Connect", key: "c", icon: "plug", load: () => import("./connect/index.ts") },
  { path: "health", title: "Health", key: "h", icon: "pulse", load: () => import("./health/index.ts") },
];
