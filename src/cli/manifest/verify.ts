import type { JSONWebKeySet } from "jose";
import * as z from "zod";
import { escapeUnsafe } from "../../lib/escape-unsafe.ts";
import { verifyManifest } from "../../manifest/index.ts";
import { EXIT, ExitError } from "../exit.ts";
import { fetchText, readManifest, readText } from "./read-manifest.ts";

/** Where a server of Remit publishes its keys (`jwks_uri`). */
const KEYS_PATH = "/jwks";

const keySetSchema = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).max(100) });

export async function verify(
  source: string,
  { issuer: named, keys: file, json = false }: { readonly issuer?: string; readonly keys?: string; readonly json?: boolean },
): Promise<{ readonly text: string; readonly isGenuine: boolean }> {
  const { manifest, origin } = await readManifest(source);
  // Whose it must be is never taken from the manifest itself: a forger would say it too.
  const issuer = named === undefined ? origin : URL.parse(named)?.origin;
  if (issuer === undefined)
    throw new ExitError(EXIT.usage, "Say with --issuer which server must have signed it, such as https://mcp.example.com.");
  const text = file === undefined ? await fetchText(new URL(KEYS_PATH, issuer)) : await readText(file);
  const verified = await verifyManifest(manifest, { keys: parseKeys(text), issuer });
  const { sha256 } = manifest;
  if (typeof verified === "string") {
    return {
      isGenuine: false,
      text: json ? JSON.stringify({ genuine: false, problem: verified, sha256 }) : escapeUnsafe(`Not genuine: ${verified}.`),
    };
  }
  const { kid, signedAt } = verified;
  const facts = { genuine: true, issuer, sha256, kid, signed_at: signedAt };
  const said = `Genuine: signed by ${issuer} with the key ${escapeUnsafe(kid)} at ${new Date(signedAt).toISOString()}.\nsha256 ${sha256}`;
  return { isGenuine: true, text: json ? JSON.stringify(facts) : said };
}

function parseKeys(text: string): JSONWebKeySet {
  try {
    return keySetSchema.parse(JSON.parse(text));
  } catch {
    throw new ExitError(EXIT.failed, "The keys are no JWK Set (RFC 7517).");
  }
}
