import { describeManifest, describeSurface } from "../manifest/index.ts";
import type { Issuer } from "../oauth/index.ts";
import type { Ground } from "./ground.ts";

/** The signature is made anew after this time, so that it is always by a key that is still published. */
const SIGNED_FOR_MS = 300_000;

/** What this server offers, signed by it; undefined when the settings keep it back. */
export function openManifest({ registry, config, url, now }: Ground, issuer: Pick<Issuer, "signStatement" | "jwks">) {
  if (!config.hasManifest) return undefined;
  const surface = describeSurface(registry);
  let signed: { readonly json: string; readonly at: number } | undefined;
  return {
    jwks: () => issuer.jwks(),
    read(): string {
      const at = now();
      if (signed === undefined || at - signed.at > SIGNED_FOR_MS) {
        const manifest = describeManifest(surface, { issuer: url, sign: (type, claims) => issuer.signStatement(type, claims) });
        signed = { json: JSON.stringify(manifest), at };
      }
      return signed.json;
    },
  };
}
