const SECRET =
  /\b(?:pass ?(?:words?|phrases?|codes?|wd)|pwd|secrets?|token|credentials?|(?:api|private|access|secret|encryption|recovery) ?keys?|pin(?: ?(?:code|number))?|cv[vc]2?|card ?(?:number|no)|(?:credit|debit|bank) ?card|ssn|social security(?: number)?|otp|(?:one time|security|verification|recovery|backup|2fa|mfa|sms) ?codes?|seed phrase|mnemonic)\b/;

/** Whether what has this name is a secret that belongs to a person or a system, such as `password`, `apiKey` or `card_number`. */
export function isSecretName(name: string): boolean {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/[^A-Za-z0-9]+/g, " ")
    .toLowerCase();
  return SECRET.test(words);
}
