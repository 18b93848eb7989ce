/**
 * Endpoints other than the token endpoint have the engine authenticate their client too: the request goes through it under one of these
 * names, which nobody can use from outside.
 */
export const INTERNAL_GRANTS = ["urn:remit:introspection", "urn:remit:revocation", "urn:remit:device_authorization"] as const;

export type InternalGrant = (typeof INTERNAL_GRANTS)[number];

export function isInternalGrant(name: string): name is InternalGrant {
  return (INTERNAL_GRANTS as readonly string[]).includes(name);
}
