import { describe, expect, it } from 'vitest';
import { TaskType } from '../../../shared/model/task.ts';
import { sizeExpectation } from '../../../shared/policy/expectation.ts';

const mechanic = (
  recipe: Extract<
    Parameters<typeof sizeExpectation>[0]['executor'],
    { kind: 'mechanic' }
  >['recipe'],
): number | null =>
  sizeExpectation({ type: 'cleanup', executor: { kind: 'mechanic', recipe } }).lines;

describe('the expected size of a diff', () => {
  it('is known for every type of work, or known to say nothing', () => {
    for (const type of TaskType.options) {
      const { lines, reason } = sizeExpectation({ type, executor: { kind: 'agent' } });
      expect(lines === null || lines > 0).toBe(true);
      expect(reason).toContain(type);
    }
  });

  it('is smaller for a fix than for new work', () => {
    const of = (type: TaskType): number =>
      sizeExpectation({ type, executor: { kind: 'agent' } }).lines ?? Infinity;
    expect(of('metadata')).toBeLessThan(of('fix'));
    expect(of('fix')).toBeLessThan(of('implementation'));
  });

  it('grows with the exports that the mechanic takes back', () => {
    const of = (names: string[]): number =>
      mechanic({ kind: 'unused-exports', file: 'a.js', names }) ?? NaN;
    expect(of(['a', 'b', 'c'])).toBe(3 * of(['a']));
  });

  it('says nothing of deletions, lock files and formatting', () => {
    expect(mechanic({ kind: 'unused-file', file: 'a.js' })).toBeNull();
    expect(
      mechanic({
        kind: 'unused-dependency',
        manifest: 'package.json',
        name: 'a',
        section: 'dependencies',
      }),
    ).toBeNull();
    expect(mechanic({ kind: 'format', file: 'a.js' })).toBeNull();
  });

  it('is small for one rule or one field', () => {
    expect(mechanic({ kind: 'lint-fix', file: 'a.js', rules: ['no-var'] })).toBeLessThan(100);
    expect(
      mechanic({ kind: 'metadata', manifest: 'package.json', field: 'license', value: 'MIT' }),
    ).toBeLessThan(20);
  });
});
