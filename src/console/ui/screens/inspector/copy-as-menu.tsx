import { useId } from "preact/hooks";
import { CopyButton, Icon } from "../../kit/index.ts";
import { asCurl, asJsonRpc, asSdk, type CopiedCall } from "./copy-as.ts";

/** A native popover: `Esc` and a press outside close it. */
export function CopyAs({ call }: { readonly call: CopiedCall }) {
  const id = useId();
  return (
    <div class="copy-as">
      <button type="button" class="button" popovertarget={id}>
        <Icon name="copy" />
        Copy as
      </button>
      <div id={id} popover="auto" class="copy-menu">
        <CopyButton label="curl" what="curl command" text={() => asCurl(call)} />
        <CopyButton label="SDK (TypeScript)" what="SDK code" text={() => asSdk(call)} />
        <CopyButton label="JSON-RPC" what="JSON-RPC message" text={() => asJsonRpc(call)} />
        <p class="muted small">The token is the variable TOKEN, not in the text.</p>
      </div>
    </div>
  );
}
