/** What an access token of this server is (RFC 9068 §2). The issuer and the verifier read the same values. */

export const SIGNING_ALG = "ES256";
export const TOKEN_TYPE = "at+jwt";
/** How far two clocks may be apart. */
export const LEEWAY_SECONDS = 30;
/** No access token lives longer, whatever is configured. */
export const MAX_TOKEN_LIFE_SECONDS = 86_400;
