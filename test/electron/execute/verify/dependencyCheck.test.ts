import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { diffStat } from '../../../../electron/execute/repository/commit.ts';
import { parseAudit } from '../../../../electron/execute/verify/security/audit.ts';
import { checkDependencies } from '../../../../electron/execute/verify/security/dependencyCheck.ts';
import { CommitId } from '../../../../shared/model/ids.ts';
import { commitFiles, userGit } from '../../../userGit.ts';
import { userRepository } from '../repository.ts';

type Files = Readonly<Record<string, string>>;

function manifest(dependencies: Record<string, string>, more: object = {}): string {
  return JSON.stringify({ name: 'app', version: '1.0.0', dependencies, ...more });
}

function lock(packages: Readonly<Record<string, object>>): string {
  const entries = Object.entries(packages).map(
    ([name, entry]) => [`node_modules/${name}`, entry] as const,
  );
  return JSON.stringify({
    name: 'app',
    version: '1.0.0',
    lockfileVersion: 3,
    packages: Object.fromEntries<object>([['', { name: 'app' }], ...entries]),
  });
}

async function check(before: Files, after: Files) {
  const root = userRepository(before);
  const base = CommitId.parse(userGit(root, 'rev-parse', 'HEAD'));
  commitFiles(root, after);
  const { files } = await diffStat(root, base, 'HEAD');
  return checkDependencies(root, base, files);
}

const one = { version: '1.0.0', resolved: 'https://registry.npmjs.org/one/-/one-1.0.0.tgz' };
/** Refuses at once, as a registry that does not audit does, and is nobody's. */
const NO_REGISTRY = 'registry=http://127.0.0.1:9/\nfetch-retries=0\n';

/** A registry that knows these weaknesses, and of each package version 1.0.0. */
async function registryWith(weaknesses: Readonly<Record<string, 'low' | 'high'>>): Promise<string> {
  const advisories = Object.entries(weaknesses).map(([name, severity], id) => [
    name,
    [
      {
        id,
        url: `https://advisories.test/${id}`,
        title: `${name} is weak`,
        severity,
        vulnerable_versions: '<2',
      },
    ],
  ]);
  const server = createServer((request, response) => {
    const name = (request.url ?? '').slice(1);
    response.setHeader('content-type', 'application/json');
    response.end(
      request.method === 'POST'
        ? JSON.stringify(Object.fromEntries(advisories))
        : JSON.stringify({ name, versions: { '1.0.0': { name, version: '1.0.0' } } }),
    );
    request.resume();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return `registry=http://127.0.0.1:${port}/\n`;
}

describe('the dependency check', () => {
  it('has nothing to ask when no dependency is new', async () => {
    const before = {
      'package.json': manifest({ one: '^1.0.0' }),
      'package-lock.json': lock({ one }),
    };
    expect(await check(before, { 'src/a.js': '1;\n' })).toMatchObject({
      verdict: 'passed',
      detail: 'no manifest or lock file changed',
    });
    const described = manifest({ one: '^1.0.0' }, { description: 'an app' });
    expect(await check(before, { 'package.json': described })).toMatchObject({
      verdict: 'passed',
      detail: 'nothing new is installed',
    });
    const without = { 'package.json': manifest({}), 'package-lock.json': lock({}) };
    expect((await check(before, without)).verdict).toBe('passed');
  });

  it('lists what is new, and is unknown where the registry does not audit', async () => {
    const before = {
      '.npmrc': NO_REGISTRY,
      'package.json': manifest({}),
      'package-lock.json': lock({}),
    };
    const after = {
      'package.json': manifest({ one: '^1.0.0' }),
      'package-lock.json': lock({ one }),
    };
    const result = await check(before, after);
    expect(result.verdict).toBe('unknown');
    expect(result.detail).toMatch(/^new: one@\^1.0.0; one@1.0.0; .*(audit|registry)/);
    expect(result.findings).toContainEqual({
      rule: 'new-dependency',
      file: 'package.json',
      line: 1,
      message: 'one@^1.0.0 is newly declared',
      blocks: false,
    });
  });

  it('fails a new package with a known weakness of severity high, and only tells of a lesser one', async () => {
    const at = async (severity: 'low' | 'high') => {
      const before = {
        '.npmrc': await registryWith({ one: severity, old: 'high' }),
        'package.json': manifest({ old: '1' }),
        'package-lock.json': lock({ old: { version: '1.0.0' } }),
      };
      const after = {
        'package.json': manifest({ old: '1', one: '1' }),
        'package-lock.json': lock({ old: { version: '1.0.0' }, one }),
      };
      return check(before, after);
    };
    const weak = { file: 'package-lock.json', line: 1 };
    const message = 'one: one is weak (https://advisories.test/0)';
    const failed = await at('high');
    expect(failed).toMatchObject({
      verdict: 'failed',
      detail: `known weaknesses: ${message}`,
      findings: [{ ...weak, rule: 'audit-high', message, blocks: true }, { blocks: false }],
    });
    expect(await at('low')).toMatchObject({
      verdict: 'passed',
      findings: [{ ...weak, rule: 'audit-low', message, blocks: false }, {}],
    });
  });

  it('asks whom the base names, not whom the attempt names', async () => {
    const before = {
      '.npmrc': await registryWith({ one: 'high' }),
      'package.json': manifest({}),
      'package-lock.json': lock({}),
    };
    const after = {
      '.npmrc': await registryWith({}),
      'package.json': manifest({ one: '1' }),
      'package-lock.json': lock({ one }),
    };
    expect((await check(before, after)).verdict).toBe('failed');
  });

  it('is unknown for a new dependency without a lock file', async () => {
    const result = await check(
      { 'package.json': manifest({}) },
      { 'package.json': manifest({ one: '1' }) },
    );
    expect(result).toMatchObject({ verdict: 'unknown' });
    expect(result.detail).toMatch(/no npm lock file/);
  });

  it('is unknown for a new dependency that the lock file does not name', async () => {
    const before = { 'package.json': manifest({}), 'package-lock.json': lock({}) };
    const result = await check(before, { 'package.json': manifest({ one: '1' }) });
    expect(result).toMatchObject({ verdict: 'unknown' });
    expect(result.detail).toMatch(/not in the lock file: one@1/);
  });

  it('asks about the lock file above a package of a workspace', async () => {
    const before = {
      '.npmrc': NO_REGISTRY,
      'package.json': manifest({}, { workspaces: ['a'] }),
      'a/package.json': manifest({}),
      'package-lock.json': lock({}),
    };
    const after = {
      'a/package.json': manifest({ one: '^1.0.0' }),
      'package-lock.json': lock({ one }),
    };
    const result = await check(before, after);
    expect(result.verdict).toBe('unknown');
    expect(result.detail).toMatch(
      /^new: one@\^1.0.0; one@1.0.0; (?!.*lock file).*(audit|registry)/,
    );
  });

  it.each([
    [
      'a new package runs code when it is installed',
      { 'package-lock.json': lock({ one: { ...one, hasInstallScript: true } }) },
      /code runs when these are installed: one@1.0.0/,
    ],
    [
      'the project gets a script that runs on installation',
      { 'package.json': manifest({}, { scripts: { postinstall: 'node x.js' } }) },
      /scripts run on installation: postinstall/,
    ],
    ['the registry changes', { '.npmrc': 'registry=http://127.0.0.1:9/\n' }, /where packages come/],
    ['another lock file changes', { 'pnpm-lock.yaml': 'lockfileVersion: 9\n' }, /not understood/],
    ['a manifest is no JSON', { 'package.json': '{' }, /not understood: package.json/],
  ])('is unknown when %s', async (_, after: Files, reason) => {
    const before = {
      '.npmrc': `${NO_REGISTRY}offline=false\n`,
      'package.json': manifest({}),
      'package-lock.json': lock({}),
    };
    const result = await check(before, after);
    expect(result.verdict).toBe('unknown');
    expect(result.detail).toMatch(reason);
  });

  it('takes the same package from elsewhere for a new one', async () => {
    const elsewhere = { ...one, resolved: 'http://127.0.0.1:9/one.tgz' };
    const before = {
      '.npmrc': NO_REGISTRY,
      'package.json': manifest({ one: '1' }),
      'package-lock.json': lock({ one }),
    };
    const result = await check(before, { 'package-lock.json': lock({ one: elsewhere }) });
    expect(result.verdict).toBe('unknown');
    expect(result.detail).toMatch(/^new: one@1.0.0/);
  });
});

describe('the answer of npm audit', () => {
  it('names each weakness with its severity', () => {
    const report = {
      vulnerabilities: {
        one: { via: [{ title: 'Prototype pollution', url: 'https://x/1', severity: 'high' }] },
        two: { via: ['one'] },
      },
    };
    expect(parseAudit(JSON.stringify(report), '')).toEqual({
      kind: 'answered',
      weaknesses: [
        { package: 'one', title: 'Prototype pollution (https://x/1)', severity: 'high' },
      ],
    });
  });

  it.each([
    [
      '{"message":"405 Method Not Allowed - POST","error":{"summary":""}}',
      /405 Method Not Allowed/,
    ],
    ['', /gave no answer/],
    ['{"vulnerabilities":7}', /unknown form/],
  ])('is none when it is %j', (stdout, reason) => {
    const audit = parseAudit(stdout, 'npm error');
    expect(audit.kind === 'unknown' && audit.reason).toMatch(reason);
  });
});
