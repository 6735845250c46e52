import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RiskTier } from '../../../shared/model/task.ts';
import { withinRails } from '../../../shared/prompt/specRails.ts';
import { draft, files, goodReply } from '../../electron/generate/specs/model.ts';

const { after: _, ...plain } = goodReply;
const reply = {
  ...plain,
  type: 'implementation' as const,
  risk: 'low' as const,
  deliverables: [] as string[],
};
type Reply = Parameters<typeof withinRails>[0];

const held = (more: Partial<Reply>, of = draft): ReturnType<typeof withinRails> =>
  withinRails({ ...reply, ...more }, of, files);
const risk = (scope: readonly string[], of = draft): string | null => {
  const result = held({ scope: [...scope] }, of);
  return result.ok ? result.value.risk : result.error;
};

describe('what a model may say of a task', () => {
  it.each([
    '/etc/passwd',
    '../other/x.ts',
    'src/../../x',
    '~/.ssh/id',
    'C:/x',
    'a\\b',
    '!src/**',
    'src/{a,..}/x',
    '{src/billing/pay.ts,a.test.ts}',
    'src/+(a|b)/x',
    '.git/config',
    '\n',
    '',
  ])('is no path outside of the project: %j', (path) => {
    for (const more of [{ scope: [path] }, { deliverables: [path] }, { references: [path] }])
      expect(held(more).ok).toBe(false);
  });

  it('is no reference that does not exist, and no deliverable outside of the scope', () => {
    expect(held({ references: ['src/gone.ts'] })).toMatchObject({ ok: false });
    expect(held({ references: ['src/upload/*.ts'] })).toMatchObject({ ok: true });
    expect(held({ deliverables: ['src/billing/pay.ts'] })).toMatchObject({ ok: false });
  });

  it('opens none of the rules of the project', () => {
    for (const path of ['vigil.yaml', './vigil.yaml', 'vigil.yml'])
      expect(held({ scope: [path] }).ok).toBe(false);
  });

  it('keeps its risk inside the files and folders of the draft, and with the tests', () => {
    expect(risk(['src/upload/send.ts'])).toBe('low');
    expect(risk(['src/upload/retry.ts', 'src/upload/**'])).toBe('low');
    expect(risk(['test/send.test.ts'])).toBe('low');
  });

  it('has a higher risk where the scope leaves them', () => {
    expect(risk(['src/billing/pay.ts'])).toBe('medium');
    expect(risk(['src/**'])).toBe('medium');
    expect(risk(['src/uploads/x.ts'])).toBe('medium');
    expect(risk(['src/billing/pay.ts'], { ...draft, risk: 'medium' })).toBe('high');
    expect(risk(['**'])).toBe('high');
    expect(risk(['**/*'])).toBe('high');
    expect(risk(['.github/workflows/ci.yml'])).toBe('high');
    expect(risk(['.github/workflows/ci.yml'], { ...draft, scope: [] })).toBe('high');
    expect(risk(['src/billing/pay.ts'], { ...draft, scope: [] })).toBe('low');
  });

  it('never lowers the risk of the draft', () => {
    const tier = fc.constantFrom(...RiskTier.options);
    const path = fc.constantFrom(...files.filter((file) => file !== 'vigil.yaml'), '**', 'src/**');
    fc.assert(
      fc.property(tier, tier, fc.array(path, { minLength: 1 }), (said, of, scope) => {
        const result = held({ risk: said, scope }, { ...draft, risk: of });
        const order = RiskTier.options;
        expect(result.ok && order.indexOf(result.value.risk)).toBeGreaterThanOrEqual(
          Math.max(order.indexOf(said), order.indexOf(of)),
        );
      }),
    );
  });

  it('is of a milder type only where the scope proves it', () => {
    const type = (said: Reply['type'], scope: string[]): string | null => {
      const result = held({ type: said, scope });
      return result.ok ? result.value.type : null;
    };
    expect(type('docs', ['src/upload/send.ts'])).toBe('implementation');
    expect(type('docs', ['docs/upload.md'])).toBe('docs');
    expect(type('test', ['test/send.test.ts'])).toBe('test');
    expect(type('format', ['src/upload/send.ts'])).toBe('implementation');
  });

  it('has an estimate between five minutes and a day of work, and no key in its words', () => {
    const key = `sk-${'a1b2c3d4'.repeat(4)}`;
    const result = held({ estimateMinutes: 100_000, instructions: `Use ${key}.` });
    expect(result).toMatchObject({ ok: true, value: { estimateMs: 8 * 3_600_000 } });
    expect(JSON.stringify(result)).not.toContain(key);
    expect(held({ estimateMinutes: 0.1 })).toMatchObject({ value: { estimateMs: 300_000 } });
  });
});
