const MARK = '[secret]';

/**
 * Shapes of well-known keys: enough to keep a slip out of a transcript, not a scanner. Each is anchored
 * by its issuer's own prefix, so that ordinary hashes and ids stay readable.
 */
const SECRETS: readonly RegExp[] = [
  /\bsk-[A-Za-z0-9_-]{16,}/g, // OpenAI, Anthropic, OpenRouter
  /\b(?:ghp|gho|ghu|ghs|ghr)_[A-Za-z0-9]{20,}|\bgithub_pat_[A-Za-z0-9_]{20,}/g,
  /\bglpat-[A-Za-z0-9_-]{16,}/g,
  /\bnpm_[A-Za-z0-9]{30,}/g,
  /\bxox[abeoprs]-[A-Za-z0-9-]{10,}/g, // Slack
  /\bA(?:KIA|SIA)[A-Z0-9]{16}\b/g, // AWS
  /\bAIza[A-Za-z0-9_-]{30,}/g, // Google
  /\b[sr]k_(?:live|test)_[A-Za-z0-9]{16,}/g, // Stripe
  /\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}/g, // JSON web tokens
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
];
const BEARER = /\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{12,}/gi;
/** The value after a name that says that it is a secret: `API_KEY=…`, `"password": "…"`. Code has names there, keys have digits. */
const NAMED =
  /((?:api[_-]?key|secret|token|passw(?:or)?d|credential)s?["']?\s*[:=]\s*["']?)(?=[^\s"']*\d)([A-Za-z0-9._~+/=-]{12,})/gi;

/** A text without the given secrets, and without whatever has the shape of a well-known key. */
export function redact(text: string, secrets: readonly string[] = []): string {
  let result = text;
  for (const secret of secrets) if (secret !== '') result = result.replaceAll(secret, MARK);
  for (const pattern of SECRETS) result = result.replaceAll(pattern, MARK);
  return result.replaceAll(BEARER, `$1 ${MARK}`).replaceAll(NAMED, `$1${MARK}`);
}
