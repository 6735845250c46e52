import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OversightLevel, type OversightRule } from '../../../shared/model/oversight.ts';
import { majorChanges } from '../../../shared/policy/majorVersions.ts';
import { levelOf, oversightOf, type Change } from '../../../shared/policy/oversight.ts';

function changing(...paths: string[]): Change {
  return {
    files: paths.map((path) => ({ path, kind: 'changed' as const, added: [] })),
    majors: [],
  };
}

describe('the level of a change', () => {
  it.each<[string, OversightLevel]>([
    ['src/money.ts', 'autonomous'],
    ['README.md', 'autonomous'],
    ['docs/guide.md', 'autonomous'],
    ['package.json', 'autonomous'],
    ['src/author.ts', 'autonomous'],
    ['.github/workflows/ci.yml', 'approve'],
    ['deploy/main.tf', 'approve'],
    ['Dockerfile', 'approve'],
    ['db/migrations/001_users.sql', 'approve'],
    ['prisma/schema.prisma', 'approve'],
    ['src/auth/session.ts', 'approve'],
    ['src/hashPassword.ts', 'approve'],
    ['.env.production', 'approve'],
    ['certs/server.pem', 'approve'],
    ['blog/launch.md', 'approve'],
    ['vigil.yaml', 'never'],
    ['.vigil/policy.json', 'never'],
    ['.github/CODEOWNERS', 'never'],
  ])('%s: %s', (path, level) => {
    expect(levelOf(oversightOf(changing(path)))).toBe(level);
  });

  it('is that of the strictest file, whatever else is changed', () => {
    const findings = oversightOf(changing('src/a.ts', 'vigil.yaml', 'Dockerfile'));
    expect(findings.map(({ level }) => level)).toEqual(['never', 'approve']);
    expect(findings[0]).toMatchObject({ file: 'vigil.yaml' });
  });

  it('follows from what is written, not from what the file is called', () => {
    const added = ["import { createCipheriv } from 'node:crypto';"];
    const change: Change = {
      files: [{ path: 'src/util.ts', kind: 'changed', added }],
      majors: [],
    };
    expect(oversightOf(change)).toEqual([
      { level: 'approve', what: 'authentication, encryption or secrets', file: 'src/util.ts' },
    ]);
  });

  it('rises with new major versions and with many deleted files', () => {
    expect(levelOf(oversightOf({ files: [], majors: ['react 18 → 19'] }))).toBe('approve');
    const deleted = (count: number): Change => ({
      files: Array.from({ length: count }, (_, n) => ({
        ...{ path: `src/${n}.ts`, kind: 'deleted' as const, added: [] },
      })),
      majors: [],
    });
    expect(levelOf(oversightOf(deleted(9)))).toBe('autonomous');
    expect(levelOf(oversightOf(deleted(10)))).toBe('approve');
  });

  it('only gets stricter by what a project adds', () => {
    const paths = fc.constantFrom('src/a.ts', 'vigil.yaml', 'Dockerfile', 'src/billing/pay.ts');
    const rule = fc.record<OversightRule>({
      files: fc.constantFrom(['**'], ['src/billing/**'], ['vigil.yaml']),
      level: fc.constantFrom('notify', 'approve', 'never'),
      what: fc.constant('ours'),
    });
    const order = OversightLevel.options;
    fc.assert(
      fc.property(fc.array(paths, { minLength: 1 }), fc.array(rule), (files, rules) => {
        const before = levelOf(oversightOf(changing(...files)));
        const after = levelOf(oversightOf(changing(...files), rules));
        expect(order.indexOf(after)).toBeGreaterThanOrEqual(order.indexOf(before));
      }),
    );
    const billing: OversightRule = { files: ['src/billing/**'], level: 'notify', what: 'billing' };
    expect(oversightOf(changing('src/billing/pay.ts'), [billing])).toEqual([
      { level: 'notify', what: 'billing', file: 'src/billing/pay.ts' },
    ]);
  });
});

describe('major versions', () => {
  const manifest = (ranges: Record<string, string>) => JSON.stringify({ dependencies: ranges });

  it.each([
    ['^1.2.3', '^2.0.0', ['a 1 → 2']],
    ['^1.2.3', '^1.9.0', []],
    ['~0.4.1', '~0.5.0', ['a 0.4 → 0.5']],
    ['>=18', '19.x', ['a 18 → 19']],
    ['latest', '^2.0.0', []],
    ['workspace:*', 'workspace:*', []],
  ])('%s to %s', (before, after, changes) => {
    expect(majorChanges(manifest({ a: before }), manifest({ a: after }))).toEqual(changes);
  });

  it('are none where there was or is no package.json that can be read', () => {
    expect(majorChanges(null, manifest({ a: '^1.0.0' }))).toEqual([]);
    expect(majorChanges(manifest({ a: '^1.0.0' }), 'not JSON')).toEqual([]);
    expect(majorChanges('[]', manifest({ a: '^1.0.0' }))).toEqual([]);
  });
});
