import { X509Certificate } from "node:crypto";

/** A certificate of an identity provider, PEM; undefined when it is none. */
function parseCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

/** Why a certificate is not to be relied on at this instant, or undefined. */
export function certificateProblem(pem: string, nowMs: number): string | undefined {
  const certificate = parseCertificate(pem);
  if (certificate === undefined) return "it is not a certificate in PEM form";
  if (nowMs < certificate.validFromDate.getTime()) return `it is not valid before ${certificate.validFromDate.toISOString()}`;
  if (nowMs > certificate.validToDate.getTime()) return `it expired at ${certificate.validToDate.toISOString()}`;
  return undefined;
}
