import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { Icon, type IconName } from "./icon.tsx";
import { toast } from "./toast.tsx";

interface ButtonProps {
  readonly children?: ComponentChildren;
  readonly onClick?: () => void | Promise<unknown>;
  readonly kind?: "primary" | "plain" | "quiet" | "danger";
  readonly icon?: IconName;
  readonly disabled?: boolean;
  readonly type?: "button" | "submit";
  /** The name of a button that shows only an icon. */
  readonly label?: string;
  readonly pressed?: boolean;
}

/** While what it started runs, it is busy and starts nothing again. What fails is said in a toast. */
export function Button({ children, onClick, kind = "plain", icon, disabled = false, type = "button", label, pressed }: ButtonProps) {
  const [isBusy, setIsBusy] = useState(false);
  const click = async (): Promise<void> => {
    if (isBusy || disabled || onClick === undefined) return;
    setIsBusy(true);
    try {
      await onClick();
    } catch (reason) {
      toast(reason instanceof Error ? reason.message : String(reason), "error");
    } finally {
      setIsBusy(false);
    }
  };
  return (
    <button
      type={type}
      class={`button ${kind}`}
      disabled={disabled}
      aria-disabled={isBusy}
      aria-label={label}
      title={label}
      aria-pressed={pressed}
      onClick={() => void click()}
    >
      {icon !== undefined && <Icon name={icon} />}
      {children}
    </button>
  );
}

/** `text` may be a function where the text is made only when somebody asks. */
export function CopyButton({
  text,
  label = "Copy",
  what,
}: {
  readonly text: string | (() => string);
  readonly label?: string;
  readonly what?: string;
}) {
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(typeof text === "string" ? text : text());
    toast(`${what ?? "Text"} copied`);
  };
  return (
    <Button kind="quiet" icon="copy" onClick={copy}>
      {label}
    </Button>
  );
}
