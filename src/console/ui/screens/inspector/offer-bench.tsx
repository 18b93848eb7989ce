import { useMemo, useState } from "preact/hooks";
import { useMay } from "../../data/index.ts";
import { checkValue, startArguments, type Schema } from "../../form/index.ts";
import { Badge, Button, Scope } from "../../kit/index.ts";
import type { Identity, SurfaceOther } from "../../../contract.ts";
import { ArgumentsEditor } from "./arguments-editor.tsx";
import { EraChoice, useEra } from "./era-choice.tsx";
import { Outcome } from "./outcome/index.ts";
import { useCall } from "./use-call.ts";

interface OfferBenchProps {
  readonly offer: SurfaceOther;
  readonly identity: Identity;
  readonly scope: string;
}

/** A resource or a prompt: what it is, what it takes, and what it gives to an identity. */
export function OfferBench({ offer, identity, scope }: OfferBenchProps) {
  const isResource = offer.uri !== undefined;
  const schema = useMemo(() => schemaOf(offer), [offer]);
  const [value, setValue] = useState<unknown>(() => startArguments(schema));
  const [era, setEra] = useEra();
  const mayCall = useMay("operator");
  const problems = useMemo(() => checkValue(schema, value), [schema, value]);
  const kind = isResource ? "resource" : "prompt";
  const call = useCall({ as: identity.id, scope, kind, tool: offer.uri ?? offer.name, arguments: value, era });
  const hasArguments = Object.keys(schema["properties"] ?? {}).length > 0;
  return (
    <>
      <section class="request panel" aria-label="Request">
        <Head offer={offer} />
        {hasArguments && <ArgumentsEditor schema={schema} value={value} problems={problems} onChange={setValue} />}
        <div class="request-foot row">
          <Button kind="primary" icon="play" disabled={!mayCall || call.isRunning} onClick={call.run}>
            {isResource ? "Read resource" : "Get prompt"}
          </Button>
          <EraChoice era={era} onEra={setEra} />
          {!mayCall && <span class="muted small">An operator reads what agents read.</span>}
        </div>
      </section>
      <Outcome call={call} />
    </>
  );
}

function Head({ offer }: { readonly offer: SurfaceOther }) {
  const missing = offer.scopes.filter(({ held }) => held === false).map(({ scope }) => scope);
  return (
    <header class="tool-head stack">
      <div class="row">
        <h2 class="mono tool-name wrap">{offer.uri ?? offer.name}</h2>
        {offer.mimeType !== undefined && <Badge>{offer.mimeType}</Badge>}
        <Badge>≈{offer.tokens} tokens</Badge>
      </div>
      <p class="tool-about wrap">{offer.description}</p>
      <div class="row">
        {offer.scopes.map(({ scope, held }) => (
          <Scope key={scope} name={scope} held={held ?? undefined} />
        ))}
      </div>
      {missing.length > 0 && <p class="muted small">Hidden from this identity: it lacks {missing.join(", ")}.</p>}
    </header>
  );
}

/** Arguments of prompts are texts; those of a resource are the variables of its URI. */
function schemaOf({ uri, arguments: declared = [] }: SurfaceOther): Schema {
  const variables = [...(uri ?? "").matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => ({ name, description: "", isRequired: true }));
  const all = uri === undefined ? declared : variables;
  const properties = Object.fromEntries(all.map(({ name, description }) => [name, { type: "string", description }]));
  return { type: "object", properties, required: all.filter(({ isRequired }) => isRequired).map(({ name }) => name) };
}
