/** A private key in PEM, or the private part of a JWK for an EC or RSA key. */
const privateKeys = [
  /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----.*?(?:-----END (?:[A-Z]+ )?PRIVATE KEY-----|$)/gs,
  /(?<="d"\s*:\s*")[\w-]{40,}(?=")/g,
];

export function hasPrivateKey(text: string): boolean {
  return withoutPrivateKeys(text) !== text;
}

export function withoutPrivateKeys(text: string): string {
  return privateKeys.reduce((clean, key) => clean.replace(key, "(private key removed)"), text);
}
