/**
 * JSON with the keys of every object in order and no spaces: the same value gives the same text on every
 * node, so that a signature or a hash over it can be checked. Throws a TypeError for what JSON has no
 * form for; a key whose value is undefined counts as absent.
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'string' || typeof value === 'boolean')
    return JSON.stringify(value);
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object') {
    const parts = Object.entries(value)
      .filter(([, part]) => part !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, part]) => `${JSON.stringify(key)}:${canonicalJson(part)}`);
    return `{${parts.join(',')}}`;
  }
  throw new TypeError(`a ${typeof value} has no canonical JSON`);
}
