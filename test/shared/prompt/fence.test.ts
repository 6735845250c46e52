import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byteLength, headOfBytes } from '../../../shared/prompt/bytes.ts';
import { fence, fenceWithin, quoted } from '../../../shared/prompt/fence.ts';

/** Texts that try to get out: backticks, markup, line ends of every kind. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom('`', '```', '````\n', '\n```\n', '~~~', '</material>', '\r', '\u2028', '\n'),
      fc.string({ unit: 'binary' }),
    ),
    { maxLength: 30 },
  )
  .map((pieces) => pieces.join(''));

describe('a fence', () => {
  it('is closed by nothing that stands inside', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const block = fence('File', text);
        const ticks = /^File:\n(`{3,})\n/.exec(block)?.[1] ?? '';
        const inside = block.slice(`File:\n${ticks}\n`.length, -`\n${ticks}\n`.length);
        expect(inside).toBe(text);
        expect(inside).not.toContain(ticks);
        expect(block.endsWith(`\n${ticks}\n`)).toBe(true);
      }),
    );
  });

  it('keeps to its bytes by cutting the end of the text', () => {
    fc.assert(
      fc.property(hostile, fc.nat(3_000), (text, most) => {
        const block = fenceWithin('File', text.repeat(20), most);
        if (block !== null) expect(byteLength(block)).toBeLessThanOrEqual(most);
      }),
    );
    expect(fenceWithin('File', 'é'.repeat(1_000), 700)).toMatch(
      /^File, the end cut .*:\n```\né+\n```\n$/,
    );
    expect(fenceWithin('File', 'é'.repeat(1_000), 100)).toBeNull();
  });

  it('has a name that stays on its line', () => {
    fc.assert(
      fc.property(hostile, (name) => {
        expect(quoted(name)).toMatch(/^"[^\n\r\u0085\u2028\u2029\u202e]*"$/);
      }),
    );
  });
});

it('a text is cut between characters', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.nat(50), (text, most) => {
      const head = headOfBytes(text, most);
      expect(text.startsWith(head)).toBe(true);
      expect(byteLength(head)).toBeLessThanOrEqual(most);
      expect(byteLength(head)).toBeGreaterThan(Math.min(most, byteLength(text)) - 4);
    }),
  );
});
