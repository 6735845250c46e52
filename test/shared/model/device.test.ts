import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DeviceId, formatDeviceId, readDeviceId } from '../../../shared/model/device.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const anyDevice = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(formatDeviceId);

describe('a device id', () => {
  test('is eight groups of seven', () => {
    expect(formatDeviceId(new Uint8Array(32))).toMatch(/^([A-Z2-7]{7}-){7}[A-Z2-7]{7}$/);
  });

  test('is read back as people write it', () => {
    fc.assert(
      fc.property(anyDevice, (device) => {
        const sloppy = device.toLowerCase().replaceAll('-', ' ').replaceAll('o', '0');
        expect(readDeviceId(sloppy)).toEqual({ device, problem: null });
        expect(DeviceId.parse(device)).toBe(device);
      }),
    );
  });

  test('is different for different keys', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.nat(31),
        fc.integer({ min: 1, max: 255 }),
        (hash, at, mask) => {
          const other = hash.map((byte, index) => (index === at ? byte ^ mask : byte));
          expect(formatDeviceId(other)).not.toBe(formatDeviceId(hash));
        },
      ),
    );
  });

  test('with any one character mistyped is refused, and the groups are named', () => {
    fc.assert(
      fc.property(anyDevice, (device) => {
        const plain = device.replaceAll('-', '');
        for (let at = 0; at < plain.length; at += 1) {
          for (const char of ALPHABET) {
            if (char === plain.charAt(at)) continue;
            const typo = plain.slice(0, at) + char + plain.slice(at + 1);
            const first = 2 * Math.floor(at / 14) + 1;
            expect(readDeviceId(typo).problem).toMatch(
              new RegExp(`^groups ${first} and ${first + 1} of 8 .*mistyped`),
            );
          }
        }
      }),
      { numRuns: 3 },
    );
  });

  test('that is too short, or holds what no id has, is refused in words', () => {
    const device = formatDeviceId(new Uint8Array(32).fill(7));
    expect(readDeviceId(device.slice(0, -1)).problem).toMatch(
      /has 56 letters and digits, this has 55/,
    );
    expect(readDeviceId(`9${device.slice(1)}`).problem).toMatch(/groups 1 and 2 of 8 .* hold "9"/);
    expect(DeviceId.safeParse(device.toLowerCase()).success).toBe(false);
  });
});
