import * as z from "zod";

/** Base64url, as browsers write binary values (WebAuthn Level 3 §5.1). */
const bytes = z
  .string()
  .max(65_536)
  .regex(/^[A-Za-z0-9_-]*$/);
/** Credential ids have at most 1023 bytes (WebAuthn Level 3 §4). */
const credentialId = bytes.min(1).max(1364);
const transport = z.string().regex(/^[a-z-]{1,20}$/);
const envelope = { id: credentialId, rawId: credentialId, type: z.literal("public-key") };

/** What `navigator.credentials.create` gave, as JSON. Other members are left out. */
export const REGISTRATION = z.object({
  ...envelope,
  response: z.object({
    clientDataJSON: bytes,
    attestationObject: bytes,
    transports: z.array(transport).max(10).optional().catch(undefined),
  }),
});

/** What `navigator.credentials.get` gave, as JSON. Other members are left out. */
export const ASSERTION = z.object({
  ...envelope,
  response: z.object({ clientDataJSON: bytes, authenticatorData: bytes, signature: bytes, userHandle: bytes.nullish() }),
});

const CLIENT_DATA = z.object({ challenge: bytes.min(1) });

/** The challenge that the browser says was signed; undefined when the client data is unreadable. */
export function challengeOf(clientDataJson: string): string | undefined {
  try {
    const data: unknown = JSON.parse(Buffer.from(clientDataJson, "base64url").toString("utf8"));
    return CLIENT_DATA.safeParse(data).data?.challenge;
  } catch {
    return undefined;
  }
}
