import { useState } from "preact/hooks";
import { invalidate, postJson } from "../../data/index.ts";
import { Button, CodeBlock, Dialog } from "../../kit/index.ts";
import type { Credentials } from "../../../contract-evidence.ts";

/** Makes an agent and shows its credentials, this once. */
export function NewAgent({ scopes, onClose }: { readonly scopes: readonly string[]; readonly onClose: () => void }) {
  const [made, setMade] = useState<Credentials>();
  return (
    <Dialog title={made === undefined ? "New agent" : "Its credentials"} onClose={onClose}>
      {made === undefined ? <Form scopes={scopes} onMade={setMade} /> : <Shown credentials={made} onClose={onClose} />}
    </Dialog>
  );
}

function Form({ scopes, onMade }: { readonly scopes: readonly string[]; readonly onMade: (made: Credentials) => void }) {
  const [name, setName] = useState("");
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const toggle = (scope: string): void =>
    setChosen((now) => new Set(now.has(scope) ? [...now].filter((each) => each !== scope) : [...now, scope]));
  const create = async (): Promise<void> => {
    onMade(await postJson<Credentials>("agents", { name: name.trim(), scopes: [...chosen] }));
    invalidate("clients");
  };
  return (
    <form class="stack" onSubmit={(event) => event.preventDefault()}>
      <label class="field">
        <span>Name</span>
        <input type="text" maxLength={100} value={name} onInput={(event) => setName(event.currentTarget.value)} />
      </label>
      <fieldset class="scopes">
        <legend>What it may be granted at most</legend>
        {scopes.map((scope) => (
          <label key={scope} class="check">
            <input type="checkbox" checked={chosen.has(scope)} onChange={() => toggle(scope)} />
            <code>{scope}</code>
          </label>
        ))}
      </fieldset>
      <div class="row">
        <Button kind="primary" disabled={name.trim() === "" || chosen.size === 0} onClick={create}>
          Create
        </Button>
      </div>
    </form>
  );
}

function Shown({ credentials, onClose }: { readonly credentials: Credentials; readonly onClose: () => void }) {
  return (
    <>
      <p role="status">Copy the secret now: it is shown only this once, and is kept nowhere in a form that could be read.</p>
      <CodeBlock label="Client id" text={credentials.clientId} />
      {credentials.clientSecret !== null && <CodeBlock label="Client secret" text={credentials.clientSecret} />}
      <div class="row">
        <Button kind="primary" onClick={onClose}>
          I have copied it
        </Button>
      </div>
    </>
  );
}
