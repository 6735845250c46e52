import { expect, it } from 'vitest';
import { PLACES } from '../../renderer/app/places.ts';
import { hasCard, placeOf } from '../../renderer/parts/placeOf.ts';

it.each([
  ['vigil explain T-13', '/tasks/T-13'],
  ['vigil task retry T-13', '/tasks/T-13'],
  ['vigil approvals show A-1', '/approvals?show=A-1'],
  ['vigil review approve T-2', '/approvals?show=T-2'],
  ['vigil review list', '/approvals'],
  ['vigil budget', '/costs'],
])('%s leads to %s', (command, place) => {
  expect(placeOf(command)).toBe(place);
});

it('leaves alone what no page does, and what is no command of ours', () => {
  const others = ['vigil doctor', 'vigil budget --set hour.hard=8', 'rm -rf T-1', 'constructor'];
  expect(others.map(placeOf)).toEqual([null, null, null, null]);
});

it('leads to pages that there are', () => {
  const paths = PLACES.map(({ path }) => path);
  for (const command of ['queue', 'nodes', 'budget', 'report', 'agents', 'approvals'])
    expect(paths).toContain(placeOf(`vigil ${command}`)?.split('?')[0]);
});

it('knows of which sentence a card tells as well', () => {
  const asked = 'A-1 waits for your yes or no: publish it. See `vigil approvals show A-1`.';
  expect(hasCard(asked)).toBe(true);
  expect(hasCard('2 to review: `vigil review list`.')).toBe(true);
  expect(hasCard('Builds are paused. Look at `vigil report`, then `vigil resume`.')).toBe(false);
});
