import { useState } from "preact/hooks";
import { Icon, type IconName } from "../kit/index.ts";

type Theme = "system" | "light" | "dark";

const NEXT: Readonly<Record<Theme, readonly [next: Theme, icon: IconName, word: string]>> = {
  system: ["light", "screen", "System theme"],
  light: ["dark", "sun", "Light theme"],
  dark: ["system", "moon", "Dark theme"],
};

function now(): Theme {
  const set = document.documentElement.dataset["theme"];
  return set === "light" || set === "dark" ? set : "system";
}

function setTheme(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
  try {
    localStorage.setItem("remit-theme", theme);
  } catch {
    // Storage may be forbidden; the choice then holds until the page goes.
  }
}

export function ThemeSwitch() {
  const [theme, setState] = useState(now);
  const [next, icon, word] = NEXT[theme];
  const change = (): void => {
    setTheme(next);
    setState(next);
  };
  return (
    <button type="button" class="nav-item" onClick={change} title={`Change to ${NEXT[next][2].toLowerCase()}`}>
      <Icon name={icon} />
      {word}
    </button>
  );
}
