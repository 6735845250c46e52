import {
  cpSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { ExplanationView } from '../../shared/model/explanationApi.ts';
import { DoctorView } from '../../shared/model/statusApi.ts';
import { LeftView, RevokedView } from '../../shared/model/meshApi.ts';
import { NoticesView } from '../../shared/model/notice.ts';
import type { FleetNode, Roles } from './fleet.ts';
import { checkInvariants, logsOf } from './invariants.ts';
import { tellOnFailure, testFleet } from './testFleet.ts';
import { until } from './until.ts';
import { append } from './work.ts';

const fleet = testFleet();
let roles: Roles;

const databaseOf = ({ home }: FleetNode): string[] =>
  readdirSync(home)
    .filter((name) => name.startsWith('vigil.db'))
    .map((name) => path.join(home, name));

const doctor = (node: FleetNode) => node.call('GET', '/v1/doctor', DoctorView);

/** What a node tells of a task, but for the order in which it heard of it. */
async function explain(node: FleetNode, id: string): Promise<unknown> {
  const told = await node.call('GET', `/v1/tasks/${id}/explain`, ExplanationView);
  return JSON.parse(
    JSON.stringify(told, (key, value: unknown) => (key === 'pos' ? undefined : value)),
  ) as unknown;
}

test('a node whose log was restored from an old backup fetches it back, and does not begin a second one', async () => {
  tellOnFailure(fleet);
  roles = await fleet.three('follower');
  const { home, worker } = roles;
  const [before = ''] = await worker.add(append('before the backup'));
  await fleet.untilMerged([before]);
  await worker.stop();
  const backup = path.join(fleet.folder, 'backup');
  mkdirSync(backup);
  for (const file of databaseOf(worker)) cpSync(file, path.join(backup, path.basename(file)));

  await worker.start();
  const [after = ''] = await worker.add({
    ...append('after the backup'),
    capabilities: [worker.name],
  });
  await fleet.untilMerged([before, after]);
  await until('the home has the whole log', () => {
    const last =
      logsOf(worker)
        .events.filter(({ node }) => node === worker.id)
        .at(-1)?.seq ?? 0;
    return logsOf(home).hashes.has(`${worker.id} ${last}`);
  });
  await worker.crash();
  const written = logsOf(home).events.filter(({ node }) => node === worker.id);
  for (const file of databaseOf(worker)) rmSync(file);
  for (const name of readdirSync(backup))
    cpSync(path.join(backup, name), path.join(worker.home, name));

  await worker.start();
  const [last = ''] = await worker.add(append('after the restore'));
  await fleet.untilMerged([before, after, last]);
  const { hashes } = await checkInvariants(fleet);
  for (const { node, seq, hash } of written) expect(hashes.get(`${node} ${seq}`)).toBe(hash);
});

test('a broken row in the copy of a log is named, and put right from another node', async () => {
  tellOnFailure(fleet);
  const { home, worker } = roles;
  await worker.crash();
  const seq = 3;
  const database = new Database(path.join(worker.home, 'vigil.db'));
  const { changes } = database
    .prepare(
      `UPDATE events SET body = replace(body, '"type"', '"typo"') WHERE node = ? AND seq = ?`,
    )
    .run(home.id, seq);
  database.close();
  expect(changes).toBe(1);
  expect(logsOf(worker).problems.join()).toContain(`${home.id} ${seq}`);
  await worker.start();
  await until('the copy is whole again', async () => {
    const { checks } = await doctor(worker);
    return checks.find(({ name, verdict }) => name === 'log' && verdict === 'ok') ?? null;
  });
  await checkInvariants(fleet);
  const events = await worker.events();
  const told = events.filter(({ node, type }) => node === worker.id && type.startsWith('log.'));
  expect(told.map(({ type }) => type)).toEqual(['log.broken', 'log.repaired']);
});

test('a node whose database has lost a page says so and does not start, and is back from a backup', async () => {
  tellOnFailure(fleet);
  const { worker } = roles;
  await worker.stop();
  const file = path.join(worker.home, 'vigil.db');
  const sound = readFileSync(file);
  const database = new Database(file, { readonly: true });
  const root = database
    .prepare<unknown[], number>(`SELECT rootpage FROM sqlite_schema WHERE name = 'events'`)
    .pluck()
    .get();
  const size = Number(database.pragma('page_size', { simple: true }));
  database.close();
  if (root === undefined) throw new Error('there are events');
  const damaged = Buffer.from(sound);
  damaged.fill(0xa5, (root - 1) * size, root * size);
  writeFileSync(file, damaged);
  await expect(worker.start()).rejects.toThrow(
    /vigil\.db is damaged[\s\S]*[Rr]estore it from a backup[\s\S]*a member of a mesh gets its log back/,
  );
  expect(readFileSync(file).equals(damaged), 'what is left is not touched').toBe(true);
  writeFileSync(file, sound);
  await worker.start();
  await fleet.whole();
  await checkInvariants(fleet);
});

test('a node that has lost its database comes back as itself, with its whole log from the others', async () => {
  tellOnFailure(fleet);
  const { home, worker } = roles;
  const others = fleet.nodes.filter((node) => node !== worker);
  const [third] = others.filter((node) => node !== home);
  if (!third) throw new Error('there are three');
  // Its own, and one that is open still: neither may be forgotten or done twice.
  const [done = ''] = await worker.add({ ...append('before'), capabilities: [worker.name] });
  await fleet.untilMerged([done]);
  const [open = ''] = await worker.add({ ...append('open'), capabilities: ['gpu'] });
  await until('all know the open one', async () => {
    const all = await Promise.all(fleet.nodes.map((node) => node.tasks()));
    return all.every((tasks) => tasks.some(({ id }) => id === open));
  });
  const explained = await explain(worker, done);
  await worker.stop();
  const before = await checkInvariants(fleet, others);
  const own = before.events.filter(({ node }) => node === worker.id);
  await third.stop();
  const aside = path.join(fleet.folder, 'aside');
  mkdirSync(aside);
  for (const file of databaseOf(worker)) renameSync(file, path.join(aside, path.basename(file)));

  // Who may have more of its log than the rest is waited for: what is there must not become a second history.
  await expect(worker.start()).rejects.toThrow(
    /do not all answer: [^;]*\)\.[\s\S]*Start the nodes that are named/,
  );
  expect(databaseOf(worker), 'nothing has begun').toEqual([]);
  await expect(fleet.cli(worker, 'task', 'list')).rejects.toThrow(/its database .* is gone/);
  await third.start();
  const { id } = worker;
  await worker.start();
  expect((await worker.status()).node).toBe(id);
  const [after = ''] = await worker.add({ ...append('after'), capabilities: [worker.name] });
  await fleet.untilMerged([done, after]);
  const { events, hashes } = await checkInvariants(fleet);
  for (const { node, seq, hash } of own) expect(hashes.get(`${node} ${seq}`)).toBe(hash);
  expect(events.filter(({ body }) => body.type.startsWith('log.fork'))).toEqual([]);
  for (const node of fleet.nodes) {
    expect((await node.task(open)).status, node.name).toBe('open');
    expect(await explain(node, done), node.name).toEqual(explained);
  }
});

test('a node that is put out is out at once, and what it does from then on changes nothing', async () => {
  tellOnFailure(fleet);
  const { home, worker } = roles;
  const staying = fleet.nodes.filter((node) => node !== worker);
  await home.call('POST', `/v1/nodes/${worker.id}/revoke`, RevokedView);
  await until('nobody sees it any more', async () => {
    const views = await Promise.all(staying.map((node) => node.sees(worker)));
    return views.every((view) => view === undefined);
  });
  await until('its own user is told', async () => {
    const { notices } = await worker.call('GET', '/v1/notices', NoticesView);
    return notices.some(({ level, title }) => level === 'critical' && /put out/.test(title));
  });
  const [late = ''] = await worker.add(append('by one who is out')).catch(() => []);
  const [id = ''] = await home.add(append('by one who is in'));
  await fleet.untilMerged([id], staying);
  const all = await Promise.all(staying.map((node) => node.tasks()));
  expect(all.flat().map((task) => task.id)).not.toContain(late);
  await checkInvariants(fleet, staying);
  const events = logsOf(home).events.filter(({ body }) => body.type === 'member.revoked');
  expect(events.map(({ body }) => body)).toMatchObject([{ peer: worker.id }, { peer: worker.id }]);

  // One that leaves goes on alone.
  const [leaving] = staying.filter((node) => node !== home);
  if (!leaving) throw new Error('two nodes are left');
  await leaving.call('POST', '/v1/mesh/leave', LeftView);
  await until('it is gone', async () => (await home.sees(leaving)) === undefined);
  const [alone = ''] = await home.add(append('alone'));
  await fleet.untilMerged([alone], [home]);
  expect((await leaving.status()).running).toBe(true);
});
