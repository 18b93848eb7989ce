import { useEffect, useState } from "preact/hooks";

interface Said {
  readonly id: number;
  readonly text: string;
  readonly tone: "plain" | "error";
}

const SHOWN_MS = 6_000;
let lastId = 0;
let show: (said: Said) => void = () => {};

/** Says in passing what happened; a screen reader hears it. */
export function toast(text: string, tone: "plain" | "error" = "plain"): void {
  show({ id: ++lastId, text, tone });
}

/** Stands once in the shell. */
export function Toasts() {
  const [all, setAll] = useState<readonly Said[]>([]);
  useEffect(() => {
    show = (said) => {
      setAll((now) => [...now.slice(-2), said]);
      setTimeout(() => setAll((now) => now.filter(({ id }) => id !== said.id)), SHOWN_MS);
    };
  }, []);
  return (
    <div class="toasts" role="status" aria-live="polite">
      {all.map(({ id, text, tone }) => (
        <p key={id} class={`toast ${tone}`}>
          {text}
        </p>
      ))}
    </div>
  );
}
