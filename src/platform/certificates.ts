import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { isIP } from "node:net";
import { AsnConvert, OctetString } from "@peculiar/asn1-schema";
import {
  AlgorithmIdentifier,
  AttributeTypeAndValue,
  AttributeValue,
  AuthorityKeyIdentifier,
  BasicConstraints,
  Certificate,
  ExtendedKeyUsage,
  Extension,
  Extensions,
  GeneralName,
  id_ce_authorityKeyIdentifier,
  id_ce_basicConstraints,
  id_ce_extKeyUsage,
  id_ce_keyUsage,
  id_ce_subjectAltName,
  id_ce_subjectKeyIdentifier,
  id_kp_serverAuth,
  KeyIdentifier,
  KeyUsage,
  KeyUsageFlags,
  Name,
  RelativeDistinguishedName,
  SubjectAlternativeName,
  SubjectKeyIdentifier,
  SubjectPublicKeyInfo,
  TBSCertificate,
  Validity,
  Version,
} from "@peculiar/asn1-x509";

/** Certificates and the private key of the first one, PEM. */
export interface KeyedCertificate {
  readonly cert: string;
  readonly key: string;
}

const dayMs = 86_400_000;
/** Clocks of clients may be behind. */
const skewMs = dayMs;
const authorityLifetimeMs = 3650 * dayMs;
/** Browsers refuse certificates of more than 398 days. */
const leafLifetimeMs = 390 * dayMs;

const ecdsaWithSha256 = "1.2.840.10045.4.3.2";
const commonName = "2.5.4.3";

/** Makes a certificate authority. @param now milliseconds since 1970. */
export function makeAuthority(now: number): KeyedCertificate {
  const { privateKey, publicKey } = newKeys();
  // Two authorities in one list of trusted ones need different names.
  const subject = nameOf(`Alipay HK sandbox CA ${randomBytes(4).toString("hex")}`);
  const cert = signedPem(privateKey, {
    ...{ issuer: subject, subject, publicKey, now, lifetimeMs: authorityLifetimeMs },
    extensions: [
      extension(id_ce_basicConstraints, new BasicConstraints({ cA: true, pathLenConstraint: 0 }), true),
      extension(id_ce_keyUsage, new KeyUsage(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign), true),
      extension(id_ce_subjectKeyIdentifier, new SubjectKeyIdentifier(keyIdOf(publicKey))),
    ],
  });
  return { cert, key: privateKey };
}

/**
 * Makes a certificate for a server, with a new key. The certificate of the authority follows it.
 * @param names host names and IP addresses.
 * @param now milliseconds since 1970.
 */
export function issueCertificate(authority: KeyedCertificate, names: readonly string[], now: number): KeyedCertificate {
  const { privateKey, publicKey } = newKeys();
  const issuer = AsnConvert.parse(derOf(authority.cert), Certificate).tbsCertificate;
  const authorityKey = createPublicKey(authority.cert).export({ type: "spki", format: "der" });
  const leaf = signedPem(authority.key, {
    ...{ issuer: issuer.subject, subject: nameOf("Alipay HK sandbox"), publicKey, now },
    lifetimeMs: Math.min(leafLifetimeMs, issuer.validity.notAfter.getTime().getTime() - now),
    extensions: [
      extension(id_ce_basicConstraints, new BasicConstraints({ cA: false }), true),
      extension(id_ce_keyUsage, new KeyUsage(KeyUsageFlags.digitalSignature), true),
      extension(id_ce_extKeyUsage, new ExtendedKeyUsage([id_kp_serverAuth])),
      extension(id_ce_subjectAltName, new SubjectAlternativeName(names.map(generalNameOf))),
      extension(id_ce_subjectKeyIdentifier, new SubjectKeyIdentifier(keyIdOf(publicKey))),
      extension(
        id_ce_authorityKeyIdentifier,
        new AuthorityKeyIdentifier({ keyIdentifier: new KeyIdentifier(keyIdOf(authorityKey)) }),
      ),
    ],
  });
  return { cert: leaf + authority.cert, key: privateKey };
}

interface Content {
  readonly issuer: Name;
  readonly subject: Name;
  /** SPKI, DER. */
  readonly publicKey: Uint8Array;
  readonly now: number;
  readonly lifetimeMs: number;
  readonly extensions: readonly Extension[];
}

/** @param privateKey of the issuer, PEM. */
function signedPem(privateKey: string, { issuer, subject, publicKey, now, lifetimeMs, extensions }: Content): string {
  const signature = new AlgorithmIdentifier({ algorithm: ecdsaWithSha256 });
  const tbsCertificate = new TBSCertificate({
    version: Version.v3,
    serialNumber: arrayBufferOf(serialNumber()),
    signature,
    issuer,
    validity: new Validity({ notBefore: new Date(now - skewMs), notAfter: new Date(now + lifetimeMs) }),
    subject,
    subjectPublicKeyInfo: AsnConvert.parse(publicKey, SubjectPublicKeyInfo),
    extensions: new Extensions([...extensions]),
  });
  const signed = sign("sha256", Buffer.from(AsnConvert.serialize(tbsCertificate)), createPrivateKey(privateKey));
  const der = AsnConvert.serialize(
    new Certificate({ tbsCertificate, signatureAlgorithm: signature, signatureValue: arrayBufferOf(signed) }),
  );
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}

function newKeys(): { readonly privateKey: string; readonly publicKey: Uint8Array } {
  return generateKeyPairSync("ec", {
    namedCurve: "P-256",
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "der" },
  });
}

/** A positive number of 127 bits, without zeros in front. */
function serialNumber(): Uint8Array {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes;
}

function keyIdOf(publicKey: Uint8Array): Uint8Array {
  return createHash("sha256").update(publicKey).digest().subarray(0, 20);
}

function nameOf(text: string): Name {
  const value = new AttributeValue({ utf8String: text });
  return new Name([new RelativeDistinguishedName([new AttributeTypeAndValue({ type: commonName, value })])]);
}

function generalNameOf(name: string): GeneralName {
  return new GeneralName(isIP(name) === 0 ? { dNSName: name } : { iPAddress: name });
}

function extension(extnID: string, value: unknown, critical = false): Extension {
  return new Extension({ extnID, critical, extnValue: new OctetString(AsnConvert.serialize(value)) });
}

function derOf(pem: string): Uint8Array {
  const [, base64 = ""] = /-----BEGIN CERTIFICATE-----(.*?)-----END/s.exec(pem) ?? [];
  return Buffer.from(base64, "base64");
}

/** A copy: small buffers share their memory with others. */
function arrayBufferOf(bytes: Uint8Array): ArrayBuffer {
  return Uint8Array.from(bytes).buffer;
}
