import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decidePermission,
  type PermissionRequest,
  type PermissionRules,
  type ToolKind,
} from '../../../shared/policy/permission.ts';

const writer: PermissionRules = { scope: ['src'], role: 'writer', denylist: [] };
const WRITES = ['edit', 'delete', 'move'] as const;

function answer(kind: ToolKind, paths: readonly string[], rules: Partial<PermissionRules> = {}) {
  const request: PermissionRequest = { kind, title: 'something', paths, command: null };
  return decidePermission(request, { ...writer, ...rules }).answer;
}

function command(line: string, rules: Partial<PermissionRules> = {}) {
  const request: PermissionRequest = { kind: 'execute', title: line, paths: [], command: line };
  return decidePermission(request, { ...writer, ...rules });
}

describe('files', () => {
  it.each([
    ['edit', ['src/a.ts'], 'allow'],
    ['edit', ['src'], 'allow'],
    ['delete', ['src/deep/b.ts'], 'allow'],
    ['move', ['src/a.ts', 'src/b.ts'], 'allow'],
    ['move', ['src/a.ts', 'lib/b.ts'], 'deny'],
    ['edit', ['lib/a.ts'], 'deny'],
    ['edit', ['srcs/a.ts'], 'deny'],
    ['edit', ['/etc/passwd'], 'deny'],
    ['edit', ['../src/a.ts'], 'deny'],
    ['edit', ['src/../../a.ts'], 'deny'],
    ['edit', ['.git/hooks/pre-commit'], 'deny'],
    ['edit', ['vigil.yaml'], 'deny'],
    ['edit', [], 'deny'],
    ['read', ['README.md'], 'allow'],
    ['read', [''], 'allow'],
    ['search', [], 'allow'],
    ['read', ['/root/.ssh/id_ed25519'], 'deny'],
    ['search', ['../other-project'], 'deny'],
    ['think', [], 'allow'],
    ['fetch', [], 'deny'],
    ['switch_mode', [], 'deny'],
    ['other', [], 'ask'],
  ] as const)('%s of %j: %s', (kind, paths, expected) => {
    expect(answer(kind, paths)).toBe(expected);
  });

  it.each([
    '.github/workflows/ci.yml',
    '.gitlab-ci.yml',
    'Jenkinsfile',
    'Dockerfile',
    'services/api/Dockerfile.prod',
    'docker-compose.yml',
    'terraform/main.tf',
    'infra/network.ts',
    'db/migrations/0007_users.sql',
    'prisma/schema.prisma',
    'wrangler.toml',
  ])('%s waits for a human, even in a scope that holds it', (file) => {
    expect(answer('edit', [file], { scope: [] })).toBe('ask');
    expect(answer('edit', [file], { scope: [file] })).toBe('ask');
    // Reading is no change.
    expect(answer('read', [file], { scope: [] })).toBe('allow');
  });

  it.each(['src/migrations.ts', 'docs/docker.md', 'src/github/client.ts', 'lib/deploy.ts'])(
    '%s only sounds like it',
    (file) => {
      expect(answer('edit', [file], { scope: [] })).toBe('allow');
    },
  );

  it('are not changed where the project forbids it to all tasks', () => {
    const denylist = ['src/legal', '**/*.lock'];
    expect(answer('edit', ['src/legal/terms.ts'], { denylist })).toBe('deny');
    expect(answer('edit', ['src/a.lock'], { denylist })).toBe('deny');
    expect(answer('edit', ['src/legals.ts'], { denylist })).toBe('allow');
  });

  it('are not changed by a reviewer, and by a tester only when they are tests', () => {
    expect(answer('edit', ['src/a.ts'], { role: 'reviewer' })).toBe('deny');
    expect(answer('read', ['src/a.ts'], { role: 'reviewer' })).toBe('allow');
    expect(answer('edit', ['src/a.ts'], { role: 'tester' })).toBe('deny');
    expect(answer('edit', ['src/a.test.ts'], { role: 'tester' })).toBe('allow');
    expect(answer('edit', ['test/a.ts'], { role: 'tester', scope: [] })).toBe('allow');
  });
});

describe('commands', () => {
  it.each([
    'npm test',
    'npm install',
    'npm run build -- --watch=false',
    'git status && git diff HEAD~1',
    'git commit -m "push the button"',
    'git log --grep push',
    'echo "then run: npm publish"',
    'grep -rn "terraform apply" docs',
    'cat deploy.md',
    'node scripts/publisher.js',
    'docker build .',
    'python manage.py test',
    'make test',
    'cargo test',
    'npx vitest run',
  ])('%s runs in the sandbox', (line) => {
    expect(command(line).answer).toBe('allow');
  });

  it.each([
    'git push',
    'git -C /work/repo push origin main',
    'git -c user.name=x --no-pager push',
    'cd src && git push --force',
    'true; git push',
    'true\ngit push',
    'FOO=1 /usr/bin/git push',
    'sudo env A=b git push',
    "bash -lc 'git push'",
    'sh -c "cd x && git push"',
    'echo $(git push)',
    'echo "`git push`"',
    'eval "git push"',
    'timeout 20 git push',
    "git 'push'",
    'g\\it push',
    'if true; then git push; fi',
    'npm publish',
    'npm --registry http://x publish --tag next',
    'pnpm -r publish',
    'npx npm publish',
    'npm run deploy:prod',
    'npm run release',
    'yarn deploy',
    'make deploy',
    'cargo publish',
    'twine upload dist/*',
    'docker push me/image',
    'kubectl apply -f x.yaml',
    'terraform -chdir=infra apply -auto-approve',
    'npx vercel --prod',
    'npx wrangler deploy',
    'npx prisma migrate deploy',
    'python manage.py migrate',
    'bundle exec rails db:migrate',
    'npm exec -- prisma migrate deploy',
    'python3 -m twine upload dist/*',
    'gh pr create',
    'ssh host uptime',
    'aws s3 rm s3://bucket --recursive',
  ])('%j waits for a human', (line) => {
    const { answer: given, reason } = command(line);
    expect(given).toBe('ask');
    expect(reason).toContain('which a human has to allow');
  });

  it('are judged by their line, or by the title where there is none', () => {
    const request = { kind: 'execute', title: 'git push', paths: [], command: null } as const;
    expect(decidePermission(request, writer).answer).toBe('ask');
    expect(decidePermission({ ...request, kind: 'other', command: 'ls' }, writer).answer).toBe(
      'allow',
    );
  });
});

describe('whatever is asked', () => {
  const segment = fc.constantFrom('src', 'lib', '..', '.', '.git', 'a.ts', 'test', 'x.test.ts');
  const anyPath = fc
    .tuple(fc.constantFrom('', '/'), fc.array(segment, { minLength: 1, maxLength: 5 }))
    .map(([root, parts]) => root + parts.join('/'));
  const paths = fc.array(anyPath, { minLength: 1, maxLength: 4 });
  const scope = fc.array(fc.constantFrom('src', 'lib/**', '**', 'src/a.ts', 'test'), {
    maxLength: 3,
  });
  const role = fc.constantFrom('writer', 'tester', 'reviewer');
  const kind = fc.constantFrom(...WRITES);

  it('no write outside the worktree is ever allowed', () => {
    fc.assert(
      fc.property(kind, paths, scope, role, (how, where, what, who) => {
        fc.pre(where.some((path) => path.startsWith('/') || path.split('/').includes('..')));
        return answer(how, where, { scope: what, role: who }) === 'deny';
      }),
    );
  });

  it('a reviewer never writes', () => {
    fc.assert(
      fc.property(kind, paths, scope, (how, where, what) => {
        return answer(how, where, { scope: what, role: 'reviewer' }) === 'deny';
      }),
    );
  });

  it('several files are allowed only if each one is, and a longer denylist allows no more', () => {
    fc.assert(
      fc.property(kind, paths, scope, role, anyPath, (how, where, what, who, denied) => {
        const rules = { scope: what, role: who };
        const together = answer(how, where, rules);
        const each = where.map((path) => answer(how, [path], rules));
        expect(together === 'allow').toBe(each.every((one) => one === 'allow'));
        if (answer(how, where, { ...rules, denylist: [denied] }) === 'allow')
          expect(together).toBe('allow');
      }),
    );
  });

  it('any line is read, and a reserved command is found at its end', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 80 }), (text) => {
        expect(['allow', 'ask']).toContain(command(text).answer);
        const plain = text.replaceAll(/["'\\`]/g, '');
        expect(command(`${plain}\ngit push`).answer).toBe('ask');
      }),
    );
  });
});
