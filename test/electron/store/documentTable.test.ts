import { describe, expect, test } from 'vitest';
import { DocumentStage } from '../../../electron/mesh/document/documentStage.ts';
import { RegisterDocument } from '../../../electron/mesh/document/registerDocument.ts';
import { EventStore } from '../../../electron/store/store.ts';
import { openStore, tempHome } from './helpers.ts';
import { cancelled, node } from './samples.ts';

const bytes = (...values: number[]): Uint8Array => new Uint8Array(values);
const numbers = (updates: Uint8Array[]): number[][] => updates.map((update) => [...update]);

describe('the stored document', () => {
  test('is on disk with the events that it came with, or not at all', async () => {
    const home = tempHome();
    const store = EventStore.open(home, node);
    store.append([cancelled(1)], 1);
    store.appendToDocument(bytes(1));
    expect(store.loadDocument()).toEqual([]);
    await store.flush();
    store.appendToDocument(bytes(2));
    await store.flush();
    store.close();
    const next = openStore(home);
    expect(numbers(next.loadDocument())).toEqual([[1], [2]]);
    expect(next.documentSize).toEqual({ rows: 2, bytes: 2 });
  });

  test('is replaced by its whole state, with what was still to be written', async () => {
    const store = openStore();
    store.appendToDocument(bytes(1));
    await store.flush();
    store.appendToDocument(bytes(2));
    store.replaceDocument(bytes(3, 3));
    store.appendToDocument(bytes(4));
    expect(numbers(store.loadDocument())).toEqual([[1]]);
    await store.flush();
    expect(numbers(store.loadDocument())).toEqual([[3, 3], [4]]);
    expect(store.documentSize).toEqual({ rows: 2, bytes: 3 });
  });

  test('of a node is what it wrote and received, and stays about as large as what is alive', async () => {
    const home = tempHome();
    const store = EventStore.open(home, node);
    const document = new RegisterDocument({ node });
    const stage = new DocumentStage(document, store);
    let released = 0;
    document.onReleased(() => (released += 1));
    for (let n = 1; n <= 1_500; n += 1) {
      document.transact(() => {
        document.put(`task/T-${n}`, 'spec', { seq: n, clock: n }, 'x'.repeat(1_000));
        document.remove(`task/T-${n - 5}`);
      });
      const done = stage.put();
      if (n % 50 > 0) continue;
      expect(released).toBe(n / 50 - 1);
      await store.flush();
      done?.();
    }
    expect(stage.put()).toBeNull();
    expect(store.documentSize.bytes).toBeLessThan(1_100_000);
    store.close();
    const next = openStore(home);
    const again = new RegisterDocument({ node, updates: next.loadDocument() });
    expect(again.encode().byteLength).toBe(document.encode().byteLength);
    expect(again.entities().sort()).toEqual(
      [1496, 1497, 1498, 1499, 1500].map((n) => `task/T-${n}`),
    );
  });
});
