import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { Button } from "./button.tsx";

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
  /** At the side, over the screen's full height: for what is read beside a list. */
  readonly side?: boolean;
}

/** A native modal dialog: it keeps the focus, `Esc` closes it, and the focus returns to where it was. Rendered only while it is open. */
export function Dialog({ title, onClose, children, side = false }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const before = document.activeElement;
    const dialog = ref.current;
    dialog?.showModal();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={ref}
      class={side ? "dialog side" : "dialog"}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => event.target === ref.current && onClose()}
    >
      <div class="dialog-head row between">
        <h2 id={id}>{title}</h2>
        <Button kind="quiet" icon="cross" label="Close" onClick={onClose} />
      </div>
      <div class="dialog-body stack">{children}</div>
    </dialog>
  );
}

interface ConfirmProps {
  readonly title: string;
  readonly children: ComponentChildren;
  /** The verb on the button. */
  readonly verb: string;
  readonly isDangerous?: boolean;
  /** Asks for a reason and gives it to `onConfirm`. */
  readonly asksReason?: boolean;
  readonly onConfirm: (reason: string) => void | Promise<unknown>;
  readonly onClose: () => void;
}

/** Asks once before what cannot be taken back. It stays open when what it started fails. */
export function Confirm({ title, children, verb, isDangerous = false, asksReason = false, onConfirm, onClose }: ConfirmProps) {
  const [reason, setReason] = useState("");
  const confirm = async (): Promise<void> => {
    await onConfirm(reason.trim());
    onClose();
  };
  return (
    <Dialog title={title} onClose={onClose}>
      {children}
      {asksReason && (
        <label class="field">
          <span>Reason</span>
          <textarea rows={2} maxLength={500} value={reason} onInput={(event) => setReason(event.currentTarget.value)} />
        </label>
      )}
      <div class="row">
        <Button kind={isDangerous ? "danger" : "primary"} disabled={asksReason && reason.trim() === ""} onClick={confirm}>
          {verb}
        </Button>
        <Button onClick={onClose}>Cancel</Button>
      </div>
    </Dialog>
  );
}
