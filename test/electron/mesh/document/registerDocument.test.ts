import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { RegisterDocument } from '../../../../electron/mesh/document/registerDocument.ts';
import type { DocumentTrouble } from '../../../../electron/mesh/document/registerIndex.ts';
import { MAX_REGISTER_BYTES } from '../../../../electron/mesh/document/storedRegister.ts';
import { errorOf } from '../../store/helpers.ts';
import { nodeIds, registersOf } from './documentNode.ts';

const [a, b] = nodeIds(2) as [
  ReturnType<typeof nodeIds>[number],
  ReturnType<typeof nodeIds>[number],
];
const at = (seq: number) => ({ seq, clock: seq });

function documents(): [RegisterDocument, RegisterDocument] {
  return [new RegisterDocument({ node: a }), new RegisterDocument({ node: b })];
}

/** Gives `to` what it lacks of `from`. */
function copy(from: RegisterDocument, to: RegisterDocument): void {
  to.apply(Y.diffUpdate(from.encode(), to.vector()));
}

/** An update that no Vigil would write. */
function foreign(write: (doc: Y.Doc) => void): Uint8Array {
  const doc = new Y.Doc();
  write(doc);
  return Y.encodeStateAsUpdate(doc);
}

const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

describe('registers', () => {
  test('are read by entity, one for each name and writer, the newest of each', () => {
    const [one, two] = documents();
    one.put('task/T-1', 'spec', at(1), { title: 'x' });
    one.put('task/T-1', 'assignment', at(2), { term: 1 });
    one.put('task/T-1', 'assignment', at(3), { term: 2 });
    two.put('task/T-1', 'assignment', at(1), { term: 3 });
    copy(two, one);
    expect(one.read('task/T-1')).toEqual([
      { entity: 'task/T-1', name: 'assignment', stamp: { node: a, ...at(3) }, value: { term: 2 } },
      { entity: 'task/T-1', name: 'assignment', stamp: { node: b, ...at(1) }, value: { term: 3 } },
      { entity: 'task/T-1', name: 'spec', stamp: { node: a, ...at(1) }, value: { title: 'x' } },
    ]);
  });

  test('of two nodes that made the same entity while apart are all kept', () => {
    const [one, two] = documents();
    one.put('policy/budget', 'caps', at(1), 1);
    two.put('policy/budget', 'caps', at(1), 2);
    copy(one, two);
    copy(two, one);
    expect(registersOf(one)).toHaveLength(2);
    expect(registersOf(two)).toEqual(registersOf(one));
  });

  test('leave with their entity, whoever wrote them, and are told as touched', () => {
    const [one, two] = documents();
    two.put('task/T-1', 'attempt', at(1), 1);
    two.put('task/T-2', 'attempt', at(2), 1);
    copy(two, one);
    const touched: string[][] = [];
    two.onChange((entities) => touched.push([...entities]));
    one.remove('task/T-1');
    copy(one, two);
    expect(touched).toEqual([['task/T-1']]);
    expect(two.entities()).toEqual(['task/T-2']);
    expect(two.read('task/T-1')).toEqual([]);
  });

  test('a transaction is one change, in which the last put counts and a removal comes first or last as written', () => {
    const [one, two] = documents();
    one.put('task/T-1', 'old', at(1), 0);
    const updates: number[] = [];
    two.onChange((entities) => updates.push(entities.size));
    one.transact(() => {
      one.remove('task/T-1');
      one.put('task/T-1', 'spec', at(2), 1);
      one.put('task/T-1', 'spec', at(3), 2);
      one.put('task/T-2', 'spec', at(3), 3);
      one.remove('task/T-2');
    });
    copy(one, two);
    expect(updates).toEqual([1]);
    expect(registersOf(two).map(({ name, value }) => [name, value])).toEqual([['spec', 2]]);
  });

  test('a transaction that throws writes nothing', () => {
    const [one] = documents();
    const write = () =>
      one.transact(() => {
        one.put('task/T-1', 'spec', at(1), 1);
        throw new Error('no');
      });
    expect(write).toThrow('no');
    expect(one.entities()).toEqual([]);
    expect(one.pending()).toBeNull();
  });

  test('the same value again writes nothing', () => {
    const [one] = documents();
    one.put('task/T-1', 'spec', at(1), 1);
    one.pending()?.released();
    one.put('task/T-1', 'spec', at(1), 1);
    expect(one.pending()).toBeNull();
  });

  test('stay as they are while an update builds on what has not arrived, and are asked for', () => {
    const [one, two] = documents();
    one.put('project/app', 'state', at(1), 'old');
    copy(one, two);
    one.apply(foreign((doc) => doc.getArray(a).push([bytes(['project/x', 'state', 1, 1, 'lie'])])));
    one.put('project/y', 'state', at(2), 'between');
    const before = one.vector();
    one.put('project/app', 'state', at(3), 'new');
    const update = Y.diffUpdate(one.encode(), before);
    expect(two.apply(update)).toEqual({ news: null, gap: true });
    expect(two.read('project/app')[0]?.value).toBe('old');
    copy(one, two);
    expect(two.read('project/app')[0]?.value).toBe('new');
  });

  test('that a reader does not accept are not there for it', () => {
    const [one, two] = documents();
    const reader = new RegisterDocument({
      node: a,
      accepts: ({ stamp }) => !(stamp.node === b && stamp.seq > 1),
    });
    two.put('task/T-1', 'spec', at(1), 'before its cut');
    two.put('task/T-2', 'spec', at(2), 'after its cut');
    one.put('task/T-3', 'spec', at(9), 'of another');
    copy(one, reader);
    copy(two, reader);
    expect(reader.entities('task/').sort()).toEqual(['task/T-1', 'task/T-3']);
    expect(reader.read('task/T-2')).toEqual([]);
  });

  test('too large, or under a name that can not be, are refused where they are written', async () => {
    const [one] = documents();
    const put = (entity: string, name: string, value: unknown) => () =>
      one.put(entity, name, at(1), value);
    expect((await errorOf(put('task/T-1', 'spec', 'x'.repeat(MAX_REGISTER_BYTES)))).code).toBe(
      'too-large',
    );
    expect((await errorOf(put('no such place', 'spec', 1))).code).toBe('invalid-input');
    expect((await errorOf(put('task/T-1', 'a b', 1))).code).toBe('invalid-input');
    expect((await errorOf(put('task/T-1', 'spec', undefined))).code).toBe('invalid-input');
    expect(one.pending()).toBeNull();
  });
});

describe('what is durable', () => {
  test('is stored in the order of its writing and read by the next run', () => {
    const disk: Uint8Array[] = [];
    const one = new RegisterDocument({ node: a });
    for (let n = 1; n <= 5; n += 1) {
      one.put('task/T-1', 'spec', at(n), n);
      const pending = one.pending();
      if (pending) disk.push(pending.update);
    }
    const next = new RegisterDocument({ node: a, updates: disk });
    expect(next.read('task/T-1').map(({ value }) => value)).toEqual([5]);
  });

  test('is sent on only then, and a later batch vouches for an earlier one', () => {
    const [one, two] = documents();
    const sent: Uint8Array[] = [];
    one.onReleased((update) => sent.push(update));
    one.put('task/T-1', 'spec', at(1), 1);
    one.pending();
    one.put('task/T-1', 'spec', at(2), 2);
    const second = one.pending();
    expect(sent).toEqual([]);
    second?.released();
    expect(sent).toHaveLength(1);
    for (const update of sent) two.apply(update);
    expect(two.read('task/T-1').map(({ value }) => value)).toEqual([2]);
  });

  test('is all that someone who asks is given, also while more is written', () => {
    const [one, two] = documents();
    one.put('task/T-1', 'spec', at(1), 1);
    const given: Uint8Array[] = [];
    one.answer(two.vector(), (update) => given.push(update));
    const first = one.pending();
    one.put('task/T-1', 'spec', at(2), 2);
    expect(given).toEqual([]);
    first?.released();
    expect(given).toHaveLength(1);
    two.apply(given[0] ?? new Uint8Array());
    expect(two.read('task/T-1').map(({ value }) => value)).toEqual([1]);
  });

  test('one who asks while the last batch is being stored is answered with it', () => {
    const [one, two] = documents();
    one.put('task/T-1', 'spec', at(1), 1);
    const pending = one.pending();
    const given: Uint8Array[] = [];
    one.answer(two.vector(), (update) => given.push(update));
    expect(given).toEqual([]);
    pending?.released();
    expect(given).toHaveLength(1);
  });

  test('a file that is no document is named', async () => {
    const open = () => new RegisterDocument({ node: a, updates: [new Uint8Array([9, 9, 9])] });
    expect((await errorOf(open)).code).toBe('store-corrupt');
  });
});

describe('updates that no Vigil writes', () => {
  const refused: [string, Uint8Array][] = [
    ['a map', foreign((doc) => doc.getMap('entities').set('task/T-1', 1))],
    ['a list without bytes', foreign((doc) => doc.getArray(a).push(['text']))],
    ['a nested type', foreign((doc) => doc.getArray(a).push([new Y.Map()]))],
    ['a list that is no node', foreign((doc) => doc.getArray('Not A Node').push([bytes(1)]))],
    ['a text', foreign((doc) => doc.getText(a).insert(0, 'x'))],
    ['a subdocument', foreign((doc) => doc.getArray(a).push([new Y.Doc()]))],
    ['nothing', new Uint8Array()],
  ];
  test.each(refused)('are refused and change nothing: %s', async (_, update) => {
    const [one] = documents();
    one.put('task/T-1', 'spec', at(1), 1);
    const before = one.encode();
    expect((await errorOf(() => one.apply(update))).code).toBe('invalid-input');
    expect(one.encode()).toEqual(before);
  });

  test('are refused when they write by the id of this process', async () => {
    const one = new RegisterDocument({ node: a, clientId: 7 });
    const update = foreign((doc) => {
      doc.clientID = 7;
      doc.getArray(a).push([bytes(['task/T-1', 'spec', 1, 1, 'forged'])]);
    });
    expect((await errorOf(() => one.apply(update))).message).toContain('writes as this node');
    one.put('task/T-1', 'spec', at(1), 'own');
    expect(one.read('task/T-1').map(({ value }) => value)).toEqual(['own']);
  });

  const passedOver: [string, Uint8Array][] = [
    ['not JSON', new Uint8Array([0xff, 0xfe])],
    ['no register', bytes({ entity: 'task/T-1' })],
    ['a name that can not be', bytes(['task/T-1', '../x', 1, 1, null])],
    ['a negative seq', bytes(['task/T-1', 'spec', -1, 1, null])],
    ['too large', bytes(['task/T-1', 'spec', 1, 1, 'x'.repeat(MAX_REGISTER_BYTES)])],
  ];
  test.each(passedOver)('in a list of a node are passed over and named: %s', (_, value) => {
    const troubles: DocumentTrouble[] = [];
    const one = new RegisterDocument({ node: a, onTrouble: (trouble) => troubles.push(trouble) });
    const { news } = one.apply(foreign((doc) => doc.getArray(b).push([value])));
    expect(troubles.map(({ writer }) => writer)).toEqual([b]);
    expect(one.entities()).toEqual([]);
    expect(news).not.toBeNull();
  });

  test('leave the document whole and converging, whatever their bytes', () => {
    const [source] = documents();
    for (let n = 1; n <= 8; n += 1) source.put(`task/T-${n}`, 'spec', at(n), { n });
    source.remove('task/T-3');
    const valid = source.encode();
    const hostile = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc
        .array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 })
        .map((changes) => {
          const changed = valid.slice();
          for (const [where, byte] of changes) changed[where] = byte;
          return changed;
        }),
      fc.nat(valid.length - 1).map((length) => valid.slice(0, length)),
    );
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 1, maxLength: 4 }), (updates) => {
        const honest = new RegisterDocument({ node: b });
        honest.put('task/T-100', 'spec', at(1), 'honest');
        for (const update of updates) {
          try {
            honest.apply(update);
          } catch (error) {
            expect(error).toMatchObject({ code: 'invalid-input' });
            expect((error as Error).message).not.toContain("it can't be applied");
          }
        }
        // What came of it can be written on, stored, and read by another alike.
        honest.put('task/T-101', 'spec', at(2), 'still here');
        const other = new RegisterDocument({ node: a, updates: [honest.encode()] });
        expect(registersOf(other)).toEqual(registersOf(honest));
        expect(honest.read('task/T-101')).toHaveLength(1);
      }),
      { numRuns: 1_500 },
    );
  });
});
