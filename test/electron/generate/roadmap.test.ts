import { describe, expect, it } from 'vitest';
import { openContext } from '../../../electron/generate/context.ts';
import { roadmap } from '../../../electron/generate/detectors/roadmap.ts';
import { nextMilestone } from '../../../electron/generate/roadmapFile.ts';
import type { Gap } from '../../../shared/model/gap.ts';
import { scoreSpec, tooVagueOrLarge } from '../../../shared/policy/spec.ts';
import { profile, projectWith } from './project.ts';

const ROADMAP = `# Roadmap

Some words.

## 0.1 Basics
- [x] Parse the input
- [ ] ~~Support Windows 95~~

## 0.2 Storage
### Files
- [x] Read a file
- [ ] Write a file atomically
  It must survive a crash.
  - [x] write to a temporary name
  - [ ] sync the folder
### Cache
1. [ ] Keep the last ten files in memory
- [ ] Speed

\`\`\`md
- [ ] an example in code
\`\`\`
<!-- - [ ] an idea that is not ripe -->

## 0.3 Network
- [ ] Serve files over HTTP
`;

async function gaps(files: Readonly<Record<string, string>>): Promise<Gap[]> {
  const root = projectWith(files);
  const input = { root, profile, remoteUrl: null };
  return roadmap.find(await openContext(input, new AbortController().signal));
}

describe('the roadmap', () => {
  it('gives the open items of the first milestone that is not complete', async () => {
    const found = await gaps({ 'ROADMAP.md': ROADMAP });
    expect(found.map(({ title, evidence }) => ({ title, evidence }))).toEqual([
      {
        title: 'Write a file atomically',
        evidence: 'ROADMAP.md:12 Write a file atomically',
      },
      {
        title: 'Keep the last ten files in memory',
        evidence: 'ROADMAP.md:17 Keep the last ten files in memory',
      },
    ]);
    expect(found[0]).toMatchObject({
      fingerprint: 'roadmap:ROADMAP.md:Write a file atomically',
      executor: { kind: 'agent' },
      references: ['ROADMAP.md'],
      scope: [],
    });
    expect(found[0]?.instructions).toContain('“0.2 Storage”');
    expect(found[0]?.instructions).toContain('It must survive a crash.');
    expect(found[0]?.acceptance).toContain('It includes: sync the folder');
  });

  it('goes on to the next milestone when one is complete, and ends when all is', () => {
    const done = ROADMAP.replaceAll(/\[ \] (?=Write|sync|Keep|Speed)/g, '[x] ');
    expect(nextMilestone(done)).toMatchObject({
      title: '0.3 Network',
      items: [{ title: 'Serve files over HTTP', line: 26 }],
    });
    expect(nextMilestone(done.replace('[ ] Serve', '[X] Serve'))).toBeNull();
    expect(nextMilestone('# Roadmap\nNo boxes.\n')).toBeNull();
  });

  it('may have no headings, or only the title', () => {
    expect(nextMilestone('- [ ] Do this first\n- [ ] Do that\n')?.items).toHaveLength(2);
    expect(nextMilestone('# Plan\n- [ ] Do this first\n')?.title).toBe('Plan');
  });

  it('is known by its name alone', async () => {
    const found = await gaps({
      'docs/roadmap.md': '## One\n- [ ] Write the manual\n',
      'README.md': ROADMAP,
      'docs/contributing.md': ROADMAP,
      'src/ROADMAP.md': ROADMAP,
      'roadmap.txt': ROADMAP,
      '.github/PULL_REQUEST_TEMPLATE.md': '- [ ] I have read the rules\n',
    });
    expect(found.map(({ title }) => title)).toEqual(['Write the manual']);
  });

  it('stays the same gap when lines move, and may be given to an agent as it is', async () => {
    const [before] = await gaps({ 'ROADMAP.md': ROADMAP });
    const [after] = await gaps({ 'ROADMAP.md': `\n\n${ROADMAP}` });
    expect(after?.fingerprint).toBe(before?.fingerprint);
    expect(before && tooVagueOrLarge(scoreSpec(before))).toBeNull();
  });
});
