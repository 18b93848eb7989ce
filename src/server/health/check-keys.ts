import { compactVerify, createLocalJWKSet, type JSONWebKeySet } from "jose";
import { failed, ok, warning, type Found, type HealthDeps } from "./health-check.ts";

const DAY_MS = 86_400_000;

/** The keys sign, what they sign can be checked with what is published, and they are turned in time. */
export async function checkKeys({ store, issuer, config, now }: HealthDeps): Promise<Found> {
  const keys = await store.signingKeys.list();
  const active = keys.find(({ state }) => state === "active");
  if (active === undefined) return failed("There is no key to sign tokens with.", "Restore the store from a backup.");
  const signed = issuer.signStatement("health+jwt", { sub: "health" });
  try {
    await compactVerify(signed, createLocalJWKSet(JSON.parse(issuer.jwks()) as JSONWebKeySet));
  } catch {
    const detail = "What the active key signs cannot be checked with the keys that are published.";
    return failed(detail, "Restart the server; if that does not help, restore the keys from a backup.");
  }
  const ageDays = (now() - active.state_at) / DAY_MS;
  if (ageDays > config.keyRotationDays + 1) {
    const detail = `The active key has signed for ${Math.floor(ageDays)} days; it should for ${config.keyRotationDays}.`;
    return warning(detail, "Run remit key rotate, and look in the log why it was not turned.");
  }
  return ok(`The active key has signed for ${Math.max(0, Math.floor(ageDays))} days; ${keys.length} keys are published.`);
}
