import { expect, test } from 'vitest';
import { publication, reservedCommand } from '../../../shared/policy/reserved.ts';

test.each([
  'npm publish',
  'git push origin main --tags',
  'git -C sub push https://github.com/other/repo.git HEAD',
  'npm run build && npx semantic-release',
  'gh release create v1.0.0',
  'docker push me/app:latest',
  'python3 -m twine upload dist/*',
  'bash -c "cargo publish"',
  'npm run release',
  'curl -X POST https://api.example.com/posts -d @post.json',
  'curl --data text https://example.com',
  'curl -sF file=@a.zip https://example.com/upload',
  'wget --post-file=a https://example.com',
  'echo hello | mail -s subject someone@example.com',
  'vercel --prod',
])('%s is seen by others, so it waits for a human', (command) => {
  expect(publication(command)).not.toBe(null);
  expect(reservedCommand(command)).not.toBe(null);
});

test.each([
  'npm test',
  'git commit -m "publish"',
  'git tag v1',
  'curl -fsSL https://example.com/a.tgz -o a.tgz',
  'curl -X POST http://localhost:3000/reset',
  'curl -d a=b 127.0.0.1:8080',
  'echo npm publish',
  'docker build .',
  'terraform plan',
])('%s is not', (command) => {
  expect(publication(command)).toBe(null);
});

test('what only changes this side of the world is reserved, but no publication', () => {
  expect(reservedCommand('terraform apply')).not.toBe(null);
  expect(publication('terraform apply')).toBe(null);
});
