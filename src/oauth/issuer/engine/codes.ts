import type { Provider } from "oidc-provider";
import { sha256Hex } from "../../../lib/secret.ts";
import type { CodeUse } from "../grants/index.ts";

const FAMILY_CHARS = 32;

/**
 * Uses an authorization code: of any number of parallel uses one gets what it stands for, all later ones learn which family to end
 * (RFC 6749 §4.1.2). The family is named by the code itself, so that a replay names the same one.
 */
export async function takeCode(provider: Provider, value: string): Promise<CodeUse> {
  const code = await provider.AuthorizationCode.find(value);
  if (code?.grantId === undefined || code.accountId === undefined || code.clientId === undefined) return {};
  const familyId = `fam_${sha256Hex(value).slice(0, FAMILY_CHARS)}`;
  const replayed = { replayed: { familyId, grantId: code.grantId, clientId: code.clientId } };
  if (!code.isValid) return replayed;
  try {
    await code.consume();
  } catch (error) {
    if (isUsedBefore(error)) return replayed;
    throw error;
  }
  return {
    code: {
      clientId: code.clientId,
      accountId: code.accountId,
      grantId: code.grantId,
      redirectUri: code.redirectUri ?? "",
      codeChallenge: code.codeChallenge ?? "",
      scope: code.scope ?? "",
      familyId,
      ...(code.dpopJkt === undefined ? {} : { jkt: code.dpopJkt }),
    },
  };
}

function isUsedBefore(error: unknown): boolean {
  return error instanceof Error && "error" in error && error.error === "invalid_grant";
}
