import { compactVerify, createLocalJWKSet, errors, type JSONWebKeySet } from "jose";
import * as z from "zod";
import { hashSurface, parseBoundedJson, parseSurface, type ToolSurface } from "./surface.ts";

/** Where a server publishes its manifest. */
export const MANIFEST_PATH = "/.well-known/mcp-manifest.json";
/** `typ` of the signature (RFC 7515 §4.1.9): no token of this server has it, so that neither can stand for the other. */
const MANIFEST_TYPE = "mcp-manifest+jws";

/** A surface with its hash and, when a server published it, whose it is. */
export interface Manifest {
  readonly format: 1;
  /** Origin of the server. */
  readonly issuer?: string;
  /** Of the surface, hex. */
  readonly sha256: string;
  /** JWS in its compact form over `{iss, iat, surface_sha256}`. */
  readonly signature?: string;
  readonly surface: ToolSurface;
}

const manifestSchema = z.strictObject({
  format: z.literal(1),
  issuer: z
    .url({ protocol: /^https?$/ })
    .max(2048)
    .optional(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  signature: z.string().max(8192).optional(),
  surface: z.unknown(),
});

const statementSchema = z.object({ iss: z.string(), iat: z.number(), surface_sha256: z.string() });

/** The manifest of a surface; with `signing` one that others can check. */
export function describeManifest(
  surface: ToolSurface,
  signing?: { readonly issuer: string; sign(type: string, claims: Readonly<Record<string, unknown>>): string },
): Manifest {
  const sha256 = hashSurface(surface);
  if (signing === undefined) return { format: 1, sha256, surface };
  const { issuer } = signing;
  return { format: 1, issuer, sha256, signature: signing.sign(MANIFEST_TYPE, { iss: issuer, surface_sha256: sha256 }), surface };
}

/** A manifest from outside whose hash is that of its surface, or a sentence that says what is wrong. Its signature is not looked at. */
export function parseManifest(text: string): Manifest | string {
  const json = parseBoundedJson(text);
  if (typeof json === "string") return json;
  const parsed = manifestSchema.safeParse(json.value);
  if (!parsed.success)
    return `it is no manifest of tools: /${parsed.error.issues[0]?.path.join("/") ?? ""} ${parsed.error.issues[0]?.message ?? ""}`;
  const { surface: value, sha256, format, issuer, signature } = parsed.data;
  const surface = parseSurface(value);
  if (typeof surface === "string") return surface;
  // Over what came, not over what was read from it: a member that reading dropped would stay unseen.
  if (hashSurface(value) !== sha256) return "its SHA-256 is not that of its surface: one of them was changed";
  return { format, sha256, surface, ...(issuer === undefined ? {} : { issuer }), ...(signature === undefined ? {} : { signature }) };
}

export interface Verified {
  readonly issuer: string;
  readonly kid: string;
  /** Epoch milliseconds at which it was signed. */
  readonly signedAt: number;
}

/**
 * Whether this manifest was signed by one of these keys, as the manifest of this issuer. A sentence when not. `keys` have to come from where
 * the reader knows the issuer's keys to be, never from the manifest.
 */
export async function verifyManifest(
  manifest: Manifest,
  { keys, issuer }: { readonly keys: JSONWebKeySet; readonly issuer: string },
): Promise<Verified | string> {
  if (manifest.signature === undefined || manifest.issuer === undefined) return "it is not signed";
  if (manifest.issuer !== issuer) return `it says that it is of ${manifest.issuer}, not of ${issuer}`;
  try {
    const { protectedHeader, payload } = await compactVerify(manifest.signature, createLocalJWKSet(keys), {
      algorithms: ["ES256", "EdDSA", "Ed25519"],
    });
    if (protectedHeader.typ !== MANIFEST_TYPE) return "its signature is for something else";
    const statement = statementSchema.parse(JSON.parse(new TextDecoder().decode(payload)));
    if (statement.iss !== issuer) return "its signature is of another issuer";
    if (statement.surface_sha256 !== manifest.sha256) return "its signature is for another surface";
    return { issuer, kid: protectedHeader.kid ?? "", signedAt: statement.iat * 1000 };
  } catch (error) {
    if (error instanceof errors.JWKSNoMatchingKey) return "none of the issuer's keys signed it";
    return "its signature does not verify";
  }
}
