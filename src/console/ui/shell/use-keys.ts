import { useLocation } from "preact-iso";
import { useEffect } from "preact/hooks";
import { SCREENS } from "../screens/index.ts";
import { addressOf } from "./route.ts";

const SEQUENCE_MS = 1_200;
const OFF = "remit-keys-off";

export interface KeyActions {
  readonly onPalette: () => void;
  readonly onHelp: () => void;
}

/** Single keys can be turned off (WCAG 2.1.4): speech input would press them. */
export function areSingleKeysOn(): boolean {
  try {
    return localStorage.getItem(OFF) === null;
  } catch {
    return true;
  }
}

export function setSingleKeys(isOn: boolean): void {
  try {
    if (isOn) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "1");
  } catch {
    // Without storage the keys stay as they are.
  }
}

/** `Ctrl K`, `?`, `/`, and `g` with a screen's key; none while somebody writes or a dialog is open. */
export function useKeys(actions: KeyActions): void {
  const { route } = useLocation();
  useEffect(() => {
    let goUntil = 0;
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || document.querySelector("dialog[open]") !== null) return;
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        return actions.onPalette();
      }
      if (event.ctrlKey || event.metaKey || event.altKey || isWriting(event.target) || !areSingleKeysOn()) return;
      const screen = event.timeStamp < goUntil ? SCREENS.find(({ key }) => key === event.key) : undefined;
      goUntil = event.key === "g" ? event.timeStamp + SEQUENCE_MS : 0;
      if (screen !== undefined) route(addressOf(screen));
      else if (event.key === "?") actions.onHelp();
      else if (event.key === "/") document.querySelector<HTMLElement>("[data-search]")?.focus();
      else return;
      event.preventDefault();
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, [route, actions]);
}

function isWriting(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}
