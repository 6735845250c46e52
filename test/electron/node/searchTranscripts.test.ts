import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { AgentRole } from '../../../shared/model/agent.ts';
import { taskId } from '../../../shared/model/ids.ts';
import { transcriptPath } from '../../../electron/node/layout.ts';
import { searchTranscripts } from '../../../electron/node/searchTranscripts.ts';
import { temporaryFolder } from './localNode.ts';

let home: string;
beforeEach(() => {
  home = temporaryFolder();
});

const all = { task: null, limit: 50 } as const;

/** Leaves a transcript whose last change was so many seconds after the first of all. */
function leave(
  task: number,
  role: AgentRole,
  second: number,
  entries: readonly (object | string)[],
): void {
  const file = transcriptPath(home, taskId(task), 1, role);
  mkdirSync(path.dirname(file), { recursive: true });
  const lines = entries.map((one) => (typeof one === 'string' ? one : JSON.stringify(one)));
  writeFileSync(file, lines.join('\n'));
  utimesSync(file, 1_000 + second, 1_000 + second);
}

const said = (at: number, text: string) => ({ at, kind: 'message', text });

describe('a search of the transcripts', () => {
  it('finds what was said and done in any case of letters, newest first', async () => {
    leave(1, 'writer', 0, [said(1, 'Run NPM install first'), said(2, 'nothing')]);
    leave(2, 'tester', 9, [
      said(3, 'no'),
      { at: 4, kind: 'permission', title: 'shell', command: 'npm\n  install x', answer: 'deny' },
    ]);
    const { hits, cut } = await searchTranscripts(home, { ...all, text: 'npm' });
    expect(hits).toEqual([
      {
        task: 'T-2',
        attempt: 1,
        role: 'tester',
        atMs: 4,
        kind: 'permission',
        excerpt: 'npm install x',
      },
      {
        task: 'T-1',
        attempt: 1,
        role: 'writer',
        atMs: 1,
        kind: 'message',
        excerpt: 'Run NPM install first',
      },
    ]);
    expect(cut).toBeNull();
    const one = await searchTranscripts(home, { ...all, text: 'npm', task: taskId(1) });
    expect(one.hits.map(({ task }) => task)).toEqual(['T-1']);
  });

  it('shows what stands around the text, not all of a recited file', async () => {
    leave(1, 'writer', 0, [said(1, `${'a '.repeat(5_000)}needle${' b'.repeat(5_000)}`)]);
    const [hit] = (await searchTranscripts(home, { ...all, text: 'needle' })).hits;
    expect(hit?.excerpt).toMatch(/^… (a )+needle( b)+ …$/);
    expect(hit?.excerpt.length).toBeLessThan(200);
  });

  it('finds no names of fields, passes over cut lines and other files', async () => {
    leave(1, 'writer', 0, [said(1, 'x'), '{"at":2,"kind":"message","text":"kind of', '[… 5 …]']);
    writeFileSync(path.join(home, 'logs', 'T-1', '1.log'), JSON.stringify(said(1, 'a kind log')));
    mkdirSync(path.join(home, 'logs', 'else'));
    expect(await searchTranscripts(home, { ...all, text: 'kind' })).toEqual({
      hits: [],
      cut: null,
    });
    expect((await searchTranscripts(temporaryFolder(), { ...all, text: 'x' })).hits).toEqual([]);
  });

  it('tells a tool call once, however often it moved on', async () => {
    const tool = { kind: 'tool', id: '7', title: 'run tests' };
    leave(1, 'writer', 0, [
      { ...tool, at: 1 },
      { ...tool, at: 2 },
      { ...tool, at: 3, id: '8' },
    ]);
    const { hits } = await searchTranscripts(home, { ...all, text: 'run' });
    expect(hits.map(({ atMs }) => atMs)).toEqual([3, 2]);
  });

  it('keeps the newest of too many, and says so', async () => {
    leave(1, 'writer', 0, [said(1, 'x'), said(2, 'x')]);
    leave(2, 'writer', 5, [said(5, 'x'), said(6, 'x'), said(7, 'x')]);
    const { hits, cut } = await searchTranscripts(home, { ...all, text: 'x', limit: 2 });
    expect(hits.map(({ atMs }) => atMs)).toEqual([7, 6]);
    expect(cut).toBe('hits');
  });

  it('reads no more than its bound, from the newest on, and says so', async () => {
    leave(1, 'writer', 0, [said(1, 'x')]);
    leave(2, 'writer', 5, [said(5, 'x'), said(6, `x${'y'.repeat(1_000)}`)]);
    const search = { ...all, text: 'x', maxBytes: 500 };
    const { hits, cut } = await searchTranscripts(home, search);
    expect(hits.map(({ atMs }) => atMs)).toEqual([5]);
    expect(cut).toBe('bytes');
  });

  it('ends when its time is over, and says so', async () => {
    leave(1, 'writer', 0, [said(1, 'x')]);
    expect(await searchTranscripts(home, { ...all, text: 'x', maxMs: -1 })).toEqual({
      hits: [],
      cut: 'time',
    });
  });
});
