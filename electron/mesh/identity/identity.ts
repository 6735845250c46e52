import {
  X509Certificate,
  createHash,
  createPrivateKey,
  createPublicKey,
  sign as signBytes,
  verify as verifyBytes,
  type KeyObject,
} from 'node:crypto';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { canonicalJson } from '../../../shared/model/canonicalJson.ts';
import { formatDeviceId, type DeviceId } from '../../../shared/model/device.ts';
import { VigilError, messageOf } from '../../../shared/model/errors.ts';
import { readIfThere, writePrivate } from '../privateFile.ts';
import { bindToMachine, systemMachineId, type ReadMachineId } from './machine.ts';

/** The key of this node and what follows from it. */
export interface Identity {
  readonly device: DeviceId;
  /** SPKI form, base64. */
  readonly publicKey: string;
  /** PEM, for TLS. */
  readonly key: string;
  readonly certificate: string;
  /** Signs a value for one purpose; a signature for one says nothing for another. */
  sign(purpose: string, value: unknown): string;
}

/** Peers are pinned by their keys, so that the dates in a certificate must never matter. */
const VALID_FROM = new Date('2000-01-01T00:00:00Z');
const VALID_TO = new Date('2099-12-31T00:00:00Z');

/**
 * The identity kept in `<home>/mesh/`, made on first use. ECDSA P-256 rather than Ed25519: git's HTTPS
 * runs over the same certificate, and the TLS of macOS (LibreSSL, Secure Transport) takes no Ed25519.
 * Throws `home-copied` on another machine than the one that the home belongs to, `store-corrupt` when the
 * files are damaged.
 */
export async function openIdentity(
  home: string,
  readMachineId: ReadMachineId = systemMachineId,
): Promise<Identity> {
  await bindToMachine(home, readMachineId);
  const path = join(home, 'mesh', 'identity.pem');
  // Key and certificate in one file: there is never one without the other.
  let pem = readIfThere(path);
  if (pem === null) {
    const made = await generate([{ name: 'commonName', value: 'vigil' }], {
      keyType: 'ec',
      curve: 'P-256',
      algorithm: 'sha256',
      notBeforeDate: VALID_FROM,
      notAfterDate: VALID_TO,
    });
    pem = `${made.private.trim()}\n${made.cert.trim()}\n`;
    writePrivate(path, pem);
  }
  try {
    return fromPem(pem);
  } catch (error) {
    throw new VigilError(
      'store-corrupt',
      `${path} holds no key and certificate: ${messageOf(error)}`,
      'Restore the file from a backup, or remove the folder `mesh` of this home and join again with a new invitation.',
      { cause: error },
    );
  }
}

/** The id of a key: SHA-256 of its SPKI form. */
export function deviceOfKey(publicKey: string): DeviceId {
  return formatDeviceId(createHash('sha256').update(Buffer.from(publicKey, 'base64')).digest());
}

/** The id of the key in a certificate that a peer showed. */
export function deviceOfCertificate(certificate: X509Certificate): DeviceId {
  return deviceOfKey(spkiOf(certificate));
}

/** Keys as OpenSSL has them: making one takes as long as a verification. Of a mesh's members, and no more. */
const parsedKeys = new Map<string, KeyObject>();
const MAX_PARSED_KEYS = 256;

/** Throws for what is no key. */
function parseKey(publicKey: string): KeyObject {
  const known = parsedKeys.get(publicKey);
  if (known) return known;
  const der = Buffer.from(publicKey, 'base64');
  const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
  if (parsedKeys.size >= MAX_PARSED_KEYS) parsedKeys.clear();
  parsedKeys.set(publicKey, key);
  return key;
}

/** Whether this key signed this value for this purpose. A key or signature that is none did not. */
export function isSignedBy(
  publicKey: string,
  purpose: string,
  value: unknown,
  signature: string,
): boolean {
  try {
    return verifyBytes(
      'sha256',
      signedBytes(purpose, value),
      { key: parseKey(publicKey), dsaEncoding: 'ieee-p1363' },
      Buffer.from(signature, 'base64url'),
    );
  } catch {
    return false;
  }
}

function fromPem(pem: string): Identity {
  const [certificate = ''] =
    /-----BEGIN CERTIFICATE-----[\s\S]*-----END CERTIFICATE-----\n?/.exec(pem) ?? [];
  const key = pem.replace(certificate, '');
  const privateKey = createPrivateKey(key);
  const parsed = new X509Certificate(certificate);
  if (!parsed.checkPrivateKey(privateKey)) throw new Error('they do not belong together');
  const publicKey = spkiOf(parsed);
  return {
    device: deviceOfKey(publicKey),
    publicKey,
    key,
    certificate,
    sign: signerOf(privateKey),
  };
}

/** Signs with a key of P-256, as `isSignedBy` checks it. */
export function signerOf(key: KeyObject): Identity['sign'] {
  return (purpose, value) =>
    signBytes('sha256', signedBytes(purpose, value), {
      key,
      dsaEncoding: 'ieee-p1363',
    }).toString('base64url');
}

function spkiOf(certificate: X509Certificate): string {
  return certificate.publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
}

function signedBytes(purpose: string, value: unknown): Buffer {
  return Buffer.from(`vigil ${purpose}\n${canonicalJson(value)}`);
}
