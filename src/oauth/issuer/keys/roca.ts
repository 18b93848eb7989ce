/**
 * The fingerprint of RSA keys that a faulty library made (CVE-2017-15361, "ROCA"): modulo each of these primes their modulus is a power
 * of 65537. A sound modulus has this property with a chance of about one in 2^27.
 */
const PRIMES = [11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157];

export function hasRocaFingerprint(modulus: bigint): boolean {
  return PRIMES.every((prime) => powersModulo(prime).has(Number(modulus % BigInt(prime))));
}

function powersModulo(prime: number): ReadonlySet<number> {
  const powers = new Set<number>();
  for (let power = 1; !powers.has(power); power = (power * 65_537) % prime) powers.add(power);
  return powers;
}
