import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redact } from '../../../shared/policy/redact.ts';

describe('redact', () => {
  it.each([
    'sk-ant-api03-abcdefghijklmnop0123456789',
    'ghp_abcdefghijklmnopqrstuvwxyz012345',
    'github_pat_11ABCDEFG0123456789_abcdefgh',
    'AKIAIOSFODNN7EXAMPLE',
    'AIzaSyA0123456789abcdefghijklmnopqrstuv',
    'xoxb-123456789012-abcdefghijkl',
    'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N',
    '-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nIBAAK\n-----END RSA PRIVATE KEY-----',
  ])('leaves nothing of %s', (secret) => {
    expect(redact(`before ${secret} after`)).toBe('before [secret] after');
  });

  it('leaves nothing of what is called a secret', () => {
    expect(redact('API_KEY=abc123def456ghi')).toBe('API_KEY=[secret]');
    expect(redact('{"password": "hunter2hunter2"}')).toBe('{"password": "[secret]"}');
    expect(redact('Authorization: Bearer abc.def-ghi_123')).toBe('Authorization: Bearer [secret]');
  });

  it.each([
    'commit 3f786850e387550fdab836ed7e6dc881de23001b',
    'const token = createTokenForUser(user);',
    'the secret: readEnvironmentVariables()',
    'sk-1',
    'T-12 of node-a took 1234567890123 ms',
  ])('leaves %s as it is', (text) => {
    expect(redact(text)).toBe(text);
  });

  it('never leaves a given secret, wherever it is', () => {
    const secret = fc.stringMatching(/^[a-z0-9-]{8,40}$/);
    fc.assert(
      fc.property(secret, fc.string(), fc.string(), (value, before, after) => {
        expect(redact(`${before}${value}${after}${value}`, [value])).not.toContain(value);
      }),
    );
  });
});
