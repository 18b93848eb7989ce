import type { Identity } from "../../../contract.ts";

interface CallAsProps {
  readonly identities: readonly Identity[];
  readonly identity: Identity;
  /** Names joined by spaces; "" is all that the identity has. */
  readonly scope: string;
  readonly onIdentity: (id: string) => void;
  readonly onScope: (scope: string) => void;
}

/** As whom, and with how much: never more than the identity has. */
export function CallAs({ identities, identity, scope, onIdentity, onScope }: CallAsProps) {
  const chosen = scope === "" ? identity.scopes : scope.split(" ");
  const toggle = (name: string, isOn: boolean): void => {
    const next = identity.scopes.filter((each) => (each === name ? isOn : chosen.includes(each)));
    onScope(next.length === identity.scopes.length ? "" : next.join(" ") || "none");
  };
  return (
    <section class="call-as panel" aria-label="Call as">
      <label class="row">
        <span class="field-name">Call as</span>
        <select value={identity.id} onChange={(event) => onIdentity(event.currentTarget.value)}>
          {identities.map(({ id, label, kind }) => (
            <option key={id} value={id}>
              {label} ({kind})
            </option>
          ))}
        </select>
      </label>
      <fieldset class="call-scopes row">
        <legend class="unseen">Scopes of the token</legend>
        {identity.scopes.map((name) => (
          <label key={name} class="check scope-check">
            <input type="checkbox" checked={chosen.includes(name)} onChange={(event) => toggle(name, event.currentTarget.checked)} />
            <code>{name}</code>
          </label>
        ))}
        {identity.scopes.length === 0 && <span class="muted">It has no scopes.</span>}
      </fieldset>
    </section>
  );
}
